"""What items say about their pages: title, authors and date of a document, in place of what extraction found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain

import structlog
from pydantic import JsonValue

from hemeroteca.extraction.metadata.bylines import split_names
from hemeroteca.extraction.metadata.dates import read_one_date
from hemeroteca.extraction.page.untrusted_strings import clean_line
from storage.captures.index import INDEX_SCHEMA
from storage.holdings import Holdings
from storage.items import ITEMS
from storage.model.capture import Capture
from storage.model.crawl import Manifest
from storage.model.document import Candidate, CleanText
from storage.model.source import ItemFields

log = structlog.get_logger()

SPIDER = "spider"
"""How a field is known that an item says."""

Said = dict[str, JsonValue]
"""What items say of one page, by field of the document."""


def read_said(holdings: Holdings, manifest: Manifest, fields: ItemFields) -> dict[str, Said]:
    """Return what the items of *manifest* say of its pages, by record id: of each field what the first item says.

    What is said of a revisit is said of the record that holds its payload: that one gives the document.
    """
    names = fields.model_dump(exclude_none=True)
    objects = list(holdings.find_objects(manifest, ITEMS)) if names else []
    payloads = _find_payloads(holdings, manifest) if objects else {}
    found: dict[str, Said] = {}
    for one in chain.from_iterable(map(holdings.read_items, objects)):
        said = {field: one.item[name] for field, name in names.items() if one.item.get(name) is not None}
        if one.record_id and said:
            record_id = payloads.get(one.record_id, one.record_id)
            found[record_id] = said | found.get(record_id, {})
    return found


def _find_payloads(holdings: Holdings, manifest: Manifest) -> dict[str, str]:
    """Return which record holds the payload of each revisit, by record id."""
    indexes = holdings.find_objects(manifest, INDEX_SCHEMA)
    captures = chain.from_iterable(map(holdings.read_captures, indexes))
    return {one.record_id: one.refers_to for one in captures if one.refers_to}


def use_said(capture: Capture, text: CleanText, said: Said) -> CleanText:
    """Return *text* with what items say of *capture*; a value that cannot be read is passed over and logged."""
    for field, value in said.items():
        try:
            read = _READERS[field](value, capture.date)
        except ValueError as error:
            log.warning("item field not used", url=capture.target_uri, field=field, reason=str(error))
        else:
            text = text.model_copy(update=_describe(text, field, read))
    return text


def _describe(text: CleanText, field: str, read: str | tuple[str, ...]) -> dict[str, object]:
    """Return the fields of *text* that change with *field*: how it is known, and its candidates too."""
    value = read if isinstance(read, str) else "; ".join(read)
    changed: dict[str, object] = {
        field: read,
        "known": text.known | {field: SPIDER},
        "candidates": (Candidate(field=field, value=value, source=SPIDER), *text.candidates),
    }
    if field == "published":
        changed |= {"published_known": SPIDER, "published_confidence": None}
    return changed


def _read_title(value: JsonValue, _: datetime) -> str:
    return _read_line(value)


def _read_published(value: JsonValue, fetched: datetime) -> str:
    line = _read_line(value)
    read = read_one_date(line, fetched)
    if read is None:
        raise ValueError(f"no date before the page was fetched: {line[:100]}")
    return read


def _read_authors(value: JsonValue, _: datetime) -> tuple[str, ...]:
    """Return the names in a byline, or in a list of names."""
    if isinstance(value, list):
        if not value:
            raise ValueError("an empty list")
        return tuple(dict.fromkeys(map(_read_line, value)))
    line = _read_line(value)
    return tuple(split_names(line)) or (line,)


def _read_line(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not text, but {type(value).__name__}")
    line = clean_line(value)
    if not line:
        raise ValueError("an empty text")
    return line


_READERS: dict[str, Callable[[JsonValue, datetime], str | tuple[str, ...]]] = {
    "title": _read_title,
    "published": _read_published,
    "authors": _read_authors,
}
