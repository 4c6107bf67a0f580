"""A backfill of the demo's paper: today's captures of the articles that its archive still lists for nights gone by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import read_plan
from hemeroteca.cli.missed_nights import find_empty_backfills, format_gap
from hemeroteca.demo import Newspapers
from hemeroteca.demo.announcements import ARCHIVE_DAYS
from hemeroteca.demo.papers import PAPERS
from hemeroteca.demo.stories import list_announced
from storage.catalog import CrawlRow
from storage.model.crawl import Gap
from storage.table_reads import read_table
from tests.archive.homes import FIRST, demo_card, make_home, open_home, run_of, take_steps
from tests.conftest import S3Server

DAY = timedelta(days=1)
OLDEST = FIRST - timedelta(days=max(ARCHIVE_DAYS))
PAPER = next(paper for paper in PAPERS if paper.language == "es")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Archive]:
    home = make_home(tmp_path_factory.mktemp("backfill") / "home", demo_card("faro"))
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3_server.new_prefix(), connect_to=newspapers.connect_to)
        yield archive
        archive.close()


@pytest.fixture(scope="module")
def filled(archive: Archive) -> CrawlRow:
    """The backfill of the two oldest nights that the paper's archive still lists."""
    return backfill(archive, OLDEST, OLDEST + DAY)


def backfill(archive: Archive, since: date, until: date) -> CrawlRow:
    run = run_of(archive, f"{since}..{until}")
    form: dict[str, object] = {"sources": ["demo-faro"], "since": str(since), "until": str(until)}
    take_steps(archive, run, tasks.plan_request(archive, run, form))
    (planned,) = read_plan(archive, run).crawls()
    (row,) = [row for row in archive.catalog.find_crawls(FIRST) if row.crawl_id == planned.crawl.id]
    return row


def test_articles_of_the_nights_asked_for_are_captured_under_tonight(archive: Archive, filled: CrawlRow) -> None:
    wanted = {story.url for story in list_announced(PAPER, FIRST, ARCHIVE_DAYS[-2:])}
    found = [one for one in archive.catalog.find_captures(crawl_id=filled.crawl_id) if one.purpose == "article"]
    assert {one.target_uri for one in found if one.status == 200} == wanted
    assert {one.night for one in found} == {FIRST}
    assert (filled.trigger, filled.for_since, filled.for_until) == ("backfill", OLDEST, OLDEST + DAY)
    assert list(find_empty_backfills([filled])) == []
    assert set(read_table(archive.store, "documents", FIRST)["url"].to_pylist()) == wanted


def test_what_can_no_longer_be_discovered_is_said(archive: Archive) -> None:
    row = backfill(archive, date(2020, 1, 1), date(2020, 1, 1))
    assert list(find_empty_backfills([row])) == [
        "demo-faro: 2020-01-01 to 2020-01-01: nothing lists the articles of those nights any more"
    ]


def test_a_gap_is_marked_once_it_is_backfilled(filled: CrawlRow) -> None:
    since = datetime(OLDEST.year, OLDEST.month, OLDEST.day, tzinfo=UTC)
    gap = Gap(url="http://a.test/feed", since=since, until=since + timedelta(hours=31))
    crawl = filled.replace(gaps=(gap,), trigger="nightly", for_since=None, for_until=None)
    assert format_gap(crawl, []) == "31h"
    assert format_gap(crawl, [filled]) == "31h+"
    assert format_gap(crawl, [filled.replace(for_until=OLDEST)]) == "31h"
    assert format_gap(crawl, [filled.replace(source_id="demo-courier")]) == "31h"


def test_nights_without_a_crawl_are_counted(filled: CrawlRow) -> None:
    nightly = filled.replace(trigger="nightly", nightly_before=filled.night - 3 * DAY)
    assert format_gap(nightly, []) == "2n"
    assert format_gap(nightly.replace(nightly_before=filled.night - DAY), []) == "-"
    assert format_gap(nightly.replace(nightly_before=None), []) == "-", "it is the first"
    assert format_gap(nightly.replace(trigger="manual"), []) == "-", "nobody misses a night of those"
