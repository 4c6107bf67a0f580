"""The rules of probable causes one by one: what must not be accused, and what must not hide what is worse."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.watching.cause_notes import read_causes
from hemeroteca.archive.watching.crawl_causes import note_cause
from hemeroteca.archive.watching.probable_cause import CrawlFacts, find_cause
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from storage.model.outcome import Outcome
from storage.model.source import Source
from tests.storage.committed import HOME, Committed, DraftCrawl

SOURCE = Source(id="aa-paper", title="Paper", homepage="http://paper.test/", language="en")


def row(path: str, purpose: str = "article", state: str = "captured", **facts: Any) -> Outcome:
    url = f"http://paper.test/{path}"
    plain = {"crawl_id": "c", "source_id": "aa-paper", "night": date(2026, 3, 1), "url": url, "urlkey": url}
    return Outcome.model_validate(
        plain | {"kind": purpose, "purpose": purpose, "state": state, "via": "http://paper.test/feed"} | facts
    )


def articles(number: int, state: str = "captured", **facts: Any) -> list[Outcome]:
    return [row(f"{state}-{facts.get('reason')}-{n}", state=state, status=200, **facts) for n in range(number)]


def cause_of(*outcomes: Outcome, new: tuple[int, ...] = ()) -> str:
    return find_cause(CrawlFacts(SOURCE, outcomes, new_by_night=new)) or ""


FEED = row("feed", "feed", "captured", status=200)
DEAD = row("old-feed", "feed", "failed", reason="http_404")


@pytest.mark.parametrize("feeds", [[], [FEED]])
def test_one_article_that_is_refused_of_many_is_no_host_that_keeps_us_out(feeds: list[Outcome]) -> None:
    assert cause_of(*feeds, *articles(20), *articles(1, "failed", reason="http_403")) == ""


def test_a_host_that_answers_nothing_else_keeps_us_out() -> None:
    assert "keeps us out (1 × http_403" in cause_of(row("feed", "feed", "failed", reason="http_403"))


def test_a_dead_feed_beside_a_good_one_is_told_and_hides_nothing_worse() -> None:
    assert "1 of 2 of its feeds" in cause_of(FEED, DEAD, *articles(6))
    assert "soft_404" in cause_of(FEED, DEAD, *articles(6, flags=("soft_404",)))
    assert "could not be read" in cause_of(DEAD, *articles(6, flags=("soft_404",)))


def test_what_is_asked_for_again_is_no_announcement_of_tonight() -> None:
    again = articles(20, via="known")
    assert "6 of 6" in cause_of(FEED, *again, *articles(6, "captured", flags=("login_wall",)))


@pytest.mark.parametrize(
    ("new", "is_told"),
    [
        ((), False),
        ((20,), False),
        ((20, 20, 0), False),  # one quiet night
        ((20, 20, 0, 0), True),
        ((20, 0, 0, 20, 0, 0), False),  # as it had before
        ((20, 0, 0, 20, 0, 0, 0), True),
        ((1, 1, 0, 0, 0), False),  # of so few three may be missing by chance
        ((0, 0, 0, 0), False),  # of a newspaper that had none yet nothing is known
        ((20, 0, 0, 5), False),
    ],
)
def test_a_feed_is_frozen_when_it_is_quiet_for_longer_than_its_nights_were(new: tuple[int, ...], is_told: bool) -> None:
    assert ("nothing new for" in cause_of(FEED, new=new)) == is_told


def night_of(day: int, articles: int, trigger: str = "nightly") -> Committed:
    draft = DraftCrawl(day)
    draft.failed(f"{HOME}gone", 404)
    for number in range(articles):
        draft.captured(f"{HOME}{day}/{trigger}/{number}", f"{day}{trigger}{number}")
    made = draft.committed()
    if trigger == "nightly":
        return made
    crawl = made.manifest.crawl.replace(id=f"demo-faro-2026030{day}T120000Z-{trigger}-0badcafe", trigger=trigger)
    return made._replace(key=f"manifests/crawl/{crawl.id}.json", manifest=made.manifest.replace(crawl=crawl))


@pytest.mark.parametrize(("trigger", "is_told"), [("daytime", False), ("backfill", True)])
def test_what_the_days_crawls_brought_is_new_too_and_a_backfill_brings_nothing_new(
    tmp_path: Path, trigger: str, is_told: bool
) -> None:
    with Archive(Settings(home=Home(tmp_path / "home"), demo=True, today=date(2026, 3, 4))) as archive:
        nights = [night_of(day, 20 if day < 3 else 0) for day in range(1, 5)]
        for made in (*nights, *(night_of(day, 20, trigger) for day in (3, 4))):
            assert made.apply(archive.catalog)
        last = nights[-1]
        note_cause(archive, last.manifest, [FEED], [])
        told = read_causes(archive, date(2026, 3, 4)).get(last.manifest.crawl.id, "")
        assert ("nothing new for 2 nights" in told) == is_told


def test_a_cause_goes_once_nothing_is_wrong_any_more_and_a_long_address_is_cut(tmp_path: Path) -> None:
    with Archive(Settings(home=Home(tmp_path / "home"), demo=True, today=date(2026, 3, 1))) as archive:
        made = night_of(1, 3)
        assert made.apply(archive.catalog)
        dead = row("x" * 5000, "feed", "failed", reason="http_404")
        note_cause(archive, made.manifest, [dead], [])
        (told,) = read_causes(archive, date(2026, 3, 1)).values()
        assert "1 of 1 of its feeds" in told and len(told) == 500
        note_cause(archive, made.manifest, [FEED], [])
        assert read_causes(archive, date(2026, 3, 1)) == {}
