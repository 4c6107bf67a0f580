"""Nights of a newspaper whose feed forgets what it announced: what was not got is asked for again, and has its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.forecast import forecast_source
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.sources.seeds import read_sources
from storage.catalog import CrawlRow
from storage.model.outcome import Outcome
from tests.archive.homes import FIRST, ledger_of, make_home, manifest_of, only_crawl, open_home, run_of, take_steps
from tests.archive.homes import plan as plan_night
from tests.conftest import S3Server
from tests.spiders.crawling import card
from tests.spiders.press import Press, Reply, feed
from tests.storage.known_rows import find_pending

P = "http://paper.test"
SOURCE = "aa-paper"
PASSING = Reply(408)
"""It is a failure that passes, and not one that is tried twice more at once."""


def story(path: str) -> str:
    return (
        f"<p>The council has decided about {path[1:]}, which is to be repaired before the spring, as it was said.</p>"
        * 4
    )


class Paper:
    """A newspaper and its archive; ``pass_night`` opens that anew each time."""

    def __init__(self, press: Press, home: Path, server: S3Server, **fields: Any) -> None:
        self.press = press
        source = card(SOURCE, delay_seconds=0, **fields)
        self._home = make_home(home, source.model_dump(mode="json"))
        self._s3 = server.new_prefix()

    def open(self, number: int) -> Archive:
        night = FIRST + timedelta(days=number)
        return open_home(self._home, self._s3, night, connect_to=self.press.connect_to[0])

    def pass_night(self, number: int) -> dict[str, Outcome]:
        """Pass the night, and return the rows of its articles by path."""
        self.press.asked.clear()
        with self.open(number) as archive:
            take_steps(archive, run_of(archive), plan_night(archive, run_of(archive)))
            planned = only_crawl(archive)
            rows = ledger_of(archive.store, manifest_of(archive, planned))
        return {url.removeprefix(P): one for url, one in rows.items() if one.purpose == "article"}

    def crawl_now(self, number: int) -> None:
        with self.open(number) as archive:
            run = run_of(archive, "by hand")
            take_steps(archive, run, tasks.plan_request(archive, run, {"sources": [SOURCE]}))

    def row(self, number: int) -> CrawlRow:
        with self.open(number) as archive:
            (row,) = [one for one in archive.catalog.find_crawls(FIRST + timedelta(days=number)) if is_nightly(one)]
            return row

    def asked(self) -> Counter[str]:
        return Counter(one.url.removeprefix(P) for one in self.press.asked)


def is_nightly(row: CrawlRow) -> bool:
    return row.trigger == "nightly"


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture
def paper(press: Press, tmp_path: Path, s3_server: S3Server) -> Paper:
    return Paper(press, tmp_path / "home", s3_server, looks=(2, 4))


def end(row: Outcome | None) -> str | None:
    """Return how a row ended, and whether its URL was given up."""
    return " ".join(filter(None, (row.state, row.reason, row.pending))) if row else None


def test_what_failed_is_asked_for_on_four_nights_whatever_the_feed_says(paper: Paper) -> None:
    press = paper.press
    press.put(f"{P}/feed", feed("/fails", "/recovers", "/held"), feed("/other"))
    press.put(f"{P}/fails", PASSING)
    press.put(f"{P}/recovers", PASSING, story("/recovers"))
    press.put(f"{P}/held", story("/held"), PASSING, story("/held"))
    press.put(f"{P}/other", story("/other"))
    ends: dict[str, list[str | None]] = {"/fails": [], "/recovers": [], "/held": []}
    for number in range(6):
        rows = paper.pass_night(number)
        for path, found in ends.items():
            found.append(end(rows.get(path)))
        if number == 1:
            paper.crawl_now(number)
            assert paper.asked()["/fails"] == 1, "by hand on the same night it is not asked for again"
    assert ends == {
        "/fails": ["failed http_408"] * 3 + [None, "failed http_408 given_up", None],
        "/recovers": ["failed http_408", "captured", None, "unchanged", None, None],
        "/held": ["captured", None, "failed http_408", "unchanged", None, None],
    }
    counts = [(row.pending, row.given_up) for row in map(paper.row, range(6))]
    assert counts == [(2, None), (1, None), (1, None), (1, None), (0, 1), (0, None)]
    with paper.open(6) as archive:
        before = find_pending(archive.catalog, SOURCE)
        rebuild(archive)
        assert find_pending(archive.catalog, SOURCE) == before
        assert {url: one.given_up for url, one in before.items()} == {f"{P}/fails": True}


def test_what_was_over_budget_takes_half_of_later_nights_while_new_ones_wait(
    press: Press, tmp_path: Path, s3_server: S3Server
) -> None:
    paper = Paper(press, tmp_path / "home", s3_server, nightly_budget=4, looks=(30,))
    old = [f"/old-{number}" for number in range(9)]
    new = [f"/new-{number}" for number in range(3)]
    for path in old + new:
        press.put(f"{P}{path}", story(path))
    press.put(f"{P}/feed", feed(*old), feed(*new))
    assert sum(one.state == "captured" for one in paper.pass_night(0).values()) == 4
    with paper.open(1) as archive:
        (source,), _ = read_sources(archive.settings)
        forecast, due = forecast_source(archive, source, FIRST + timedelta(days=1))
        assert (forecast.new, forecast.pending, forecast.put_off, len(due)) == (4, 2, 3, 5)
    second = paper.pass_night(1)
    got = Counter(path[:5] for path, one in second.items() if one.state == "captured")
    assert got == {"/old-": 2, "/new-": 2}
    assert Counter(map(end, second.values())) == {"captured": 4, "skipped budget": 4}
    assert {one.via for path, one in second.items() if path in old} == {"pending"}
    third = paper.pass_night(2)
    assert Counter(path[:5] for path, one in third.items() if one.state == "captured") == {"/old-": 3, "/new-": 1}
    assert paper.row(2).pending == 0


def test_what_fails_every_night_keeps_nothing_from_being_asked_once(
    press: Press, tmp_path: Path, s3_server: S3Server
) -> None:
    paper = Paper(press, tmp_path / "home", s3_server, nightly_budget=2)
    press.put(f"{P}/feed", feed("/fails", "/fails-too", "/waits"), feed("/other"))
    press.put(f"{P}/fails", PASSING)
    press.put(f"{P}/fails-too", PASSING)
    press.put(f"{P}/waits", story("/waits"))
    press.put(f"{P}/other", story("/other"))
    assert end(paper.pass_night(0)["/waits"]) == "skipped budget"
    assert end(paper.pass_night(1)["/waits"]) == "captured"


def test_what_is_put_off_until_it_is_too_old_is_given_up_once(
    press: Press, tmp_path: Path, s3_server: S3Server
) -> None:
    paper = Paper(press, tmp_path / "home", s3_server, nightly_budget=1, recent_days=1)
    for path in ("/a", "/b", "/c", "/d"):
        press.put(f"{P}{path}", story(path))
    press.put(f"{P}/feed", feed("/a", "/b", "/c", "/d"), feed("/a"))
    with capture_logs() as events:
        found = [Counter(map(end, paper.pass_night(number).values())) for number in range(4)]
    told = [one["articles"] for one in events if one["event"] == "articles given up"]
    assert told == [2], "the report says so"
    assert [one["skipped budget given_up"] for one in found] == [0, 0, 2, 0]
    assert [paper.row(number).given_up for number in range(4)] == [None, None, 2, None]
    assert [paper.row(number).pending for number in range(4)] == [3, 2, 0, 0]


def test_a_robots_txt_that_cannot_be_read_settles_nothing_and_one_that_forbids_does(paper: Paper) -> None:
    press = paper.press
    press.put(f"{P}/feed", feed("/a"), feed("/b"))
    press.put(f"{P}/a", PASSING)
    press.put(f"{P}/b", story("/b"))
    paper.pass_night(0)
    press.put(f"{P}/robots.txt", Reply(500))
    with pytest.raises(Exception, match="robots"):
        paper.pass_night(1)
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /a")
    assert end(paper.pass_night(2)["/a"]) == "refused robots"
    assert paper.row(2).pending == 0
    assert "/a" not in paper.pass_night(3)
