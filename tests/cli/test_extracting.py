"""``hemeroteca extract``: one page from anywhere, or many from files, without any archive."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import hemeroteca
from tests.cli.conftest import Run
from tests.extraction.pages import BODY, HEADLINE, URL, article
from tests.spiders.press import Press

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
    asked, *lines = hemeroteca("extract", str(file), "--as", "explain").stdout.splitlines()
    assert asked.startswith("trafilatura was")
    verdicts = dict(zip((line.strip() for line in lines[1::2]), lines[::2], strict=True))
    assert all(verdicts[paragraph].startswith("kept") for paragraph in BODY)
    assert verdicts[HEADLINE].startswith("dropped") and "article > h1" in verdicts[HEADLINE]
    assert verdicts["All rights"].startswith("dropped") and "footer > p" in verdicts["All rights"]


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


def test_a_file_that_is_not_there_ends_with_1_and_its_name(hemeroteca: Run) -> None:
    said = hemeroteca("extract", "absent.html")
    assert said.returncode == 1 and "absent.html: No such file" in said.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["a.html", "--batch", "list"], ["a.html", "-o", "out"], ["--batch", "absent.jsonl"]]
)
def test_a_wrong_call_ends_with_2(hemeroteca: Run, arguments: list[str]) -> None:
    said = hemeroteca("extract", *arguments)
    assert said.returncode == 2 and "Traceback" not in said.stderr


def test_a_batch_writes_an_answer_a_row(hemeroteca: Run, file: Path, tmp_path: Path) -> None:
    rows = tmp_path / "list.jsonl"
    rows.write_text("".join(json.dumps({"id": name, "path": name}) + "\n" for name in (file.name, "absent")))
    out = tmp_path / "out.jsonl"
    said = hemeroteca("extract", "--batch", str(rows), "-o", str(out), "--workers", "1")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    good, bad = map(json.loads, out.read_text().splitlines())
    assert (good["id"], good["text"]) == (file.name, TEXT)
    assert (bad["id"], bad["text"], bad["reason"]) == ("absent", "", "file")


def test_a_batch_never_writes_over_its_own_list(hemeroteca: Run, tmp_path: Path) -> None:
    rows = tmp_path / "list.jsonl"
    rows.write_text('{"id": 1, "path": "absent"}\n')
    assert hemeroteca("extract", "--batch", str(rows), "-o", str(rows)).returncode == 2
    assert rows.read_text()


def test_an_address_is_asked_once_and_told_who_asks(hemeroteca: Run) -> None:
    with Press() as press:
        url = f"http://127.0.0.1:{press.port}/news"
        press.redirect(url, "/moved")
        press.put(f"http://127.0.0.1:{press.port}/moved", article())
        assert hemeroteca("extract", url, contact="desk@example.org").stdout == TEXT
        assert [one.url for one in press.asked] == [url, f"http://127.0.0.1:{press.port}/moved"]
        assert press.asked[0].headers["User-Agent"].endswith("(+desk@example.org)")


def test_a_redirect_never_leads_into_a_private_network(hemeroteca: Run) -> None:
    with Press() as press, Press() as other:
        url = f"http://127.0.0.1:{press.port}/news"
        press.redirect(url, f"http://localhost:{other.port}/secret")
        said = hemeroteca("extract", url)
        assert said.returncode == 1 and "localhost: leads to " in said.stderr and "not public" in said.stderr
        assert other.arrived == []


def test_nobody_is_asked_without_a_contact(hemeroteca: Run) -> None:
    said = hemeroteca("extract", "http://www.example.test/news")
    assert said.returncode == 2 and "HEMEROTECA_CONTACT" in said.stderr


def test_from_python_it_is_one_function(file: Path) -> None:
    assert hemeroteca.extract(file.read_bytes(), url=URL).text == TEXT
