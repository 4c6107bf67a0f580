"""What a night asks about a source is answered by an index, however long the source has been crawled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from storage.catalog import Catalog
from storage.catalog.rows import CrawlRow
from storage.coordination import Coordination
from storage.model.night import Night
from tests.storage.committed import HOME, DraftCrawl, at

SOURCE = "demo-faro"


@pytest.fixture
def sqlite_catalog(tmp_path: Path) -> Iterator[Catalog]:
    with (
        closing(Coordination.open(f"sqlite:///{tmp_path / 'coordination.sqlite'}")) as coordination,
        closing(Catalog.open(f"sqlite:///{tmp_path / 'catalog.sqlite'}", coordination)) as catalog,
    ):
        yield catalog


def fill(catalog: Catalog) -> None:
    for source in (SOURCE, "demo-lantern"):
        for day in range(1, 10):
            night = DraftCrawl(day, source)
            night.captured(f"{HOME}{day}", f"{day}")
            night.committed().apply(catalog)


def read_known(catalog: Catalog) -> None:
    with catalog.read_known(SOURCE) as news:
        mark = news.mark
    DraftCrawl(20).committed().apply(catalog)
    with catalog.read_known(SOURCE, mark) as news:
        assert not news.is_whole
        list(news.captures)
        list(news.superseded)


@pytest.mark.parametrize(
    "ask",
    [
        read_known,
        lambda catalog: catalog.last_crawls(SOURCE, 3),
        lambda catalog: catalog.last_crawls(SOURCE, 3, "nightly", Night(2026, 3, 5)),
        lambda catalog: catalog.find_crawls(Night(2026, 3, 5), SOURCE),
        lambda catalog: catalog.find_crawls(Night(2026, 3, 5)),
        lambda catalog: catalog.find_last_manifest(SOURCE),
        lambda catalog: catalog.find_nights(Night(2026, 3, 5), Night(2026, 3, 5)),
    ],
)
def test_nothing_is_scanned(sqlite_catalog: Catalog, ask: Callable[[Catalog], object]) -> None:
    fill(sqlite_catalog)
    steps = list(explain(sqlite_catalog, ask))
    assert [step for step in steps if "SCAN" in step or "crawl_names_by_source" in step] == []
    assert any("SEARCH" in step for step in steps)


def test_the_newest_night_is_the_end_of_an_index(sqlite_catalog: Catalog) -> None:
    assert list(explain(sqlite_catalog, Catalog.newest_night)) == ["SCAN crawls USING COVERING INDEX crawls_by_night"]


def explain(catalog: Catalog, ask: Callable[[Catalog], object]) -> Iterator[str]:
    """Yield the steps by which SQLite answers what *ask* asks."""
    engine, asked = catalog._engine(), list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    ask(catalog)
    event.remove(engine, "before_cursor_execute", note)
    assert asked
    with engine.connect() as connection:
        for statement, parameters in asked:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            yield from (row[3] for row in found)


def days(crawls: list[CrawlRow]) -> list[int]:
    return [crawl.night.day for crawl in crawls]


def test_the_last_crawls_are_those_in_time_that_began_last(catalog: Catalog) -> None:
    fill(catalog)
    by_hand = DraftCrawl(10)
    by_hand.crawl = by_hand.crawl.replace(id="demo-faro-by-hand", trigger="manual", started=at(10, 60))
    by_hand.committed().apply(catalog)
    DraftCrawl(11, late="0000aaaa").committed().apply(catalog)
    assert days(catalog.last_crawls(SOURCE, 2)) == [9, 10]
    assert days(catalog.last_crawls(SOURCE, 2, "nightly")) == [8, 9]
    assert days(catalog.last_crawls(SOURCE, 2, "nightly", Night(2026, 3, 5))) == [3, 4]
    assert days(catalog.last_crawls(SOURCE, 100)) == list(range(1, 11))
    assert catalog.last_crawls("demo-gazzetta", 2) == []


def test_the_newest_night_is_that_of_any_crawl(catalog: Catalog) -> None:
    assert catalog.newest_night() is None
    fill(catalog)
    assert catalog.newest_night() == Night(2026, 3, 9)


def test_the_nightly_crawl_before_is_no_crawl_by_hand(catalog: Catalog) -> None:
    first, by_hand, last = DraftCrawl(1), DraftCrawl(4), DraftCrawl(6)
    by_hand.crawl = by_hand.crawl.replace(id="demo-faro-by-hand", trigger="manual")
    for night in (first, by_hand, last):
        night.committed().apply(catalog)
    assert [row.nightly_before for row in catalog.find_crawls(source_id=SOURCE)] == [
        None,
        Night(2026, 3, 1),
        Night(2026, 3, 1),
    ]
