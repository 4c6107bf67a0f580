"""What the catalog knows of URLs that were announced and not got is the same in whatever order manifests come."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known import KnownPending
from storage.known_files import update_known
from tests.storage.catalog_rows import catalog_rows
from tests.storage.committed import HOME, Committed, DraftCrawl
from tests.storage.known_rows import check_known, find_known, find_pending

A, B, C, D = (f"{HOME}{name}" for name in "abcd")


def some_nights() -> list[Committed]:
    """Nights on which pages failed, were put off, came, and failed again."""
    first, second, third, by_day = DraftCrawl(1), DraftCrawl(2), DraftCrawl(3), DraftCrawl(3)
    by_day.crawl = by_day.crawl.replace(id=f"{by_day.crawl.id}-by-day")
    first.failed(A, 500)
    first.skipped(B)
    first.failed(C, 503)
    first.captured(D, "D")
    late = DraftCrawl(2, late="0000aaaa")
    late.failed(A, 502)
    late.skipped(C)
    second.failed(A, 500)
    second.skipped(B, "host_busy")
    second.captured(C, "C")
    third.failed(B, 500)
    third.failed(D, 500)
    by_day.failed(B, 503)
    return [night.committed() for night in (first, second, late, third, by_day)]


def test_in_whatever_order_crawls_are_applied_the_same_is_pending(tmp_path: Path) -> None:
    committed = some_nights()
    found: list[tuple[dict[str, KnownPending], object]] = []
    for seed in range(10):
        mixed = list(committed)
        random.Random(seed).shuffle(mixed)
        with closing(Coordination.open(f"sqlite:///{tmp_path}/coordination-{seed}.sqlite")) as coordination:
            url = f"sqlite:///{tmp_path}/catalog-{seed}.sqlite"
            path = tmp_path / str(seed) / "demo-faro.sqlite"
            path.parent.mkdir()
            with closing(Catalog.open(url, coordination)) as catalog:
                for one in mixed:
                    one.apply(catalog)
                    update_known(path, catalog, "demo-faro")
                    check_known(path, catalog)
                found.append((find_pending(catalog), catalog_rows(url, catalog.name)))
    assert all(one == found[0] for one in found)
    pending = found[0][0]
    assert {url: (one.asks, one.held, one.since[-2:]) for url, one in pending.items()} == {
        A: (2, False, "01"),
        B: (1, False, "01"),
        D: (1, True, "03"),
    }


def test_a_failed_look_is_no_look(catalog: Catalog) -> None:
    for one in some_nights():
        one.apply(catalog)
    assert {(one.url, one.looks, one.last_night) for one in find_known(catalog)} == {
        (C, 1, "2026-03-02"), (D, 1, "2026-03-01"),
    }  # fmt: skip


def test_a_late_account_that_gives_way_takes_what_was_pending_with_it(catalog: Catalog) -> None:
    late, whole = DraftCrawl(1, late="0000aaaa"), DraftCrawl(1)
    late.skipped(A, "host_busy")
    whole.captured(B, "B")
    late.committed().apply(catalog)
    assert list(find_pending(catalog)) == [A]
    whole.committed().apply(catalog)
    assert find_pending(catalog) == {}


def test_what_a_backfill_left_keeps_its_nights(catalog: Catalog) -> None:
    crawl = DraftCrawl(9)
    nights = (DraftCrawl(1).crawl.night, DraftCrawl(2).crawl.night)
    crawl.crawl = crawl.crawl.replace(trigger="backfill", for_nights=nights)
    crawl.skipped(A)
    crawl.committed().apply(catalog)
    later = DraftCrawl(10)
    later.failed(A, 500)
    later.committed().apply(catalog)
    pending = find_pending(catalog)[A]
    assert (pending.for_since, pending.for_until) == tuple(map(str, nights))
