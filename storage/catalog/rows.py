"""The rows of the catalog, made from captures, outcomes, documents and manifests, and read back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from sqlalchemy import Row

from storage.catalog.schema import HEAD_CHARACTERS
from storage.model.base import Record, UtcTime
from storage.model.capture import Capture, Location
from storage.model.crawl import Gap, Manifest, OutcomeCount, Trigger
from storage.model.document import Document, TextManifest
from storage.model.night import Night
from storage.model.outcome import Outcome
from storage.model.placed_document import DocumentsObject, ObjectPart, RowGroup

Values = dict[str, Any]

_SAME = (
    "record_id", "record_type", "target_uri", "urlkey", "date", "status", "media_type", "payload_digest",
    "record_digest", "refers_to", "refers_to_uri", "refers_to_date", "truncated", "crawl_id", "source_id", "night",
    "kind", "purpose", "via", "robots_header", "robots_meta", "tdm_reservation", "tdm_policy", "content_signal",
    "canonical", "amphtml",
)  # fmt: skip
"""Fields of a Capture that are columns of the same name."""


HELD = (
    "held_rank", "held_fetched", "held_crawl", "record_id", "target_uri", "date", "payload_digest", "body_digest",
    "etag", "last_modified",
)  # fmt: skip
"""Columns of url_state that say which payload is held: they change together."""


class Payload(NamedTuple):
    """The response that holds a payload, and the status of the capture that led there."""

    record_id: str
    target_uri: str
    date: datetime
    digest: str
    status: int


class DocumentPlace(Record):
    """Where a document lies: the ``row`` (from 0) of the Parquet object at ``key``, and what it is."""

    record_id: str
    extractor_id: str
    key: str
    row: int
    url: str
    urlkey: str
    crawl_id: str
    night: Night
    source_id: str
    title: str | None
    published: str | None
    language: str | None
    text_digest: str
    fetched_at: UtcTime
    extracted_at: UtcTime
    held: DocumentsObject | None = None
    """The digests of the object; None in a catalog that an earlier release filled."""


class CrawlRow(Record):
    """One manifest of a crawl.

    ``discovered`` and ``counts`` are 0 and empty for a late one whose crawl has another manifest.
    ``documents`` are those of the current cleaning, None when there is none; ``reserved`` is how many captures that
    one left out because their publisher reserves them and the card says to honour it; ``confidence`` is the mean over
    its documents, ``flagged`` how many of them have quality flags.
    """

    manifest_key: str
    crawl_id: str
    source_id: str
    night: Night
    trigger: Trigger
    started: UtcTime
    ended: UtcTime
    end_reason: str
    discovered: int
    counts: tuple[OutcomeCount, ...]
    wire_bytes: int
    documents: int | None
    reserved: int = 0
    confidence: float | None = None
    flagged: int = 0
    late: bool
    previous: str | None
    nightly_before: Night | None = None
    """The night of its source's nightly crawl before this night."""
    gaps: tuple[Gap, ...] = ()
    for_since: Night | None = None
    for_until: Night | None = None

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds()


def make_digest_id(*parts: str) -> str:
    """Return 32 hex digits that stand for *parts* where a column must be short."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def urlkey_head(urlkey: str) -> str:
    return urlkey[:HEAD_CHARACTERS]


def make_capture_row(capture: Capture) -> Values:
    place, request = capture.location, capture.request
    return {name: getattr(capture, name) for name in _SAME} | {
        "urlkey_head": urlkey_head(capture.urlkey),
        "location_key": place.key,
        "location_offset": place.offset,
        "location_length": place.length,
        "request_key": request.key if request else None,
        "request_offset": request.offset if request else None,
        "request_length": request.length if request else None,
        "redirected_from": list(capture.redirected_from),
        "flags": list(capture.flags) or None,
        "evidence": list(capture.evidence) or None,
    }


def read_capture_row(row: Row[Any]) -> Capture:
    found = row._mapping
    request = None
    if found["request_key"] is not None:
        request = _location(found["request_key"], found["request_offset"], found["request_length"])
    return Capture(
        **{name: found[name] for name in _SAME},
        location=_location(found["location_key"], found["location_offset"], found["location_length"]),
        request=request,
        redirected_from=tuple(found["redirected_from"]),
        flags=tuple(found["flags"] or ()),
        evidence=tuple(found["evidence"] or ()),
    )


def _location(key: str, offset: int, length: int) -> Location:
    return Location(key=key, offset=offset, length=length)


def make_document_row(document: Document, key: str, row: int) -> Values:
    same = ("url", "urlkey", "crawl_id", "night", "source_id", "title", "published", "language", "text_digest")
    return {name: getattr(document, name) for name in same} | {
        "record_id": document.derived_from,
        "extractor_id": document.extractor.id,
        "family": document.extractor.family,
        "key": key,
        "row": row,
        "article": make_digest_id(document.source_id, document.urlkey),
        "fetched_at": document.fetched_at,
        "extracted_at": document.extracted_at,
    }


_GROUP = ("offset", "bytes", "rows", "sha256")


def make_object_row(held: DocumentsObject) -> Values:
    return {
        "key": held.key,
        "bytes": held.bytes,
        "sha256": held.sha256,
        "footer_bytes": held.footer.bytes,
        "footer_sha256": held.footer.sha256,
        "row_groups": [[getattr(group, name) for name in _GROUP] for group in held.groups],
    }


def read_object_row(row: Row[Any]) -> DocumentsObject:
    footer = ObjectPart(offset=row.bytes - row.footer_bytes, bytes=row.footer_bytes, sha256=row.footer_sha256)
    groups = tuple(RowGroup(**dict(zip(_GROUP, group, strict=True))) for group in row.row_groups)
    return DocumentsObject(key=row.key, bytes=row.bytes, sha256=row.sha256, footer=footer, groups=groups)


def make_crawl_row(key: str, manifest: Manifest, stands: bool) -> Values:
    crawl = manifest.crawl
    return {
        "manifest_key": key,
        "crawl_id": crawl.id,
        "source_id": crawl.source_id,
        "night": crawl.night,
        "trigger": crawl.trigger,
        "started": crawl.started,
        "ended": manifest.ended,
        "end_reason": manifest.end_reason,
        "discovered": manifest.discovered,
        "wire_bytes": manifest.wire_bytes,
        "late": manifest.late,
        "stands": stands,
        "previous": manifest.previous,
        "gaps": [gap.model_dump(mode="json") for gap in manifest.gaps] or None,
        "for_since": crawl.for_nights[0] if crawl.for_nights else None,
        "for_until": crawl.for_nights[1] if crawl.for_nights else None,
    }


def make_count_rows(key: str, manifest: Manifest) -> list[Values]:
    fields = ("purpose", "state", "reason", "urls")
    return [{"manifest_key": key} | {name: getattr(count, name) for name in fields} for count in manifest.counts]


def make_cleaning_row(key: str, manifest: TextManifest) -> Values:
    return {
        "manifest_key": key,
        "crawl_manifest": manifest.crawl_manifest,
        "extractor_id": manifest.extractor.id,
        "ended": manifest.ended,
        "documents": manifest.documents,
        "reserved": manifest.reserved or None,
        "confidence": manifest.confidence,
        "flagged": manifest.flagged or None,
        "adds_to": manifest.adds_to,
    }


def find_payload(capture: Capture) -> Payload | None:
    """Return the payload that *capture* left in the archive: a revisit's is where it refers to."""
    place = (capture.record_id, capture.target_uri, capture.date)
    if capture.refers_to is not None:
        place = (capture.refers_to, capture.refers_to_uri or "", capture.refers_to_date or capture.date)
    return Payload(*place, capture.payload_digest, capture.status) if capture.payload_digest else None


def make_look(outcome: Outcome, late_manifest: str) -> Values:
    """Return the row of one look at a URL that left no payload."""
    return dict.fromkeys(HELD) | {
        "source_id": outcome.source_id,
        "url_id": make_digest_id(outcome.url),
        "late_manifest": late_manifest,
        "url": outcome.url,
        "looks": 1,
        "last_night": outcome.night,
        "last_state": outcome.state,
        "last_purpose": outcome.purpose,
        "last_fetched": outcome.fetched_at,
        "last_crawl": outcome.crawl_id,
        "distrust": outcome.distrust,
    }


def make_holding(outcome: Outcome, payload: Payload) -> Values:
    """Return the columns that a look adds when it left *payload*."""
    whole = payload.status == HTTPStatus.OK
    return {
        "held_rank": int(whole),
        "held_fetched": outcome.fetched_at,
        "held_crawl": outcome.crawl_id,
        "record_id": payload.record_id,
        "target_uri": payload.target_uri,
        "date": payload.date,
        "payload_digest": payload.digest,
        "body_digest": outcome.body_digest,
        "etag": outcome.etag if whole else None,  # a redirect's validators are never sent in a request
        "last_modified": outcome.last_modified if whole else None,
    }
