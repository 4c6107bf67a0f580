"""The tables of many nights are read batch by batch, each part held to its digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pytest

from storage.document_columns import DOCUMENT_TABLE_SCHEMA, add_dates
from storage.documents import read_document_table, write_documents
from storage.model.errors import FixityError
from storage.night_tables import part_schema, write_table
from storage.objects import S3Settings, Store
from storage.parquet import conform, schema_name, write_rows
from storage.table_reads import BATCH_ROWS, TableRange, open_batches
from tests.conftest import flip_bit
from tests.storage.test_documents import document

NIGHTS = [date(2026, 11, day) for day in (28, 29, 30)] + [date(2026, 12, 1)]
PART = "tables/documents/night={}/part-{}.parquet"


def documents_of(night: date, numbers: Iterable[int]) -> pa.Table:
    """Return a document a number; those of even ones are of another newspaper."""
    sources = ("faro", "courier")
    made = [document(n).replace(night=night, source_id=sources[n % 2 == 0]) for n in numbers]
    return read_document_table(write_documents(made))


@pytest.fixture
def four_nights(store: Store) -> Store:
    for night in NIGHTS:
        write_table(store, "documents", night, [documents_of(night, range(3))])
    return store


def read(
    store: Store, since: date = date.min, until: date = date.max, source_id: str | None = None
) -> list[tuple[str, str]]:
    rows = open_batches(store, "documents", TableRange(since, until, source_id)).read_all()
    return list(zip(rows["night"].to_pylist(), rows["derived_from"].to_pylist(), strict=True))


def test_a_range_has_the_rows_of_its_nights_in_their_order(four_nights: Store) -> None:
    both = read(four_nights, NIGHTS[1], NIGHTS[3])
    assert both == [(str(night), f"urn:uuid:{n}") for night in NIGHTS[1:] for n in range(3)]
    assert read(four_nights)[3:] == both
    assert read(four_nights, NIGHTS[2], NIGHTS[2]) == both[3:6]
    assert read(four_nights, NIGHTS[3], NIGHTS[1]) == read(four_nights, date(2020, 1, 1), date(2020, 2, 1)) == []
    assert open_batches(four_nights, "documents", TableRange()).schema.equals(
        DOCUMENT_TABLE_SCHEMA, check_metadata=True
    )


def test_one_newspaper_can_be_asked_for(four_nights: Store) -> None:
    assert read(four_nights, NIGHTS[0], NIGHTS[1], "faro") == [(str(night), "urn:uuid:1") for night in NIGHTS[:2]]


def test_a_part_is_read_when_its_turn_comes_and_in_batches(four_nights: Store) -> None:
    rows = documents_of(NIGHTS[1], [7] * (BATCH_ROWS + 1))
    write_table(four_nights, "documents", NIGHTS[1], [rows])
    batches = open_batches(four_nights, "documents", TableRange())
    assert batches.read_next_batch().num_rows == 3
    write_table(four_nights, "documents", NIGHTS[2], [documents_of(NIGHTS[2], [9])])
    assert [batch.num_rows for batch in batches] == [BATCH_ROWS, 1, 1, 3]


def test_parts_are_read_in_the_order_of_their_numbers(store: Store) -> None:
    for number in (10, 9, 0):
        rows = conform(add_dates(documents_of(NIGHTS[0], [number])), part_schema("documents"))
        store.put_derived(PART.format(NIGHTS[0], number), write_rows(rows, 64), schema="document/1")
    assert [record for _, record in read(store)] == ["urn:uuid:0", "urn:uuid:9", "urn:uuid:10"]


def test_a_part_of_an_earlier_release_has_null_in_newer_columns(store: Store) -> None:
    older = documents_of(NIGHTS[0], [1]).drop_columns(["night", "content_signal"])
    store.put_derived(PART.format(NIGHTS[0], 0), write_rows(older, 64), schema=schema_name(older.schema) or "")
    [row] = open_batches(store, "documents", TableRange()).read_all().to_pylist()
    assert (row["night"], row["content_signal"]) == (str(NIGHTS[0]), None)


def test_only_the_columns_asked_for_are_there_and_dates_are_derived(store: Store) -> None:
    older = documents_of(NIGHTS[0], [1]).drop_columns(["night"])
    store.put_derived(PART.format(NIGHTS[0], 0), write_rows(older, 64), schema=schema_name(older.schema) or "")
    write_table(store, "documents", NIGHTS[1], [documents_of(NIGHTS[1], [1])])
    for columns in (("published_at", "night"), ("night",), ("text", "url")):
        rows = open_batches(store, "documents", TableRange(columns=columns)).read_all()
        assert tuple(rows.schema.names) == columns and rows.num_rows == 2


def test_a_damaged_part_is_named_before_any_row_of_it_is_given(four_nights: Store, s3_settings: S3Settings) -> None:
    flip_bit(s3_settings, PART.format(NIGHTS[1], 0), 40)
    batches = open_batches(four_nights, "documents", TableRange())
    assert batches.read_next_batch().num_rows == 3
    with pytest.raises(FixityError, match=f"night={NIGHTS[1]}/part-0.parquet: its SHA-256"):
        batches.read_next_batch()


def test_what_is_no_table_is_named(store: Store) -> None:
    store.put_derived(PART.format(NIGHTS[0], 0), b"not Parquet", schema="document/1")
    with pytest.raises(FixityError, match="part-0.parquet: not a whole Parquet file"):
        read(store)
