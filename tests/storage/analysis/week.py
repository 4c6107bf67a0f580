"""A week of the documents table: two articles, one of which changes, and an older release's night."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

import pyarrow as pa

from storage.document_columns import DERIVED_COLUMNS
from storage.documents import read_document_table, write_documents
from storage.keys import table_part
from storage.model.document import Document, text_digest
from storage.night_tables import write_table
from storage.objects import Store
from storage.parquet import schema_name, write_rows
from tests.storage.test_documents import document

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))


class Told(NamedTuple):
    """What a night's table says of one article."""

    article: str
    text: str
    language: str = "es"
    source_id: str = "faro"
    published: str | None = "2026-03-01T23:30:00-05:00"
    title: str = "Titular"
    hour: int = 3


def tell(night: date, number: int, told: Told) -> Document:
    return document(number).replace(
        derived_from=f"urn:uuid:{night.day}-{number}",
        night=night,
        url=f"http://{told.source_id}.test/{told.article}",
        urlkey=f"test,{told.source_id})/{told.article}",
        fetched_at=datetime(night.year, night.month, night.day, told.hour, tzinfo=UTC),
        title=told.title,
        text=told.text,
        text_digest=text_digest(told.text),
        language=told.language,
        source_id=told.source_id,
        published=told.published,
    )


def rows_of(night: date, *told: Told) -> pa.Table:
    return read_document_table(write_documents([tell(night, number, one) for number, one in enumerate(told)]))


def put_older_part(store: Store, night: date, rows: pa.Table) -> None:
    """Write the part of an earlier release, which had no dates and not every column."""
    older = rows.drop_columns(["night", "content_signal"])
    assert not {*DERIVED_COLUMNS} & {*older.schema.names}
    store.put_derived(table_part("documents", night, 0), write_rows(older, 64), schema=schema_name(older.schema) or "")


def put_week(store: Store) -> Store:
    drought, other = Told("sequia", "La sequía sigue."), Told("fiesta", "Hoy hay fiesta.", published="2026-03-02")
    put_older_part(store, MONDAY, rows_of(MONDAY, drought, other))
    changed = Told("sequia", "La sequía acaba.")
    english = Told("rain", "It rains.", language="en-GB", source_id="courier", published=None)
    write_table(store, "documents", TUESDAY, [rows_of(TUESDAY, changed, english)])
    write_table(store, "documents", WEDNESDAY, [rows_of(WEDNESDAY, changed, other)])
    return store
