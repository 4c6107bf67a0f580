"""The tables of docs/format.md: every stored field and column, as the code defines it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticUndefined

from docs.field_types import json_type
from storage.analysis.data_dictionary import (
    UNITS,
    Row,
    list_columns,
    list_derived_document_columns,
    list_stored_document_columns,
    meaning_of,
)
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Attempt, Crawl, Gap, Manifest, OutcomeCount, Software, StoredObject
from storage.model.document import Candidate, Extractor, Image, NotCleaned, Post, TextManifest
from storage.model.remembered import RememberedPage, StoredSiteMemory
from storage.model.scraped_item import ScrapedItem
from storage.model.source import ItemFields, Source, TextOverrides

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

CDX_NAMES = {
    "target_uri": "url",
    "media_type": "mime",
    "payload_digest": "digest",
    "request_query": "requestBody",
    "key": "filename",
}
"""Names that CDX has for our fields; the others are ours in camel case."""


def record_lines(record: Model) -> list[str]:
    """Return what *record* is, and a table of its fields."""
    first = (record.__doc__ or "").partition("\n\n")[0]
    return [as_cell(first), "", *table_lines(_field_rows(record, RECORDS[record]))]


def document_lines() -> list[str]:
    """Return the table of the columns of documents."""
    return table_lines(list_stored_document_columns())


def derived_lines() -> list[str]:
    """Return the table of the columns that the documents table has besides."""
    return table_lines(list_derived_document_columns())


def ledger_lines() -> list[str]:
    """Return the table of the columns of ledgers, with what is no longer stored."""
    return table_lines(list_columns("ledger"))


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
        f"| `{name}` | {as_cell(meaning_of(Source, name))} | {_default(field.get_default())} |"
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
    return head + [f"| `{row.name}` | {row.type} | {row.unit} | {as_cell(row.meaning)} | {row.since} |" for row in rows]


def _field_rows(record: Model, since: str) -> list[Row]:
    return [_field_row(record, name, LATER.get((record, name), since)) for name in record.model_fields]


def _field_row(record: Model, name: str, since: str) -> Row:
    field = record.model_fields[name]
    return Row(field.alias or name, json_type(field.annotation), UNITS.get(name, ""), meaning_of(record, name), since)


def as_cell(text: str) -> str:
    """Return *text* of a docstring on one line of Markdown."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split())).replace("|", "\\|")
