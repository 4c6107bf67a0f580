"""``hemeroteca crawl URL…``: each address named gets its answer, in order, and status 1 when one was not captured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.reading.reasons import tell_reason
from tests.cli.conftest import Said, call
from tests.spiders.press import Press

P = "http://paper.test"


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        press.put(f"{P}/a", "<h1>a</h1>")
        press.redirect(f"{P}/old", "/a")
        press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
        yield press


def crawl(press: Press, home: Path, *arguments: str) -> Said:
    return call(home, "crawl", *arguments, demo="1", connect_to=press.connect_to[0], today="2026-03-01")


def test_each_address_has_its_answer_and_a_missing_one_makes_the_status_1(press: Press, tmp_path: Path) -> None:
    said = crawl(press, tmp_path / "home", f"{P}/a#top", f"{P}/gone", f"{P}/private/x")
    assert said.returncode == 1, said
    lines = said.stdout.splitlines()
    assert lines[:7] == [
        f"captured  {P}/a#top",
        f"failed (http_404)  {P}/gone",
        f"  {tell_reason('http_404').meaning}",
        f"  {tell_reason('http_404').advice}",
        f"refused (robots)  {P}/private/x",
        f"  {tell_reason('robots').meaning}",
        f"  {tell_reason('robots').advice}",
    ]
    assert lines[-1] == "Red: 2 of 3 addresses named were not captured"
    assert said.stderr.splitlines()[-1] == (
        "Next: `hemeroteca --demo failures --night 2026-03-01` says what was not captured, why, and what to do"
    )


def test_an_answer_is_a_json_object_too_and_a_redirect_is_followed(press: Press, tmp_path: Path) -> None:
    said = crawl(press, tmp_path / "home", "--json", f"{P}/old", f"{P}/a", f"{P}/old")
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    answers = [row for row in rows if "url" in row]
    assert [(row["url"], row["captured"], row["final_url"]) for row in answers] == [
        (f"{P}/old", True, f"{P}/a"),
        (f"{P}/a", True, None),
    ]
    assert "urn:uuid:" in answers[0]["record_id"]
    assert said.returncode == 0, said
    again = crawl(press, tmp_path / "home", f"{P}/a")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, f"unchanged  {P}/a")
