"""What the columns of the analyst's tables mean: type, unit and meaning, as the records say of their fields."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from typing import NamedTuple, get_args

import pyarrow as pa
from pydantic import BaseModel

from storage.analysis.document_search import SEARCH_SCHEMA, VERSION
from storage.document_columns import DERIVED_COLUMNS
from storage.documents import COLUMN_PREFIXES, DOCUMENT
from storage.ledger import LEDGER_SCHEMA, STORED_LEDGER_SCHEMA
from storage.model.capture import Capture, Location
from storage.model.crawl import Manifest, Software
from storage.model.document import Document, Extractor
from storage.model.outcome import Outcome
from storage.night_tables import Table
from storage.parquet import schema_name

Model = type[BaseModel]

UNITS = {
    "offset": "bytes",
    "length": "bytes",
    "bytes": "bytes",
    "wire_bytes": "bytes",
    "duration_seconds": "seconds",
    "status": "HTTP status",
    "records": "records, lines or rows",
    "urls": "URLs",
    "discovered": "URLs",
    "left_pending": "URLs",
    "given_up": "URLs",
    "documents": "documents",
    "reserved": "articles",
    "without_text": "documents",
    "flagged": "documents",
    "boilerplate_removed": "characters",
    "lines_dropped": "lines",
    "lines_added": "lines",
    "confidence": "0 to 1",
    "published_confidence": "0 to 1",
    "text_share": "0 to 1",
}
"""What numbers count, by field."""

DERIVED_MEANINGS = {
    "published_date": "The day of ``published``, as the newspaper wrote it, in its own time zone.",
    "published_at": "The time of ``published`` in UTC; null if the page gives only a day, or no zone.",
    "version": (
        "Which text of its article (``urlkey``) this is, from 1: it goes up when the text differs from the article's"
        " document before, within the nights that are read."
    ),
}
"""Columns that no record has: dates are derived when a table is written or read, versions counted as it is read."""

_COLUMN_RECORDS: dict[str, Model] = {"location": Location, "extractor": Extractor, "software": Software}
"""Fields of a document that are records, each of whose fields has a column."""


class Row(NamedTuple):
    """One line of a table of fields or columns."""

    name: str
    type: str
    unit: str
    meaning: str
    since: str


def list_columns(table: Table) -> list[Row]:
    """Return the columns of a table, as readers get them."""
    return _ledger_rows() if table == "ledger" else _document_rows()


def list_tables() -> tuple[str, ...]:
    return get_args(Table)


def _document_rows() -> list[Row]:
    return [_document_row(field) for field in SEARCH_SCHEMA]


def _document_row(field: pa.Field) -> Row:
    if field.name in DERIVED_MEANINGS:
        since = "computed on reading" if field.name == VERSION.name else "tables only"
        return Row(field.name, arrow_type(field), "", DERIVED_MEANINGS[field.name], since)
    return _column_row(field, *_field_of_column(field.name), DOCUMENT)


def list_stored_document_columns() -> list[Row]:
    """Return the columns of documents as they are stored, which the dates and the version are derived from."""
    return [row for row in _document_rows() if row.name not in DERIVED_MEANINGS]


def list_derived_document_columns() -> list[Row]:
    """Return the columns that the documents table has besides."""
    return [row for row in _document_rows() if row.name in DERIVED_COLUMNS]


def _ledger_rows() -> list[Row]:
    rows = []
    for field in LEDGER_SCHEMA:
        since = schema_name(LEDGER_SCHEMA) or ""
        if field.name not in STORED_LEDGER_SCHEMA.names:
            since += " alone"
        rows.append(_column_row(field, Outcome, field.name, since))
    return rows


def _column_row(field: pa.Field, record: Model, name: str, since: str) -> Row:
    return Row(field.name, arrow_type(field), UNITS.get(name, ""), meaning_of(record, name), since)


def _field_of_column(column: str) -> tuple[Model, str]:
    """Return the field that a column of documents holds, of the document or of a record in it."""
    for name, prefix in COLUMN_PREFIXES.items():
        record = _COLUMN_RECORDS[name]
        if column.startswith(prefix) and column.removeprefix(prefix) in record.model_fields:
            return record, column.removeprefix(prefix)
    return Document, column


def meaning_of(record: Model, field: str) -> str:
    """Return what *field* of *record* means: as it says itself, else as a capture, outcome or crawl says of its own.

    Raises KeyError when nothing says it.
    """
    for owner in (*record.__mro__, *Capture.__mro__, *Outcome.__mro__, Location, Manifest):
        said = _docstrings(owner.__module__).get((owner.__name__, field))
        if said:
            return " ".join(said.split())
        if field == "schema_name" and owner is record:
            return "The schema of the object."
    raise KeyError(f"{record.__name__}.{field} has no docstring that says what it means")


@functools.cache
def _docstrings(module: str) -> dict[tuple[str, str], str]:
    """Return the docstrings below the fields of each class of *module*."""
    found = {}
    source = inspect.getsource(sys.modules[module]) if module.startswith("storage.") else ""
    for node in (one for one in ast.parse(source).body if isinstance(one, ast.ClassDef)):
        for field, below in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
                found[node.name, field.target.id] = str(ast.literal_eval(below.value))
    return found


def arrow_type(field: pa.Field) -> str:
    """Return what a column is in Arrow, and whether it may be null."""
    return _arrow(field.type) + (" or null" if field.nullable else "")


def _arrow(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_arrow(kind.value_type)}"
    if pa.types.is_map(kind):
        return f"map of {_arrow(kind.key_type)} to {_arrow(kind.item_type)}"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(field.name for field in kind) + "}"
    return str(kind)
