"""A crawl for nights gone by takes the articles of these nights, and says of every other that it is not of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from spiders.policy.backfill import NightRange, belongs_to, find_dates, make_archive_url
from storage.captures.exchange import ExchangeFacts
from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, known_of, task_of
from tests.spiders.press import Press, feed, sitemap, sitemap_index

P = "http://paper.test"
NIGHTS = NightRange(date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        ("/2026/03/01/a-story.html", date(2026, 3, 1), date(2026, 3, 1)),
        ("/news/2026-03-01", date(2026, 3, 1), date(2026, 3, 1)),
        ("/20260301/a", date(2026, 3, 1), date(2026, 3, 1)),
        ("/2026/03/a-story", date(2026, 3, 1), date(2026, 3, 31)),
        ("/sitemap-2024-02.xml.gz", date(2024, 2, 1), date(2024, 2, 29)),
        ("/sitemap.xml?yyyy=2026&mm=03&dd=01", date(2026, 3, 1), date(2026, 3, 1)),
        ("/2025/01/02/on-2026-03-01.html", date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_an_address_says_the_day_or_the_month_it_is_of(url: str, first: date, last: date) -> None:
    assert find_dates(P + url) == (first, last)


@pytest.mark.parametrize("url", ["/a", "/2026/", "/2026/13/01/a", "/2026/02/30/a", "/id-120260301", "/202603015"])
def test_other_numbers_are_no_days(url: str) -> None:
    assert find_dates(P + url) is None


@pytest.mark.parametrize(
    ("purpose", "url", "announced", "expected"),
    [
        ("article", "/2026/03/02/a", None, True),
        ("article", "/2026/03/02/a", date(2026, 5, 1), True),  # changed since
        ("article", "/2026/03/03/a", date(2026, 3, 2), False),
        ("article", "/2026/03/a", None, False),
        ("article", "/a", date(2026, 3, 1), True),
        ("article", "/a", date(2026, 3, 3), False),
        ("article", "/a", None, False),
        ("sitemap", "/sitemap-2026-03.xml", None, True),
        ("sitemap", "/sitemap-2026-02.xml", date(2026, 5, 1), False),
        ("sitemap", "/sitemap-1.xml", date(2026, 5, 1), True),
        ("sitemap", "/sitemap-1.xml", date(2026, 2, 28), False),
    ],
)
def test_what_belongs_to_a_night(purpose: str, url: str, announced: date | None, expected: bool) -> None:
    moment = datetime(announced.year, announced.month, announced.day, 12, tzinfo=UTC) if announced else None
    facts = ExchangeFacts.model_validate({"kind": purpose, "purpose": purpose, "announced": moment})
    assert belongs_to(NIGHTS, P + url, facts) is expected


def test_a_backfill_reads_what_may_list_its_nights_and_takes_only_their_articles(tmp_path: Path) -> None:
    pages = (
        Discovery(kind="sitemap", url=f"{P}/index.xml"),
        Discovery(kind="feed", url=f"{P}/feed"),
        Discovery(kind="archive", url=f"{P}/archive/{{yyyy}}/{{mm}}/{{dd}}"),
    )
    source = card(discoveries=pages, recent_days=3)
    with Press() as press:
        press.put(f"{P}/index.xml", sitemap_index("/map-2026-02.xml", "/map-2026-03.xml"))
        press.put(f"{P}/map-2026-03.xml", sitemap(("/one", "2026-03-01"), ("/other", "2026-03-09"), "/undated"))
        press.put(f"{P}/feed", feed(("/today", "Tue, 24 Nov 2026 01:00:00 +0000")))
        press.put(f"{P}/archive/2026/03/01", '<a href="/a-story-of-that-day">one</a>')
        press.put(f"{P}/archive/2026/03/02", '<a href="/2026/03/03/day-after">3</a><a href="/held-in-the-archive">')
        for name in ("/one", "/a-story-of-that-day", "/held-in-the-archive"):
            press.put(P + name, f"<p>{name}")
        held = Run(press, task_of(tmp_path / "held", card(), urls=(f"{P}/held-in-the-archive",), only_urls=True)).wait()
        known = known_of(tmp_path / "known", held.outcomes().values())
        task = task_of(tmp_path / "back", source, known=known)
        crawl = task.crawl.model_copy(update={"trigger": "backfill", "for_nights": tuple(NIGHTS)})
        run = Run(press, task.replace(crawl=crawl)).wait()
    ends = {url.removeprefix(P): end for url, end in run.ends().items()}
    assert {url: ends[url] for url in ends if url.startswith(("/map", "/archive"))} == {
        "/map-2026-02.xml": "skipped other_night",
        "/map-2026-03.xml": "captured",
        "/archive/2026/03/01": "captured",
        "/archive/2026/03/02": "captured",
    }
    assert {url: ends[url] for url in ("/one", "/a-story-of-that-day")} == {
        "/one": "captured",
        "/a-story-of-that-day": "captured",
    }
    assert ends["/held-in-the-archive"] == "skipped not_due"
    others = ("/other", "/undated", "/today", "/2026/03/03/day-after")
    assert {ends[url] for url in others} == {"skipped other_night"}
    assert {outcome.night for outcome in run.outcomes().values()} == {run.tasks[0].crawl.night}


def test_an_archive_page_is_not_read_on_a_night_of_its_own(tmp_path: Path) -> None:
    source = card(discoveries=(Discovery(kind="archive", url=f"{P}/{{yyyy}}{{mm}}{{dd}}"),))
    with Press() as press:
        assert Run(press, task_of(tmp_path, source)).wait().ends().keys() == {f"{P}/robots.txt"}
    assert make_archive_url("http://a.test/{yyyy}/{mm}-{dd}", date(2026, 3, 1)) == "http://a.test/2026/03-01"
