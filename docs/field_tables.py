"""The tables of docs/format.md: every field and column of what is stored, as the code has it."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import sys
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticUndefined

from docs.field_types import arrow_type, json_type
from storage.documents import COLUMN_PREFIXES, DOCUMENT_SCHEMA
from storage.ledger import LEDGER_SCHEMA, STORED_LEDGER_SCHEMA
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Attempt, Crawl, Gap, Manifest, OutcomeCount, Software, StoredObject
from storage.model.document import Candidate, Document, Extractor, Image, NotCleaned, Post, TextManifest
from storage.model.outcome import Outcome
from storage.model.remembered import RememberedPage, StoredSiteMemory
from storage.model.scraped_item import ScrapedItem
from storage.model.source import ItemFields, Source, TextOverrides
from storage.parquet import schema_name

Model = type[BaseModel]

RECORDS: dict[Model, str] = {
    Manifest: "manifest/1",
    Crawl: "manifest/1",
    Attempt: "manifest/1",
    Software: "manifest/1",
    StoredObject: "manifest/1",
    OutcomeCount: "manifest/1",
    Gap: "manifest/1",
    TextManifest: "text-manifest/1",
    Extractor: "text-manifest/1",
    NotCleaned: "text-manifest/1",
    StoredSiteMemory: "site-memory/1",
    RememberedPage: "site-memory/1",
    IndexedRecord: "records/1",
    ScrapedItem: "items/1",
    Image: "document/1",
    Post: "document/1",
    Candidate: "document/1",
}
"""Every record that is stored as JSON, or within a column, and the schema since which it is."""

LATER: dict[tuple[Model, str], str] = {
    (StoredSiteMemory, "adds_to"): "site-memory/2",
    (StoredSiteMemory, "forgotten"): "site-memory/2",
}
"""Fields that came with a later schema."""

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

CDX_NAMES = {
    "target_uri": "url",
    "media_type": "mime",
    "payload_digest": "digest",
    "request_query": "requestBody",
    "key": "filename",
}
"""Names that CDX has for our fields; the others are ours in camel case."""

_COLUMN_RECORDS: dict[str, Model] = {"location": Location, "extractor": Extractor, "software": Software}
"""Fields of a document that are records, each of whose fields has a column."""


class Row(NamedTuple):
    """One line of a table."""

    name: str
    type: str
    unit: str
    meaning: str
    since: str


def record_lines(record: Model) -> list[str]:
    """Return what *record* is, and a table of its fields."""
    first = (record.__doc__ or "").partition("\n\n")[0]
    return [as_cell(first), "", *table_lines(_field_rows(record, RECORDS[record]))]


def document_lines() -> list[str]:
    """Return the table of the columns of documents."""
    return table_lines(_column_row(field, *_field_of_column(field.name), "document/1") for field in DOCUMENT_SCHEMA)


def ledger_lines() -> list[str]:
    """Return the table of the columns of ledgers, with what is no longer stored."""
    rows = []
    for field in LEDGER_SCHEMA:
        since = schema_name(LEDGER_SCHEMA) or ""
        if field.name not in STORED_LEDGER_SCHEMA.names:
            since += " alone"
        rows.append(_column_row(field, Outcome, field.name, since))
    return table_lines(rows)


def cdxj_lines() -> list[str]:
    """Return the table of the names in the JSON of a CDXJ line."""
    plain = [name for name in Capture.model_fields if name not in ("urlkey", "location", "request")]
    rows = [_field_row(Capture, name, "index/1")._replace(name=CDX_NAMES.get(name, to_camel(name))) for name in plain]
    rows += [
        _field_row(Location, name, "index/1")._replace(name=CDX_NAMES.get(name, name))
        for name in ("length", "offset", "key")
    ]
    rows.append(Row("request", "object", "", meaning_of(Capture, "request"), "index/1"))
    # CDX tools want numbers as text, and what is none is not written.
    types = {row.name: row.type.replace("integer", "string of digits").removesuffix(" or null") for row in rows}
    return table_lines(row._replace(type=types[row.name]) for row in rows)


def card_lines() -> list[str]:
    """Return the table of the fields of a card."""
    rows = [
        f"| `{name}` | {meaning_of(Source, name)} | {_default(field.get_default())} |"
        for name, field in Source.model_fields.items()
    ]
    return ["| field | meaning | default |", "|---|---|---|", *rows]


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return ""
    if value in (None, (), TextOverrides(), ItemFields()):
        return "none"
    return f"`{json.dumps(value)}`".replace('"', "")


def table_lines(rows: Iterable[Row]) -> list[str]:
    head = ["| name | type | unit | meaning | since |", "|---|---|---|---|---|"]
    return head + [f"| `{row.name}` | {row.type} | {row.unit} | {row.meaning} | {row.since} |" for row in rows]


def meaning_of(record: Model, field: str) -> str:
    """Return what *field* of *record* means: as it says itself, else as a capture, outcome or crawl says of its own.

    Raises KeyError when nothing says it.
    """
    for owner in (*record.__mro__, *Capture.__mro__, *Outcome.__mro__, Location, Manifest):
        said = _docstrings(owner.__module__).get((owner.__name__, field))
        if said:
            return as_cell(said)
        if field == "schema_name" and owner is record:
            return "The schema of the object."
    raise KeyError(f"{record.__name__}.{field} has no docstring that says what it means")


def _field_rows(record: Model, since: str) -> list[Row]:
    return [_field_row(record, name, LATER.get((record, name), since)) for name in record.model_fields]


def _field_row(record: Model, name: str, since: str) -> Row:
    field = record.model_fields[name]
    return Row(field.alias or name, json_type(field.annotation), UNITS.get(name, ""), meaning_of(record, name), since)


def _column_row(field: pa.Field, record: Model, name: str, since: str) -> Row:
    return Row(field.name, arrow_type(field), UNITS.get(name, ""), meaning_of(record, name), since)


def _field_of_column(column: str) -> tuple[Model, str]:
    """Return the field that a column of documents holds, of the document or of a record in it."""
    for name, prefix in COLUMN_PREFIXES.items():
        record = _COLUMN_RECORDS[name]
        if column.startswith(prefix) and column.removeprefix(prefix) in record.model_fields:
            return record, column.removeprefix(prefix)
    return Document, column


def as_cell(text: str) -> str:
    """Return *text* of a docstring on one line of Markdown."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split())).replace("|", "\\|")


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
