"""Which captures answer to an address that was not captured under its own name, and which never do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.lookup import find_answer, find_captures
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from storage.catalog import Selection
from storage.catalog.shortfall import settle_new
from storage.model.errors import NotArchivedError
from tests.storage.committed import DraftCrawl, at

HOME = "https://faro.test/"
A, RSS, WEB, AMP = f"{HOME}a", f"{HOME}a?utm_source=rss", f"{HOME}a?utm_source=web", f"{HOME}amp/a"
WWW = "http://www.faro.test/a"


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Iterator[Archive]:
    with Archive(Settings(home=Home(tmp_path), catalog=SecretStr(database_url))) as archive:
        settle_new(archive.coordination, archive.catalog.name, None)
        yield archive


def captured(day: int, *urls: str) -> Callable[[Archive], None]:
    return lambda archive: publish(archive, day, *((url, None) for url in urls))


def named(day: int, page: str, canonical: str) -> Callable[[Archive], None]:
    return lambda archive: publish(archive, day, (page, canonical))


def double(day: int, url: str, of: str) -> Callable[[Archive], None]:
    return lambda archive: publish(archive, day, (url, of), is_double=True)


def publish(archive: Archive, day: int, *pages: tuple[str, str | None], is_double: bool = False) -> None:
    """Publish one crawl of that day, a newspaper of its own each."""
    crawl = DraftCrawl(day, f"paper-{len(archive.catalog.find_crawls())}")
    for url, other in pages:
        if is_double and other:
            crawl.duplicate(url, other)
        else:
            crawl.captured(url, f"{url} of {day}")
            crawl.captures[-1] = crawl.captures[-1].replace(canonical=other)
    assert crawl.committed().apply(archive.catalog)


EVERY_WAY = {
    "address": [captured(1, A)],
    "double": [double(1, A, RSS), captured(2, RSS)],
    "canonical": [named(3, AMP, A)],
}


def answer(archive: Archive, url: str, day: int | None = None) -> tuple[str, str, int]:
    found = find_answer(archive, url, None if day is None else at(day))
    return found.found_by, found.capture.target_uri, found.capture.night.day


@pytest.mark.parametrize("left_out", range(len(EVERY_WAY)))
def test_the_tries_have_an_order_and_the_first_that_finds_anything_answers(archive: Archive, left_out: int) -> None:
    ways = dict(list(EVERY_WAY.items())[left_out:])
    for way in ways.values():
        for happens in way:
            happens(archive)
    first = next(iter(ways))
    by, url, day = answer(archive, A, 9)
    assert (by, url, day) == {"address": ("address", A, 1), "double": ("double", RSS, 2)}.get(
        first, ("canonical", AMP, 3)
    )
    found = find_captures(archive, A)
    assert [(found.found_by(one), one.target_uri) for one in found] == [(by, url)]


def test_a_twin_is_found_and_told_from_the_address_itself(archive: Archive) -> None:
    captured(1, WWW)(archive)
    assert answer(archive, A) == ("twin", WWW, 1)
    assert answer(archive, "http://faro.test/a") == ("twin", WWW, 1)
    assert (
        answer(archive, WWW) == answer(archive, "www.faro.test/a") == answer(archive, f"{WWW}#x") == ("address", WWW, 1)
    )
    captured(2, A)(archive)
    found = find_captures(archive, A)
    assert [(found.found_by(one), one.target_uri) for one in found] == [("twin", WWW), ("address", A)]


def test_of_two_doubles_that_were_fetched_the_closest_in_time_answers_and_both_are_listed(archive: Archive) -> None:
    for happens in (
        double(1, A, RSS),
        captured(1, RSS),
        double(3, A, WEB),
        captured(3, WEB),
        double(4, A, A + "?utm_x=1"),
    ):
        happens(archive)
    assert [answer(archive, A, day) for day in (1, 2, 9)] == [
        ("double", RSS, 1),
        ("double", RSS, 1),
        ("double", WEB, 3),
    ]
    assert [one.target_uri for one in find_captures(archive, A)] == [RSS, WEB]
    [first, second] = find_captures(archive, A)
    assert list(find_captures(archive, A, after=first.record_id)) == [second]
    after_all = find_captures(archive, A, after=second.record_id)
    assert after_all and list(after_all) == [], "it was found, and nothing follows"


def test_a_double_is_only_one_that_a_crawl_recorded(archive: Archive) -> None:
    captured(1, RSS)(archive)
    with pytest.raises(NotArchivedError, match="not in the archive"):
        find_answer(archive, A)
    assert not find_captures(archive, A)


def test_the_address_that_a_page_names_as_canonical_goes_on_where_its_own_captures_end(archive: Archive) -> None:
    for happens in (named(1, AMP, A), captured(3, A)):
        happens(archive)
    assert answer(archive, AMP) == ("address", AMP, 1)
    found = find_captures(archive, AMP, Selection(since=at(2)))
    assert [(found.found_by(one), one.target_uri) for one in found] == [("canonical", A)]


LIES = {
    "the home page": [named(1, f"{HOME}news/1", HOME)],
    "another host": [named(1, "https://other.test/a", A)],
    "a host below": [named(1, "https://blogs.faro.test/a", A)],
    "a section": [named(1, f"{HOME}news/1", A), named(2, f"{HOME}news/2", A)],
    "one page by two numbers": [named(1, f"{HOME}story?id=1", A), named(1, f"{HOME}story?id=2", A)],
}


@pytest.mark.parametrize("lie", LIES)
def test_a_canonical_address_that_lies_gives_nobody_another_pages_text(archive: Archive, lie: str) -> None:
    for happens in LIES[lie]:
        happens(archive)
    asked = HOME if lie == "the home page" else A
    with pytest.raises(NotArchivedError):
        find_answer(archive, asked)
    assert not find_captures(archive, asked)
    assert not find_captures(archive, f"{HOME}news/1", Selection(since=at(20)))


def test_a_page_that_tracking_multiplied_is_still_one_page(archive: Archive) -> None:
    for happens in (named(1, f"{AMP}?utm_source=a", A), named(2, f"{AMP}?utm_source=b", A)):
        happens(archive)
    assert answer(archive, A) == ("canonical", f"{AMP}?utm_source=b", 2)


def test_a_canonical_address_of_the_www_twin_counts(archive: Archive) -> None:
    named(1, AMP, WWW)(archive)
    assert answer(archive, A) == ("canonical", AMP, 1)
