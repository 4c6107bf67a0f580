"""SQL over the tables: only what a query needs is read, nothing is downloaded, and older parts have dates too."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest

from storage.analysis.sql import run_query
from storage.model.errors import FixityError, MissingExtraError, SeedError, StorageError
from storage.objects import S3Settings, Store
from tests.conftest import replace_object
from tests.storage.analysis.week import TUESDAY


def ask(store: Store, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    found = run_query(store, query, parameters).read_all()
    return [tuple(row.values()) for row in found.to_pylist()]


def test_both_tables_are_views(week: Store) -> None:
    assert ask(week, "SELECT night, count(*) FROM documents GROUP BY ALL ORDER BY ALL") == [
        ("2026-03-02", 2), ("2026-03-03", 2), ("2026-03-04", 2),
    ]  # fmt: skip
    assert ask(week, "SELECT count(*) FROM ledger") == [(0,)]
    assert ask(week, "SELECT count(*) FROM documents JOIN documents AS other USING (urlkey)") == [(14,)]
    assert ask(week, "SELECT url FROM documents WHERE source_id = ?", "courier") == [("http://courier.test/rain",)]


def test_dates_are_dates_in_older_parts_too(week: Store) -> None:
    dates = ask(week, "SELECT published_date, published_at FROM documents ORDER BY night, url")
    late = (date(2026, 3, 1), datetime(2026, 3, 2, 4, 30, tzinfo=UTC))
    day = (date(2026, 3, 2), None)
    assert dates == [day, late, (None, None), late, day, late]
    assert ask(week, "SELECT year(fetched_at), count(*) FROM documents WHERE fetched_at > '2026-03-03' GROUP BY 1") == [
        (2026, 4)
    ]


def test_the_newest_document_of_each_article_can_be_asked_for(week: Store) -> None:
    newest = "QUALIFY row_number() OVER (PARTITION BY urlkey ORDER BY fetched_at DESC) = 1"
    assert len(ask(week, f"SELECT url FROM documents {newest}")) == 3


def test_an_archive_without_nights_has_empty_views(store: Store) -> None:
    assert ask(store, "SELECT count(*), max(published_at) FROM documents") == [(0, None)]
    assert ask(store, "SELECT url FROM ledger") == []


def test_only_what_a_query_needs_is_read(week: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    read_range = Store.read_range

    def note(self: Store, key: str, *span: int) -> bytes:
        read.append(key)
        return read_range(self, key, *span)

    monkeypatch.setattr(Store, "read_range", note)
    assert len(ask(week, "SELECT url FROM documents WHERE night = '2026-03-03'")) == 2
    assert {key for key in read if "night=2026-03-02" in key} == set()
    assert ask(week, "EXPLAIN SELECT url FROM documents WHERE language = 'es'")[0][1].count("Projections: url") == 1


def test_no_extension_is_downloaded(week: Store) -> None:
    settings = dict(ask(week, "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%_known_extensions'"))
    assert settings == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@pytest.mark.parametrize(
    "query",
    [
        "SELEC 1",
        "SELECT txt FROM documents",
        "SELECT * FROM captures",
        "",
        "SELECT 'x'::INT",
    ],
)
def test_what_is_no_query_is_asked_wrongly(week: Store, query: str) -> None:
    with pytest.raises(SeedError, match="sql: "):
        ask(week, query)


def test_a_damaged_part_and_a_store_that_is_away_are_told_apart(
    week: Store, s3_settings: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"tables/documents/night={TUESDAY}/part-0.parquet"
    content = bytearray(week.read(key))
    content[200:1500] = bytes(1300)
    replace_object(s3_settings, key, bytes(content))
    with pytest.raises(FixityError, match="tables: a part is damaged"):
        ask(week, "SELECT * FROM documents")

    def be_away(*_: object) -> bytes:
        raise StorageError("the store is away")

    monkeypatch.setattr(Store, "read_range", be_away)
    with pytest.raises(StorageError, match="the store is away"):
        ask(week, "SELECT url FROM documents")


def test_without_duckdb_the_extra_is_named(week: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"duckdb is not installed: .*\[analysis\]"):
        ask(week, "SELECT 1")
