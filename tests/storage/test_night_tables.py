"""The tables are what any engine reads of a night."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from storage.document_columns import DOCUMENT_TABLE_SCHEMA
from storage.documents import read_document_table, write_documents
from storage.ledger import LEDGER_SCHEMA, read_ledger_table, write_ledger
from storage.model.errors import FixityError
from storage.night_tables import write_table
from storage.objects import S3Settings, Store
from storage.table_reads import read_table
from tests.conftest import table_dataset
from tests.storage.test_documents import document
from tests.storage.test_ledger import outcome

NIGHT = date(2026, 11, 24)
PART = "tables/ledger/night=2026-11-24/part-{}.parquet"


def put_ledgers(store: Store, sizes: list[int]) -> list[str]:
    """Put one ledger a size and return their keys; each URL tells its ledger and row."""
    stored = []
    for number, size in enumerate(sizes):
        outcomes = [outcome(f"http://faro.hemeroteca.test/{number}/{row:03}") for row in range(size)]
        stored.append(f"ledger/{number}.parquet")
        store.put_new(stored[-1], write_ledger(outcomes), schema="ledger/1")
    return stored


def rows_at(store: Store, keys: list[str]) -> Iterator[pa.Table]:
    return (read_ledger_table(store.read(key)) for key in keys)


def urls(store: Store) -> list[str]:
    found: list[str] = read_table(store, "ledger", NIGHT).column("url").to_pylist()
    return found


def test_a_nights_table_has_the_rows_of_its_objects_in_their_order(store: Store) -> None:
    first, second = put_ledgers(store, [3, 2])
    assert write_table(store, "ledger", NIGHT, rows_at(store, [second, first])) == [PART.format(0)]
    assert [url.removeprefix("http://faro.hemeroteca.test/") for url in urls(store)] == [
        "1/000",
        "1/001",
        "0/000",
        "0/001",
        "0/002",
    ]
    assert read_table(store, "ledger", NIGHT).schema.equals(LEDGER_SCHEMA, check_metadata=True)


def test_many_small_ledgers_share_a_row_group(store: Store) -> None:
    write_table(store, "ledger", NIGHT, (read_ledger_table(write_ledger([outcome(f"x{n}")])) for n in range(50)))
    assert pq.ParquetFile(io.BytesIO(store.read(PART.format(0)))).num_row_groups == 1


def test_a_table_written_again_is_replaced_and_the_same_rows_give_the_same_bytes(store: Store) -> None:
    stored = put_ledgers(store, [3, 2])
    contents = []
    for wanted in (stored, stored[:1], stored):
        write_table(store, "ledger", NIGHT, rows_at(store, wanted))
        contents.append(store.read(PART.format(0)))
    assert contents[0] == contents[2] != contents[1]
    assert len(urls(store)) == 5


def test_a_table_above_the_bound_has_parts_and_a_shorter_one_leaves_none_of_them(store: Store) -> None:
    rows = [read_ledger_table(write_ledger([outcome(f"{part}/{n:05}") for n in range(16 * 1024)])) for part in "abc"]
    assert write_table(store, "ledger", NIGHT, rows, part_bytes=1)[:3] == [PART.format(n) for n in range(3)]
    whole = urls(store)
    assert len(whole) == 3 * 16 * 1024
    assert whole == sorted(whole)
    assert write_table(store, "ledger", NIGHT, rows[:1]) == [PART.format(0)]
    assert urls(store) == whole[: 16 * 1024]


def test_a_night_without_rows_has_the_columns(store: Store) -> None:
    assert read_table(store, "documents", NIGHT).schema.equals(DOCUMENT_TABLE_SCHEMA, check_metadata=True)
    assert write_table(store, "ledger", NIGHT, []) == [PART.format(0)]
    assert read_table(store, "ledger", NIGHT).num_rows == 0


def test_documents_are_a_table_as_ledgers_are(store: Store) -> None:
    write_table(store, "documents", NIGHT, [read_document_table(write_documents([document(n) for n in range(3)]))])
    texts = read_table(store, "documents", NIGHT).column("text").to_pylist()
    assert texts == [document(n).text for n in range(3)]


def test_a_damaged_object_leaves_the_table_as_it_was(store: Store) -> None:
    stored = put_ledgers(store, [3])
    write_table(store, "ledger", NIGHT, rows_at(store, stored))
    store.put_new("ledger/bad.parquet", b"not Parquet", schema="ledger/1")
    with pytest.raises(FixityError):
        write_table(store, "ledger", NIGHT, rows_at(store, [*stored, "ledger/bad.parquet"]))
    assert len(urls(store)) == 3


def test_plain_pyarrow_reads_every_night_from_the_bucket(store: Store, s3_settings: S3Settings) -> None:
    for day in (24, 25):
        night = NIGHT.replace(day=day)
        rows = read_ledger_table(write_ledger([outcome(f"http://faro.hemeroteca.test/{day}", night=night)]))
        write_table(store, "ledger", night, [rows])
    place, bucket = table_dataset(s3_settings, "ledger")
    table = ds.dataset(place, filesystem=bucket, partitioning="hive").to_table()
    assert sorted(table.column("night").to_pylist()) == ["2026-11-24", "2026-11-25"]
    assert table.schema.metadata[b"schema"] == b"ledger/1"
    assert pq.read_table(place, filesystem=bucket).column("night").to_pylist() == ["2026-11-24", "2026-11-25"]


def test_duckdb_groups_the_parts_by_night(store: Store, tmp_path: Path) -> None:
    write_table(store, "ledger", NIGHT, [read_ledger_table(write_ledger([outcome("a"), outcome("b")]))])
    copied = tmp_path / PART.format(0)
    copied.parent.mkdir(parents=True)
    copied.write_bytes(store.read(PART.format(0)))
    found = duckdb.execute(
        f"SELECT night, count(*) FROM '{tmp_path}/tables/ledger/*/*.parquet' GROUP BY night"
    ).fetchall()
    assert [(str(night), rows) for night, rows in found] == [("2026-11-24", 2)]
