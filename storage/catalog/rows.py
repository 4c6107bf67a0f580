"""The rows of the catalog, made from captures, outcomes, documents and manifests, and read back."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Row, RowMapping

from storage.catalog.numbers import Numbered, Values, make_numbered, split_url
from storage.model.base import Record, UtcTime
from storage.model.capture import Capture, Location
from storage.model.crawl import Gap, Manifest, OutcomeCount, Trigger
from storage.model.document import Document, TextManifest
from storage.model.night import Night
from storage.model.placed_document import DocumentsObject, ObjectPart, RowGroup
from storage.surt import urlkey as make_urlkey

SAME = (
    "record_id", "date", "method", "request_query", "status", "payload_digest", "record_digest", "refers_to",
    "refers_to_date", "amphtml",
)  # fmt: skip
"""Fields of a Capture that are columns of the same name."""

TRAITS = (
    "record_type", "kind", "purpose", "media_type", "truncated", "robots_header", "robots_meta", "tdm_reservation",
    "tdm_policy", "content_signal",
)  # fmt: skip
"""Fields of a Capture that are columns of ``traits``."""


class DocumentPlace(Record):
    """Where a document is: the ``row`` (from 0) of the Parquet object at ``key``, and what it is."""

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
    those with a text, ``flagged`` how many of them have quality flags, ``without_text`` how many have no text.
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
    without_text: int = 0
    late: bool
    previous: str | None
    nightly_before: Night | None = None
    """The night of its source's nightly crawl before this night."""
    gaps: tuple[Gap, ...] = ()
    for_since: Night | None = None
    for_until: Night | None = None
    pending: int | None = None
    """How many URLs of its source were to be asked for again when it ended; None where that is not known."""
    given_up: int | None = None
    """How many it gave up; None where there were none."""

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds()

    @property
    def new_articles(self) -> int:
        """How many articles came for the first time, or otherwise than before."""
        return sum(count.urls for count in self.counts if (count.purpose, count.state) == ("article", "captured"))


def make_digest_id(*parts: str) -> str:
    """Return 32 hex digits that stand for *parts* where a column must be short."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def number_url(url: str | None, urlkey: str | None = None) -> Numbered | None:
    """Return what stands for *url* in a row; *urlkey* is made of it where it is not known."""
    return None if url is None else make_numbered("url", *split_url(url, urlkey or make_urlkey(url)))


def number_name(name: str) -> Numbered:
    return make_numbered("name", name)


def number_crawl(of: Capture | Document) -> Numbered:
    return make_numbered("crawl", of.crawl_id, of.source_id, of.night)


def _number_traits(capture: Capture) -> Numbered:
    fields = [getattr(capture, name) for name in TRAITS]
    return make_numbered("traits", make_digest_id(*map(repr, fields)), *fields)


def make_capture_row(capture: Capture) -> Values:
    place, request = capture.location, capture.request
    return {name: getattr(capture, name) for name in SAME} | {
        "url": number_url(capture.target_uri, capture.urlkey),
        "traits": _number_traits(capture),
        "crawl": number_crawl(capture),
        "refers_to_url": number_url(capture.refers_to_uri),
        "object": number_name(place.key),
        "offset": place.offset,
        "length": place.length,
        "request_object": number_name(request.key) if request and request.key != place.key else None,
        "request_offset": request.offset if request and request.offset != place.offset + place.length else None,
        "request_length": request.length if request else None,
        "via": number_url(capture.via),
        "canonical": number_url(capture.canonical),
        "redirected_from": list(capture.redirected_from) or None,
        "flags": list(capture.flags) or None,
        "evidence": list(capture.evidence) or None,
    }


READ = (
    *SAME, *TRAITS, "target_uri", "urlkey", "refers_to_uri", "crawl_id", "source_id", "night", "via", "canonical",
)  # fmt: skip
"""Fields of a Capture that a row read back has under the same name."""


def read_capture_row(row: Row[Any]) -> Capture:
    found = row._mapping
    place = Location(key=found["key"], offset=found["offset"], length=found["length"])
    return Capture(
        **{name: found[name] for name in READ},
        location=place,
        request=_read_request(found, place) if found["request_length"] is not None else None,
        redirected_from=tuple(found["redirected_from"] or ()),
        flags=tuple(found["flags"] or ()),
        evidence=tuple(found["evidence"] or ()),
    )


def _read_request(found: RowMapping, place: Location) -> Location:
    offset = found["request_offset"]
    offset = place.offset + place.length if offset is None else offset
    return Location(key=found["request_key"] or place.key, offset=offset, length=found["request_length"])


def make_document_row(document: Document, key: str, row: int) -> Values:
    same = ("title", "published", "language", "text_digest", "fetched_at", "extracted_at")
    return {name: getattr(document, name) for name in same} | {
        "record_id": document.derived_from,
        "extractor": number_name(document.extractor.id),
        "family": number_name(document.extractor.family),
        "object": number_name(key),
        "row": row,
        "url": number_url(document.url, document.urlkey),
        "crawl": number_crawl(document),
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
        "pending": manifest.left_pending,
        "given_up": manifest.given_up or None,
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
        "without_text": manifest.without_text or None,
    }
