"""Applying manifests: once, in any order, with late ones giving way."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known import KnownCapture, KnownPayload, write_moment
from storage.model.capture import Capture
from storage.model.night import Night
from tests.storage.catalog_rows import catalog_rows
from tests.storage.committed import HOME, Cleaned, Committed, DraftCrawl, at, cleaned
from tests.storage.known_rows import find_known, find_superseded
from tests.storage.postgres import new_database

A, B, C = f"{HOME}a", f"{HOME}b", f"{HOME}c"


def known(catalog: Catalog) -> dict[str, KnownCapture]:
    return {state.url: state for state in find_known(catalog)}


def three_nights() -> list[Committed | Cleaned]:
    """Crawls of three nights and two sources, with edits, revisits, failures, late captures, and cleanings."""
    first, second, third, other = DraftCrawl(1), DraftCrawl(2), DraftCrawl(3), DraftCrawl(2, "demo-lantern")
    a, b = first.captured(A, "A1"), first.captured(B, "B1")
    first.captured(C, "moved", status=301)
    first.skipped(f"{HOME}later")
    late = DraftCrawl(1, late="0000aaaa")
    late.captured(A, "A-late")
    late.captured(C, "C-late")
    for night, tag in ((first, "rss"), (late, "web")):
        night.duplicate(f"{A}?utm_source={tag}", A)
    a2 = second.captured(A, "A2")
    b2 = second.not_modified(B, b)
    second.captured(C, "C2")
    a3 = third.unchanged(A, a2)
    third.failed(B, 404)
    other.captured(A, "A-other")
    spent = [DraftCrawl(4, late=nonce) for nonce in ("0000bbbb", "0000cccc")]
    spent[0].captured(A, "A4")
    spent[1].captured(A, "A4-again")
    spent[1].failed(C, 500)
    crawls = [night.committed() for night in (first, late, second, third, other, *spent)]
    texts: list[tuple[Committed, list[tuple[Capture, str]]]] = [
        (crawls[0], [(a, "one"), (b, "b")]),
        (crawls[2], [(a2, "two"), (b2, "b")]),
        (crawls[3], [(a3, "two")]),
    ]
    return [*crawls, *(cleaned(crawl, documents) for crawl, documents in texts)]


def test_applying_a_manifest_again_changes_nothing(catalog: Catalog, database_url: str) -> None:
    committed = three_nights()
    assert [manifest.apply(catalog) for manifest in committed] == [True] * len(committed)
    before = catalog_rows(database_url, catalog.name)
    assert [manifest.apply(catalog) for manifest in committed] == [False] * len(committed)
    assert catalog_rows(database_url, catalog.name) == before
    assert all(catalog.is_published(manifest.key) for manifest in committed)
    assert not catalog.is_published("manifests/crawl/unknown.json")


def test_in_whatever_order_manifests_are_applied_the_rows_are_the_same(tmp_path: Path, postgres_url: str) -> None:
    committed = three_nights()
    results = []
    for seed in range(12):
        shuffled = list(committed)
        random.Random(seed).shuffle(shuffled)
        url = new_database(postgres_url) if seed == 0 else f"sqlite:///{tmp_path / str(seed)}.sqlite"
        results.append(_applied(url, f"sqlite:///{tmp_path}/coordination-{seed}.sqlite", shuffled))
    assert all(result == results[0] for result in results[1:])
    assert all(results[0].values()), "every table has rows"


def _applied(url: str, coordination_url: str, committed: Sequence[Committed | Cleaned]) -> dict[str, list[Any]]:
    coordination = Coordination.open(coordination_url)
    catalog = Catalog.open(url, coordination)
    for manifest in committed:
        manifest.apply(catalog)
    result = catalog_rows(url, catalog.name)
    catalog.close()
    coordination.close()
    return result


def test_of_publishers_that_race_one_applies_the_manifest(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    for number in range(300):
        night.captured(f"{HOME}{number}", f"P{number}")
    crawl = night.committed()
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: crawl.apply(catalog), range(4))) == [False, False, False, True]
    assert {state.looks for state in find_known(catalog)} == {1}
    assert catalog.count_rows()["captures"] == 300


def test_a_publication_that_broke_off_can_be_repeated(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    for number in range(2500):
        night.captured(f"{HOME}{number}", "P")
    crawl = night.committed()

    def break_off() -> Iterator[Capture]:
        yield from crawl.captures[:2400]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        catalog.apply_manifest(crawl.key, crawl.manifest, break_off(), crawl.outcomes)
    assert not catalog.is_published(crawl.key)
    assert crawl.apply(catalog)
    assert catalog.count_rows()["captures"] == 2500
    assert catalog.count_rows()["url_state"] == 2500


def test_what_is_known_of_a_page_is_its_newest_payload_never_a_revisit(catalog: Catalog) -> None:
    first, second, third = DraftCrawl(1), DraftCrawl(2), DraftCrawl(3)
    original = first.captured(A, "P", last_modified="Sun, 01 Mar 2026 00:00:00 GMT")
    second.not_modified(A, original)
    third.unchanged(A, original, etag='"other"')
    first.committed().apply(catalog)
    state = known(catalog)[A]
    assert (state.record_id, state.target_uri, state.date) == (original.record_id, A, write_moment(original.date))
    assert (state.payload_digest, state.body_digest, state.etag) == ("sha1:P", "body of P", '"P"')
    assert state.last_modified == "Sun, 01 Mar 2026 00:00:00 GMT"
    second.committed().apply(catalog)
    assert known(catalog)[A] == state._replace(looks=2, last_night="2026-03-02", last_fetched=write_moment(at(2)))
    third.committed().apply(catalog)
    state = known(catalog)[A]
    assert (state.record_id, state.date, state.etag, state.looks) == (
        original.record_id,
        write_moment(at(1)),
        '"other"',
        3,
    )


def test_a_payload_is_not_forgotten_when_its_page_has_another(catalog: Catalog) -> None:
    first, second, other = DraftCrawl(1), DraftCrawl(2), DraftCrawl(3, "demo-lantern")
    original = first.captured(A, "P")
    first.captured(B, "same")
    first.captured(C, "cut")
    first.captures[-1] = first.captures[-1].replace(truncated="length")
    second.captured(A, "Q")
    second.captured(C, "whole")
    second.failed(B, 500)
    other.captured(A, "elsewhere")
    other.captured(A, "elsewhere too")
    for night in (first, second, other):
        night.committed().apply(catalog)
    superseded = find_superseded(catalog)
    assert superseded == [KnownPayload("sha1:P", "article", original.record_id, A, write_moment(original.date))]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_validators_that_once_lied_are_not_believed_again(catalog: Catalog, order: tuple[int, ...]) -> None:
    nights = [DraftCrawl(day) for day in (1, 2, 3, 4)]
    original = nights[0].captured(A, "P")
    nights[1].captured(A, "Q", distrust="validators")
    nights[2].unchanged(A, original, distrust="etag")
    nights[3].not_modified(A, original)
    for index in order:
        nights[index].committed().apply(catalog)
    assert known(catalog)[A].distrust == "validators"


def test_a_failed_look_counts_and_leaves_what_is_held(catalog: Catalog) -> None:
    first, second = DraftCrawl(1), DraftCrawl(2)
    first.captured(A, "P")
    first.failed(B, 500)
    second.failed(A, 404)
    second.skipped(C)
    first.committed().apply(catalog)
    second.committed().apply(catalog)
    assert list(known(catalog)) == [A], "nothing is held of the others"
    assert (known(catalog)[A].looks, known(catalog)[A].last_night, known(catalog)[A].etag) == (2, "2026-03-02", '"P"')


def test_a_page_not_asked_for_was_not_looked_at(catalog: Catalog) -> None:
    first, second = DraftCrawl(1), DraftCrawl(2)
    first.captured(A, "P")
    second.skipped(A)
    first.committed().apply(catalog)
    second.committed().apply(catalog)
    assert (known(catalog)[A].looks, known(catalog)[A].last_night) == (1, "2026-03-01")


def test_a_redirect_is_known_without_validators_and_never_hides_a_page(catalog: Catalog) -> None:
    first, second = DraftCrawl(1), DraftCrawl(2)
    first.captured(A, "P")
    first.captured(B, "moved", status=301)
    second.captured(A, "moved", status=302)
    first.committed().apply(catalog)
    second.committed().apply(catalog)
    assert (known(catalog)[A].payload_digest, known(catalog)[A].looks) == ("sha1:P", 2)
    assert (known(catalog)[B].payload_digest, known(catalog)[B].etag) == ("sha1:moved", None)


def test_an_error_page_is_not_held_though_it_is_the_answer(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    night.captured(f"{HOME}robots.txt", "none", status=404, kind="robots", purpose="robots")
    night.committed().apply(catalog)
    assert known(catalog) == {}


def test_sources_know_nothing_of_each_other(catalog: Catalog) -> None:
    other = DraftCrawl(1, "demo-lantern")
    other.captured(A, "P")
    other.committed().apply(catalog)
    assert known(catalog) == {}
    assert len(find_known(catalog, "demo-lantern")) == 1


def test_many_known_pages_are_streamed(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    for number in range(2500):
        night.captured(f"{HOME}{number}", "P")
    night.committed().apply(catalog)
    with catalog.read_known("demo-faro") as news:
        next(news.captures)
        assert catalog.find_captures(limit=1), "the catalog answers while a stream is open"
        assert len(list(news.captures)) == 2499


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_late_manifest_adds_captures_only_beside_one_in_time(catalog: Catalog, order: tuple[int, ...]) -> None:
    in_time, late = DraftCrawl(1), DraftCrawl(1, late="0000aaaa")
    in_time.captured(A, "P")
    late.captured(A, "late")
    late.captured(B, "late")
    committed = [in_time.committed(), late.committed()]
    for index in order:
        committed[index].apply(catalog)
    assert catalog.count_rows()["captures"] == 3
    assert (known(catalog)[A].payload_digest, known(catalog)[A].looks) == ("sha1:P", 1)
    assert B not in known(catalog)
    rows = {row.late: row for row in catalog.find_crawls(Night(2026, 3, 1))}
    assert (rows[False].discovered, rows[True].discovered, rows[True].counts) == (1, 0, ())


def test_a_late_manifest_alone_gives_its_crawl_the_outcomes(catalog: Catalog) -> None:
    before, late = DraftCrawl(1), DraftCrawl(2, late="0000aaaa")
    before.captured(A, "P")
    late.captured(A, "late")
    before.committed().apply(catalog)
    late.committed().apply(catalog)
    [row] = catalog.find_crawls(Night(2026, 3, 2))
    assert (row.discovered, row.late, [count.urls for count in row.counts]) == (1, True, [1])
    assert (known(catalog)[A].payload_digest, known(catalog)[A].looks) == ("sha1:late", 2)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_late_manifests_the_one_that_saw_more_gives_the_outcomes(
    catalog: Catalog, order: tuple[int, ...]
) -> None:
    less, more = DraftCrawl(1, late="0000aaaa"), DraftCrawl(1, late="0000bbbb")
    less.captured(A, "less")
    more.captured(A, "more")
    more.captured(B, "more")
    committed = [less.committed(), more.committed()]
    for index in order:
        committed[index].apply(catalog)
    assert {state.payload_digest for state in known(catalog).values()} == {"sha1:more"}
    assert sum(row.discovered for row in catalog.find_crawls(Night(2026, 3, 1))) == 2
    assert catalog.count_rows()["captures"] == 3


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_record_that_two_objects_hold_is_one_capture(catalog: Catalog, order: tuple[int, ...]) -> None:
    in_time, late = DraftCrawl(1), DraftCrawl(1, late="0000aaaa")
    capture = in_time.captured(A, "P")
    elsewhere = capture.location.replace(key="warc/a-first-by-key.warc.gz")
    late.captures.append(capture.replace(location=elsewhere))
    committed = [in_time.committed(), late.committed()]
    for index in order:
        committed[index].apply(catalog)
    [found] = catalog.find_captures()
    assert found.location == elsewhere
