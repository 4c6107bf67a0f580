"""``hemeroteca extract``: one page from anywhere, or many from files, without any archive."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

import hemeroteca
from tests.cli.conftest import COMMAND, Run, environment
from tests.extraction.pages import BODY, HEADLINE, STANDFIRST, URL, article

TEXT = "\n".join(BODY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(article())
    return path


def test_a_file_gives_its_text_and_needs_no_archive(hemeroteca: Run, file: Path, home: Path) -> None:
    said = hemeroteca("extract", str(file))
    assert (said.returncode, said.stdout, said.stderr) == (0, TEXT, "")
    assert not home.exists()


def test_stdin_is_read_gzip_or_not(hemeroteca: Run) -> None:
    assert hemeroteca("extract", "-", stdin=article()).stdout == TEXT


def test_a_document_says_how_each_field_is_known(hemeroteca: Run, file: Path) -> None:
    packed = file.with_suffix(".gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    found = json.loads(hemeroteca("extract", str(packed), "--url", URL, "--as", "document").stdout)
    assert (found["title"], found["text"]) == (HEADLINE, TEXT)
    assert set(found["known"]) >= {"title", "authors", "published", "text"}


def test_explain_shows_each_block_kept_or_dropped_and_why(hemeroteca: Run, file: Path) -> None:
    counted, dropped, why, *lines = hemeroteca("extract", str(file), "--as", "explain").stdout.splitlines()
    assert counted == "of trafilatura's lines 1 dropped; 0 added"
    assert dropped == f"trafilatura kept, we dropped: {HEADLINE}" and why.strip()
    verdicts = dict(zip((line.strip() for line in lines[1::2]), lines[::2], strict=True))
    assert all(verdicts[paragraph].startswith("kept") for paragraph in BODY)
    assert verdicts[HEADLINE].startswith("dropped") and "article > h1" in verdicts[HEADLINE]
    assert verdicts["All rights"].startswith("dropped") and "footer > p" in verdicts["All rights"]


def test_explain_says_which_lines_are_added_to_trafilaturas_text(hemeroteca: Run, tmp_path: Path) -> None:
    head = f'<meta name="description" content="{STANDFIRST}">'
    above = f"<header><h2>{STANDFIRST}</h2></header>"
    (tmp_path / "page.html").write_text(article(head=head).replace("<article>", f"{above}<article>"))
    said = hemeroteca("extract", str(tmp_path / "page.html"), "--as", "explain").stdout.splitlines()
    assert said[said.index(f"we added: {STANDFIRST}") + 1].strip()


def test_a_page_without_a_text_has_a_document_with_its_title(hemeroteca: Run, tmp_path: Path) -> None:
    film = (
        f"<html><head><title>{HEADLINE}</title></head><body><h1>{HEADLINE}</h1><video src=v.webm></video></body></html>"
    )
    (tmp_path / "film.html").write_text(film)
    said = hemeroteca("extract", str(tmp_path / "film.html"))
    assert (said.returncode, said.stdout) == (1, "") and "no_main_text: " in said.stderr
    document = json.loads(hemeroteca("extract", str(tmp_path / "film.html"), "--as", "document").stdout)
    assert (document["title"], document["text"]) == (HEADLINE, "")
    (tmp_path / "list.jsonl").write_text('{"id": 1, "path": "film.html"}\n')
    row = json.loads(hemeroteca("extract", "--batch", str(tmp_path / "list.jsonl")).stdout)
    assert (row["title"], row["text"], row["reason"]) == (HEADLINE, "", "no_main_text")


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "not_html"), ("<html><p></p></html>", "no_main_text"), ("%PDF-1.7", "not_html"), ("{}", "not_html")],
)
def test_a_page_without_a_text_ends_with_1_and_the_reason(
    hemeroteca: Run, tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "page").write_text(content)
    said = hemeroteca("extract", str(tmp_path / "page"))
    assert said.returncode == 1 and said.stdout == "" and reason in said.stderr


def test_a_file_that_is_not_there_ends_with_2_and_its_name(hemeroteca: Run) -> None:
    said = hemeroteca("extract", "absent.html")
    assert said.returncode == 2 and "absent.html: No such file" in said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["a.html", "--batch", "list"], ["a.html", "-o", "out"], ["a.html", "--workers", "2"],
        ["--batch", "absent.jsonl"], ["--batch", "/dev/null", "--as", "text"], ["--batch", "/dev/null", "--url", URL],
        ["--batch", "/dev/null", "--fetched", "2026-03-01"], ["http://[::1"], ["http://127.0.0.1:99999/"],
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_2(hemeroteca: Run, arguments: list[str]) -> None:
    said = hemeroteca("extract", *arguments)
    assert said.returncode == 2 and "Traceback" not in said.stderr


def test_a_batch_writes_an_answer_a_row(hemeroteca: Run, file: Path, tmp_path: Path) -> None:
    rows = tmp_path / "list.jsonl"
    rows.write_text("".join(json.dumps({"id": name, "path": name}) + "\n" for name in (file.name, "absent")))
    out = tmp_path / "out.jsonl"
    said = hemeroteca("extract", "--batch", str(rows), "-o", str(out), "--workers", "1")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("1 of 2 rows failed (1 file). The first: absent: file: absent: No such file")
    good, bad = map(json.loads, out.read_text().splitlines())
    assert (good["id"], good["text"]) == (file.name, TEXT)
    assert (bad["id"], bad["text"], bad["reason"]) == ("absent", "", "file")


@pytest.fixture
def rows(tmp_path: Path, file: Path) -> Path:
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"id": 1, "path": file.name}) + "\n")
    return path


def test_the_output_of_a_batch_has_the_mode_that_its_user_wants(hemeroteca: Run, tmp_path: Path, rows: Path) -> None:
    before = os.umask(0o027)
    try:
        said = hemeroteca("extract", "--batch", str(rows), "-o", str(tmp_path / "out.jsonl"), "--workers", "1")
    finally:
        assert os.umask(before) == 0o027, "the command gave its own back"
    assert said.returncode == 0
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o640


def test_a_batch_never_writes_over_its_own_list(hemeroteca: Run, tmp_path: Path, rows: Path) -> None:
    same = tmp_path / "same.jsonl"
    same.hardlink_to(rows)
    for output in (rows, same):
        before = rows.read_text()
        said = hemeroteca("extract", "--batch", str(rows), "-o", str(output))
        assert said.returncode == 2 and "would overwrite the list" in said.stderr
        assert rows.read_text() == before


@pytest.mark.parametrize("options", [[], ["--memory"]])
def test_a_batch_never_writes_over_a_page_of_its_list(
    hemeroteca: Run, tmp_path: Path, rows: Path, file: Path, options: list[str]
) -> None:
    (tmp_path / "hard").hardlink_to(file)
    (tmp_path / "soft").symlink_to(file)
    for output in (file, tmp_path / "hard", tmp_path / "soft"):
        said = hemeroteca("extract", "--batch", str(rows), "-o", str(output), *options)
        assert said.returncode == 2 and "would overwrite the page page.html" in said.stderr
        assert file.read_text() == article()
    assert {path.name for path in tmp_path.iterdir()} == {"hard", "soft", rows.name, file.name}


def test_an_earlier_output_is_replaced_when_the_batch_is_whole(hemeroteca: Run, tmp_path: Path, rows: Path) -> None:
    out, link = tmp_path / "out.jsonl", tmp_path / "link"
    out.write_text("earlier")
    out.chmod(0o640)
    link.symlink_to(out)
    before = set(tmp_path.iterdir())
    assert hemeroteca("extract", "--batch", str(rows), "-o", str(link), "--workers", "1").returncode == 0
    assert json.loads(out.read_text())["text"] == TEXT
    assert link.is_symlink() and out.stat().st_mode & 0o777 == 0o640
    assert set(tmp_path.iterdir()) == before


def test_an_earlier_output_survives_a_batch_that_fails(home: Path, tmp_path: Path, rows: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("earlier")
    before = set(tmp_path.iterdir())
    command = f"ulimit -f 1; {COMMAND} extract --batch {shlex.quote(str(rows))} -o {shlex.quote(str(out))}"
    # the limit holds for bytecode too: Python would leave modules of 1 KiB in the checkout, which nobody can load
    without_bytecode = environment(home) | {"PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(["bash", "-c", command], env=without_bytecode, capture_output=True, text=True)
    assert said.returncode == 1 and "File too large" in said.stderr
    assert out.read_text() == "earlier"
    assert set(tmp_path.iterdir()) == before


def test_an_output_that_is_a_pipe_is_written_to(home: Path, rows: Path) -> None:
    command = [COMMAND, "extract", "--batch", str(rows), "-o", "/dev/stdout"]
    said = subprocess.run(command, env=environment(home), capture_output=True, text=True)
    assert said.returncode == 0 and json.loads(said.stdout)["text"] == TEXT


def test_a_disk_without_room_is_one_line(home: Path, rows: Path, file: Path) -> None:
    listed = shlex.quote(str(rows))
    calls = {f"--batch {listed} -o /dev/full": "/dev/full", f"--batch {listed} > /dev/full": "stdout",
             f"{shlex.quote(str(file))} > /dev/full": "stdout"}  # fmt: skip
    for arguments, name in calls.items():
        command = ["bash", "-c", f"{COMMAND} extract {arguments}"]
        said = subprocess.run(command, env=environment(home), capture_output=True, text=True)
        assert said.returncode == 1
        assert said.stderr.startswith(f"hemeroteca: {name}: ") and "No space left" in said.stderr.splitlines()[0]
        assert "Traceback" not in said.stderr


def test_rows_that_are_hostile_cost_no_other(hemeroteca: Run, tmp_path: Path, rows: Path) -> None:
    good = rows.read_text()
    hostile = ['{"id": "\\ud800", "path": "page.html"}', "[" * 100_000, '{"a":' * 100_000]
    rows.write_text("".join(f"{line}\n{good}" for line in hostile))
    said = hemeroteca("extract", "--batch", str(rows), "--workers", "1")
    assert said.returncode == 1 and said.stderr.startswith("3 of 6 rows failed (")
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [one["id"] for one in found] == ["\ud800", 1, None, 1, None, 1]
    assert [one.get("reason") for one in found] == ["row", None] * 3
    assert all(one["detail"] for one in found[::2])


def test_a_reader_that_has_enough_ends_a_batch_quietly(home: Path, tmp_path: Path, rows: Path, file: Path) -> None:
    rows.write_text(rows.read_text() * 40)
    command = [COMMAND, "extract", "--batch", str(rows), "--workers", "2"]
    with subprocess.Popen(
        command, env=environment(home) | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as batch:
        assert batch.stdout and batch.stderr
        assert json.loads(batch.stdout.readline())["text"] == TEXT
        batch.stdout.close()
        assert batch.stderr.read() == b""


def test_without_a_page_it_is_said_that_stdin_is_a_dash(hemeroteca: Run) -> None:
    assert "- for stdin" in hemeroteca("extract", stdin=article()).stderr


def test_from_python_it_is_one_function(file: Path) -> None:
    assert hemeroteca.extract(file.read_bytes(), url=URL).text == TEXT
