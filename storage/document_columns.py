"""The documents table: the columns that are stored of a document, and the dates that are derived from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa

from storage.documents import DOCUMENT_SCHEMA
from storage.parquet import MOMENT

PUBLISHED = "published"
DERIVED = (pa.field("published_date", pa.date32()), pa.field("published_at", MOMENT))
DERIVED_COLUMNS = tuple(field.name for field in DERIVED)


def _insert_after(schema: pa.Schema, name: str, fields: tuple[pa.Field, ...]) -> pa.Schema:
    place = schema.get_field_index(name) + 1
    return pa.schema([*list(schema)[:place], *fields, *list(schema)[place:]], metadata=schema.metadata)


DOCUMENT_TABLE_SCHEMA = _insert_after(DOCUMENT_SCHEMA, PUBLISHED, DERIVED)


def add_dates(rows: pa.Table) -> pa.Table:
    """Return *rows* of documents with the dates that follow from ``published``: older parts have no such columns."""
    if PUBLISHED not in rows.schema.names:
        return rows
    written = rows[PUBLISHED].to_pylist()
    values = (map(parse_date, written), map(parse_moment, written))
    for field, found in zip(DERIVED, values, strict=True):
        if field.name not in rows.schema.names:
            rows = rows.append_column(field, pa.array(found, field.type))
    return rows


def parse_date(published: str | None) -> date | None:
    """Return the day of *published*, as the newspaper wrote it: in its own time zone."""
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def parse_moment(published: str | None) -> datetime | None:
    """Return the time of *published* in UTC; None where only a day is known, or no zone."""
    try:
        moment = datetime.fromisoformat(published or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
