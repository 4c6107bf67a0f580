"""Catalogs side by side: made, migrated, switched to and removed while others read."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from storage.catalog import Catalog
from storage.catalog.migrate import MIGRATIONS
from storage.catalog.schema import REVISION, metadata
from storage.coordination import Coordination
from storage.database import open_engine, parse_database_url, reading, writing
from storage.model.errors import AlreadyStoredError, SeedError, ServiceError, StorageError
from tests.storage.committed import HOME, DraftCrawl
from tests.waiting import HANGS_SECONDS

A = f"{HOME}a"
NONCE = "0123abcd"

Place = Callable[[str], Engine]


@pytest.fixture
def engine(database_url: str, catalog: Catalog) -> Engine:
    return open_engine(parse_database_url(database_url), catalog.name)


def night_of(*payloads: str, day: int = 1) -> DraftCrawl:
    night = DraftCrawl(day)
    for number, payload in enumerate(payloads):
        night.captured(f"{HOME}{number}", payload)
    return night


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_exactly_the_tables_of_this_release(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [one for one in compare_metadata(context, metadata) if one[1].name != "captures_by_canonical"]
        assert found == []
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == REVISION


def test_a_catalog_of_a_later_release_is_refused_with_the_way_out(
    database_url: str, coordination: Coordination, engine: Engine
) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ServiceError, match="9999.*rebuild"):
        Catalog.open(database_url, coordination)


def test_processes_that_open_a_new_catalog_at_once_all_get_it(database_url: str, coordination: Coordination) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: Catalog.open(database_url, coordination), range(6)))
    assert all(not any(catalog.count_rows().values()) for catalog in opened)
    for catalog in opened:
        catalog.close()


def test_an_address_of_another_kind_is_refused(coordination: Coordination) -> None:
    with pytest.raises(SeedError):
        Catalog.open("mysql://localhost/x", coordination)


def test_readers_do_not_wait_for_a_writer_and_see_only_what_is_committed(catalog: Catalog, engine: Engine) -> None:
    night_of("P").committed().apply(catalog)
    with ThreadPoolExecutor(1) as pool, writing(engine) as connection:
        connection.execute(text("DELETE FROM captures"))
        assert len(pool.submit(catalog.find_captures).result(HANGS_SECONDS)) == 1


def test_an_open_reader_keeps_no_writer_waiting(catalog: Catalog) -> None:
    night_of("P", "Q").committed().apply(catalog)
    with catalog.read_known("demo-faro") as news:
        next(news.captures)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(night_of("R", day=2).committed().apply, catalog).result(HANGS_SECONDS)
        assert len(list(news.captures)) == 1


def test_a_rebuilt_catalog_replaces_the_one_in_use_for_every_process(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    elsewhere = Catalog.open(database_url, coordination)
    night_of("P").committed().apply(catalog)
    assert len(elsewhere.find_captures()) == 1
    fresh = Catalog.create_beside(database_url, coordination, Catalog.beside_name(database_url, NONCE))
    assert fresh.find_captures() == []
    night_of("P", "Q").committed().apply(fresh)
    assert len(elsewhere.find_captures()) == 1, "a catalog in the making is seen by nobody"
    old = catalog.name
    catalog.switch_to(fresh.name)
    assert {catalog.name, elsewhere.name} == {fresh.name}
    assert len(elsewhere.find_captures()) == len(catalog.find_captures()) == 2
    assert catalog.list_others() == [old]
    catalog.remove(old)
    assert catalog.list_others() == []
    assert len(Catalog.open(database_url, coordination).find_captures()) == 2
    night_of("R", day=2).committed().apply(elsewhere)
    assert len(fresh.find_captures()) == len(catalog.find_captures()) == 3


def test_a_reader_whose_catalog_is_removed_under_it_asks_the_new_one(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    night_of("P").committed().apply(catalog)
    fresh = Catalog.create_beside(database_url, coordination, Catalog.beside_name(database_url, NONCE))
    night_of("P", "Q").committed().apply(fresh)
    old = catalog.name
    late = _Late(coordination)
    slow = Catalog.open(database_url, cast(Coordination, late))
    late.names.append(old)
    catalog.switch_to(fresh.name)
    catalog.remove(old)
    assert len(slow.find_captures()) == 2


class _Late:
    """Coordination that answers as it did a moment ago while it has ``names``."""

    def __init__(self, now: Coordination) -> None:
        self.now = now
        self.names: list[str] = []

    def read_note(self, name: str) -> str | None:
        return self.names.pop() if self.names else self.now.read_note(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


def test_what_a_broken_rebuild_left_can_be_found_and_removed(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    name = Catalog.beside_name(database_url, NONCE)
    Catalog.create_beside(database_url, coordination, name).close()
    with pytest.raises(AlreadyStoredError):
        Catalog.create_beside(database_url, coordination, name)
    assert catalog.list_others() == [name]
    catalog.remove(name)
    assert catalog.list_others() == []
    Catalog.create_beside(database_url, coordination, name).close()


def test_a_half_made_catalog_is_gone_on_with_in_the_release_that_began_it(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    name = Catalog.beside_name(database_url, NONCE)
    assert Catalog.reopen_beside(database_url, coordination, name) is None, "it is not there"
    assert Catalog.reopen_beside(database_url, coordination, catalog.name) is None, "it is in use"
    begun = Catalog.create_beside(database_url, coordination, name)
    night_of("P").committed().apply(begun)
    begun.close()
    again = Catalog.reopen_beside(database_url, coordination, name)
    assert again and len(again.find_captures()) == 1
    again.close()
    engine = open_engine(parse_database_url(database_url), name)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    assert Catalog.reopen_beside(database_url, coordination, name) is None, "its tables are of another release"


def test_only_catalogs_are_made_switched_to_and_removed(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    with pytest.raises(ValueError, match="not the name"):
        Catalog.create_beside(database_url, coordination, "coordination.sqlite")
    with pytest.raises(StorageError):
        catalog.switch_to(Catalog.beside_name(database_url, NONCE))
    for name in (catalog.name, "coordination.sqlite", "hemeroteca_coordination", "public"):
        with pytest.raises(ValueError, match="not an unused catalog"):
            catalog.remove(name)
