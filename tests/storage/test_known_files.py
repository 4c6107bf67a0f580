"""The file of what is known of a source says what its catalog says, however often it was brought up to date."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known import Known
from storage.known_files import update_known
from storage.model.capture import Capture
from storage.model.errors import StorageError
from tests.storage.committed import HOME, Committed, DraftCrawl
from tests.storage.known_rows import check_known

SOURCE = "demo-faro"
STEPS = ("SEARCH", "MULTI-INDEX OR", "INDEX", "USE TEMP B-TREE", "MERGE", "LEFT", "RIGHT", "LIST SUBQUERY")
"""Of a plan in which every table is searched by an index."""
A, B, C = f"{HOME}a", f"{HOME}b", f"{HOME}c"


def night_of(day: int, late: str | None = None, **payloads: str) -> Committed:
    """Return the crawl of a day in March: the page of each name with its payload."""
    night = DraftCrawl(day, late=late)
    for name, payload in payloads.items():
        night.captured(f"{HOME}{name}", payload)
    return night.committed()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "known").mkdir()
    return tmp_path / "known" / f"{SOURCE}.sqlite"


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_crawls_come_it_says_what_the_catalog_says(seed: int, catalog: Catalog, path: Path) -> None:
    chance = random.Random(seed)
    elsewhere = path.with_name("elsewhere.sqlite")  # of another home that shares the catalog
    for crawl in random_crawls(chance):
        crawl.apply(catalog)
        if chance.random() < 0.6:
            update_known(path, catalog, SOURCE)
            check_known(path, catalog)
        if chance.random() < 0.2:
            update_known(elsewhere, catalog, SOURCE)
    for one in (path, elsewhere):
        update_known(one, catalog, SOURCE)
        check_known(one, catalog)


def random_crawls(chance: random.Random) -> list[Committed]:
    """Return crawls of ten nights, some late, some in place of one in time, in disorder."""
    drafts = [DraftCrawl(day, late=late) for day in range(1, 11) for late in (None, f"{day:08x}", f"{day + 50:08x}")]
    chance.shuffle(drafts)
    held: dict[str, Capture] = {}
    for draft in drafts:
        for name in chance.sample("abcdef", 3):
            url = f"{HOME}{name}"
            act = chance.choice(["new", "new", "same", "moved", "failed", "skipped"])
            if act == "same" and url in held:
                draft.unchanged(url, held[url], distrust=chance.choice([None, "etag"]))
            elif act == "moved":
                draft.captured(url, f"moved {name}", status=301)
            elif act == "failed":
                draft.failed(url, 500)
            elif act == "skipped":
                draft.skipped(url)
            else:
                held[url] = draft.captured(url, f"{name}{chance.randrange(4)}")
    return [draft.committed() for draft in chance.sample(drafts, 20)]


def test_only_what_changed_is_read(catalog: Catalog, path: Path) -> None:
    night_of(1, a="A1", b="B1").apply(catalog)
    with catalog.read_known(SOURCE) as first:
        assert first.is_whole
    with catalog.read_known(SOURCE, first.mark) as news:
        assert (news.is_whole, list(news.captures), list(news.superseded)) == (False, [], [])
    DraftCrawl(2, "demo-lantern").committed().apply(catalog)
    night_of(2, b="B2").apply(catalog)
    with catalog.read_known(SOURCE, first.mark) as news:
        assert [(one.url, one.looks) for one in news.captures] == [(B, 2)]
        assert [one.payload_digest for one in news.superseded] == ["sha1:B2"]


def test_what_its_page_has_no_more_is_still_found(catalog: Catalog, path: Path) -> None:
    for day, payload in enumerate(("A1", "A2", "A3"), 1):
        night_of(day, a=payload, b="B").apply(catalog)
        update_known(path, catalog, SOURCE)
    with closing(Known(path)) as known:
        found = [known.find_payload(f"sha1:A{number}", "article") for number in (1, 2, 3)]
        assert [one and (one.target_uri, one.date[:10]) for one in found] == [(A, f"2026-03-0{n}") for n in (1, 2, 3)]


def test_a_file_that_counts_a_late_manifest_is_made_anew_when_that_gives_way(catalog: Catalog, path: Path) -> None:
    night_of(1, late="0000aaaa", a="late", b="late").apply(catalog)
    update_known(path, catalog, SOURCE)
    night_of(1, a="A").apply(catalog)
    update_known(path, catalog, SOURCE)
    check_known(path, catalog)
    with closing(Known(path)) as known:
        assert [one.url for one in known] == [A]


def test_another_catalog_has_the_file_made_anew(
    catalog: Catalog, path: Path, database_url: str, coordination: Coordination
) -> None:
    night_of(1, a="A").apply(catalog)
    update_known(path, catalog, SOURCE)
    fresh = Catalog.create_beside(database_url, coordination, Catalog.beside_name(database_url, "0123abcd"))
    night_of(2, b="B").apply(fresh)
    catalog.switch_to(fresh.name)
    update_known(path, catalog, SOURCE)
    check_known(path, catalog)
    with closing(Known(path)) as known:
        assert [one.url for one in known] == [B]


def test_a_catalog_that_was_put_back_and_grew_otherwise_has_the_file_made_anew(catalog: Catalog, path: Path) -> None:
    """Its number is passed again, by another manifest."""
    night_of(1, a="A").apply(catalog)
    night_of(2, b="B").apply(catalog)
    with catalog.read_known(SOURCE) as news:
        mark = news.mark
    with catalog.read_known(SOURCE, mark._replace(manifest_key="manifests/crawl/other.json")) as news:
        assert news.is_whole
    with catalog.read_known(SOURCE, mark._replace(applied=3)) as news:
        assert news.is_whole
    with catalog.read_known(SOURCE, mark) as news:
        assert not news.is_whole


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20_000)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _age(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE superseded")
        connection.execute("PRAGMA user_version = 0")


def _garble(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("harm", [_cut, _overwrite, _empty, _age, _garble, Path.unlink])
def test_a_file_that_cannot_be_read_is_made_anew(harm: Callable[[Path], Any], catalog: Catalog, path: Path) -> None:
    night_of(1, a="A", b="B").apply(catalog)
    update_known(path, catalog, SOURCE)
    harm(path)
    night_of(2, a="A2").apply(catalog)
    update_known(path, catalog, SOURCE)
    check_known(path, catalog)


def test_a_reader_that_meets_damage_leaves_nothing_that_fails_again(catalog: Catalog, path: Path) -> None:
    night_of(1, a="A", b="B").apply(catalog)
    update_known(path, catalog, SOURCE)
    _overwrite(path)
    with pytest.raises(StorageError, match=SOURCE):
        list(Known(path))
    assert not path.exists()
    with pytest.raises(StorageError):
        Known(path)
    update_known(path, catalog, SOURCE)
    check_known(path, catalog)


def test_a_crawl_sees_one_state_whatever_is_added_meanwhile(catalog: Catalog, path: Path) -> None:
    night_of(1, late="0000aaaa", a="A1").apply(catalog)
    update_known(path, catalog, SOURCE)
    with closing(Known(path)) as known:
        before = list(known)
        night_of(2, a="A2", b="B").apply(catalog)
        update_known(path, catalog, SOURCE)  # it is added to
        assert list(known) == before
        night_of(1, c="C").apply(catalog)
        update_known(path, catalog, SOURCE)  # it is made anew
        assert (list(known), known.find(B)) == (before, None)
        night_of(3, a="A3").apply(catalog)
        update_known(path, catalog, SOURCE)
        with closing(Known(path)) as newer:
            then = list(newer)
            known.close()  # SQLite tidies up beside a file that it had open, if it is still the one of that name
            night_of(4, a="A4", c="C4").apply(catalog)
            update_known(path, catalog, SOURCE)
            assert list(newer) == then
    check_known(path, catalog)
    assert sorted(one.name for one in path.parent.iterdir()) == [f"{SOURCE}.sqlite"]


def test_those_who_bring_it_up_to_date_at_once_do_so_one_after_the_other(catalog: Catalog, path: Path) -> None:
    for day in range(1, 6):
        night_of(day, a=f"A{day}", b="B").apply(catalog)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: update_known(path, catalog, SOURCE), range(4)))
        check_known(path, catalog)


def test_every_question_of_a_crawl_is_answered_by_an_index(catalog: Catalog, path: Path) -> None:
    night = DraftCrawl(1)
    night.captured(A, "A")
    night.skipped(B)
    night.committed().apply(catalog)
    update_known(path, catalog, SOURCE)
    with closing(Known(path)) as known:
        for ask in (
            lambda: known.find(A),
            lambda: known.find_pending(B),
            lambda: list(known.find_expired(date(2026, 3, 9), 10)),
            lambda: known.has_pending_of(f"{HOME}feed"),
            lambda: known.find_payload("sha1:none", "article"),
            lambda: known.find_distrusted(date(2026, 3, 9)),
            lambda: list(known.find_pending_due(date(2026, 3, 9), None, 10)),
            lambda: list(known.find_due(date(2026, 3, 9), (1, 2, 4))),
        ):
            for line in explain(known, ask):
                assert line.startswith(STEPS) or (
                    line
                    in (
                        "SCAN known USING COVERING INDEX known_distrust",  # of distrusted rows alone
                        "SCAN pending USING INDEX pending_held",  # of those alone
                        "SCAN pending USING INDEX pending_due",  # in its order, until there are enough
                    )
                ), line


def explain(known: Known, ask: Callable[[], object]) -> Iterator[str]:
    """Yield the steps by which SQLite answers what *ask* asks."""
    connection, asked = known._connection, list[str]()
    assert connection
    connection.set_trace_callback(asked.append)
    ask()
    connection.set_trace_callback(None)
    assert asked
    for query in asked:
        yield from (row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}"))
