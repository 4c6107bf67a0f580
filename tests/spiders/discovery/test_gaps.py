"""A feed of which nothing was known when it was read again has a gap, unless another document bridges it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from spiders.discovery.entries import Entry
from spiders.discovery.gaps import Gaps, find_placed
from storage.known import Known, KnownCapture, write_moment
from storage.known_files import write_known
from storage.model.crawl import Gap
from storage.model.source import Discovery
from tests.spiders.crawling import NIGHT, Run, card, known_of, task_of
from tests.spiders.press import Press, feed, sitemap

P = "http://paper.test"
NEXT = NIGHT + timedelta(days=1)
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=31)
SAID = format_datetime(LATER)


def crawl_twice(place: Path, feed_then: str, sitemap_then: str = sitemap()) -> tuple[Gap, ...]:
    """Crawl a paper whose feed has ``/a`` and ``/b``, then what it became, and return the gaps of the second time."""
    both = (Discovery(kind="feed", url=f"{P}/feed"), Discovery(kind="sitemap", url=f"{P}/sitemap.xml"))
    with Press() as press:
        press.put(f"{P}/feed", feed("/a", "/b"))
        press.put(f"{P}/sitemap.xml", sitemap("/a"))
        for name in "abcd":
            press.put(f"{P}/{name}", f"<p>{name}")
        first = Run(press, task_of(place / "first", card(discoveries=both))).wait()
        end = first.ended()
        assert end is not None and end.gaps == ()
        known = known_of(place / "known", first.outcomes().values())
        press.put(f"{P}/feed", feed_then)
        press.put(f"{P}/sitemap.xml", sitemap_then)
        second = Run(press, task_of(place, card(discoveries=both), NEXT, known=known)).wait()
    end = second.ended()
    assert end is not None
    return end.gaps


def test_a_feed_that_has_moved_on_is_a_gap_from_its_last_read_to_its_oldest_entry(tmp_path: Path) -> None:
    newer = format_datetime(LATER + timedelta(hours=1))
    (gap,) = crawl_twice(tmp_path, feed(("/d", newer), ("/c", SAID)))
    assert (gap.url, gap.until) == (f"{P}/feed", LATER)
    assert timedelta(hours=30) < LATER - gap.since <= timedelta(hours=32)


@pytest.mark.parametrize("body", [feed(("/c", SAID), ("/b", SAID)), feed(), feed(("http://other.test/x", SAID))])
def test_a_feed_that_overlaps_or_announces_nothing_of_the_paper_is_none(tmp_path: Path, body: str) -> None:
    assert crawl_twice(tmp_path, body) == ()


def test_a_sitemap_that_knows_both_sides_bridges_it_and_a_stale_one_does_not(tmp_path: Path) -> None:
    moved_on = feed(("/c", SAID))
    assert crawl_twice(tmp_path / "bridged", moved_on, sitemap("/a", ("/c", LATER.isoformat()))) == ()
    assert len(crawl_twice(tmp_path / "stale", moved_on, sitemap(("/a", "2026-01-01")))) == 1


def test_a_section_that_lists_a_known_article_bridges_nothing(tmp_path: Path) -> None:
    read_then = write_moment(LATER - timedelta(hours=31))
    held = [KnownCapture(read_then, url, "r", url, "sha1:x", str(NIGHT)) for url in (f"{P}/feed", f"{P}/a")]
    write_known(tmp_path / "known", held)
    known, article = Known(tmp_path / "known"), [Entry(f"{P}/a")]
    gaps = Gaps(known)
    gaps.note_document(f"{P}/feed", "feed", [Entry(f"{P}/c", LATER)])
    gaps.note_document(f"{P}/", "section", article)
    assert [gap.url for gap in gaps.find_open()] == [f"{P}/feed"]
    gaps.note_document(f"{P}/sitemap.xml", "sitemap", article)
    assert gaps.find_open() == ()
    known.close()


def test_a_feed_that_was_never_read_has_no_gap() -> None:
    assert Gaps(Known(None)).find_open() == ()


def days(*numbers: int | None) -> list[Entry]:
    """Entries announced so many days from a first one; None: without a date."""
    return [
        Entry(f"{P}/{place}", None if number is None else LATER + timedelta(days=number, minutes=-place))
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("announced", "placed"),
    [
        ([-900, 4, 3, 2, 1], [1, 2, 3, 4]),  # pinned to the top
        ([4, 3, -900, 2, 1], [0, 1, 3, 4]),
        ([4, 3, 2, 1, 900], [0, 1, 2, 3]),  # a date in the future at the end
        ([-900, 4, 4, 4], [1, 2, 3]),  # the others are all of one day
        ([1, 2, 3, 4, -900], [0, 1, 2, 3]),  # oldest first
        ([None, 4, None, 3], [1, 3]),
        ([None, None], [0, 1]),
        ([], []),
    ],
)
def test_what_is_out_of_order_says_nothing_of_how_far_back_a_feed_reaches(
    announced: list[int | None], placed: list[int]
) -> None:
    entries = days(*announced)
    assert {one.url for one in find_placed(entries)} == {entries[place].url for place in placed}


@pytest.mark.parametrize("pinned", [LATER - timedelta(days=900), None], ids=["pinned", "undated"])
@pytest.mark.parametrize("is_held", [True, False])
def test_an_old_or_undated_entry_above_newer_ones_hides_no_gap(
    tmp_path: Path, pinned: datetime | None, is_held: bool
) -> None:
    read_then = write_moment(LATER - timedelta(hours=31))
    held = [KnownCapture(read_then, url, "r", url, "sha1:x", str(NIGHT)) for url in (f"{P}/feed", f"{P}/old")]
    write_known(tmp_path / "known", held if is_held else held[:1])
    with closing(Known(tmp_path / "known")) as known:
        gaps = Gaps(known)
        newer = [Entry(f"{P}/{name}", LATER + timedelta(hours=hours)) for name, hours in (("c", 3), ("d", 2), ("e", 0))]
        gaps.note_document(f"{P}/feed", "feed", [Entry(f"{P}/old", pinned), *newer])
        assert [gap.until for gap in gaps.find_open()] == [LATER]


def test_a_held_article_with_a_new_date_among_unknown_ones_hides_no_gap(tmp_path: Path) -> None:
    read_then = write_moment(LATER - timedelta(hours=31))
    held = [KnownCapture(read_then, url, "r", url, "sha1:x", str(NIGHT)) for url in (f"{P}/feed", f"{P}/ticker")]
    write_known(tmp_path / "known", held)
    entries = [Entry(f"{P}/{name}", LATER + timedelta(hours=hours)) for name, hours in (("ticker", 3), ("c", 2))]
    with closing(Known(tmp_path / "known")) as known:
        gaps = Gaps(known)
        gaps.note_document(f"{P}/feed", "feed", entries)
        assert len(gaps.find_open()) == 1
