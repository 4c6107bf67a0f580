"""What is asked wrongly ends with 2 in every command, what the archive does not have with 1; both say what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

WRONG = [
    (["sources", "enable", "demo-couriers"], "demo-couriers: no such source; did you mean demo-courier?"),
    (["sources", "disable", "demo-couriers"], "did you mean demo-courier?"),
    (["crawl", "--source", "demo-faros"], "did you mean demo-faro?"),
    (["plan", "--source", "demo-faros"], "did you mean demo-faro?"),
    (["nightly", "--night", "soon"], "'soon' is no date: write it as 2026-03-01"),
    (["status", "--night", "2026-13-01"], "'2026-13-01' is no date: write it as 2026-03-01"),
    (["plan", "--night", "tonight"], "'tonight' is no date"),
    (["failures", "--night", "1.3.2026"], "'1.3.2026' is no date"),
    (["admin", "reextract", "--from", "soon"], "'soon' is no date"),
    (["nightly", "--night", "2999-01-01"], "the night of 2999-01-01 has not come yet"),
    (["ls", "http://a.test/", "--from", "2026-03-02", "--to", "2026-03-01"], "is later than --to"),
    (["crawl", "--source", "demo-faro", "--from", "2026-03-02", "--to", "2026-03-01"], "is after the last"),
    (["admin", "reextract", "--from", "2026-03-02", "--to", "2026-03-01"], "is after the last"),
    (["crawl", "ftp://a.test/"], "must be an absolute http or https address"),
    (["sources", "add", "ftp://a.test/"], "must be an absolute http or https address"),
    (["crawl", "-f", "no-such-list"], "no-such-list: No such file"),
    (["extract", "no-such-page.html"], "no-such-page.html: No such file"),
    (["extract", "--batch", "no-such-list"], "no-such-list: No such file"),
    (["admin", "check-warc", "no-such.warc.gz"], "no-such.warc.gz"),
    (["failures", "--reason", "robot"], "robot: no such reason; did you mean robots?"),
    (["nighty"], "Did you mean 'nightly'?"),
    (["status", "--nigth", "2026-03-01"], "--night"),
    (["get", "http://a.test/", "--as", "txt"], "'text'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_what_is_asked_wrongly_ends_with_2_and_says_how_to_ask(
    hemeroteca: Run, arguments: list[str], said: str
) -> None:
    ended = hemeroteca("--demo", *arguments)
    assert ended.returncode == 2, ended
    assert said in " ".join(ended.stderr.replace("│", " ").split())
    assert ended.stdout == "" and "Traceback" not in ended.stderr


ABSENT = [
    ["status"], ["failures"], ["ls", "http://a.test/"], ["get", "http://a.test/"], ["items"],
    ["cite", "http://a.test/"], ["documents"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", ABSENT, ids=" ".join)
def test_before_the_first_night_the_answer_is_no_and_names_the_command_that_makes_one(
    hemeroteca: Run, arguments: list[str]
) -> None:
    ended = hemeroteca("--demo", *arguments)
    assert ended.returncode == 1, ended
    assert "hemeroteca --demo nightly" in ended.stderr


def test_bad_rows_of_a_batch_are_summed_up_and_the_status_is_1(hemeroteca: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": 1, "path": "absent.html"}\nno JSON\n{"id": 3, "path": "gone.html"}\n')
    ended = hemeroteca("extract", "--batch", str(rows), "--workers", "1")
    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) == 3
    assert ended.stderr.startswith("3 of 3 rows failed (2 file, 1 row). The first: 1: file: absent.html: No such file")
