"""Reading the archive: the captures of an address, and the body, record or document of each, with range reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_doubts import describe_absence, describe_shortfall
from hemeroteca.archive.reading.answers import (
    FoundBy,
    FoundCaptures,
    choose_captures,
    describe_way,
    find_addresses,
    name_way,
)
from storage.catalog import Selection
from storage.model.capture import Capture
from storage.model.document import Document, text_digest
from storage.model.errors import NotArchivedError, SeedError
from storage.surt import urlkey

if TYPE_CHECKING:
    from hemeroteca.extraction.page.served_page import Page

EVERYTHING = Selection()


class Answer(NamedTuple):
    """A capture, and how the address that was asked for led to it."""

    capture: Capture
    found_by: FoundBy
    way: str | None
    """The same in one line; None where the capture is of that address."""


def parse_time(text: str) -> datetime:
    """Return the time that *text* names: ISO 8601 (UTC if bare, a date is its start) or 14 digits as CDX has them.

    Raises SeedError for anything else.
    """
    try:
        if re.fullmatch(r"\d{14}", text):
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise SeedError(f"time: {text}: must be ISO 8601, such as 2026-03-01T02:00:14Z") from None


def find_captures(
    archive: Archive, address: str, wanted: Selection = EVERYTHING, after: str | None = None
) -> FoundCaptures:
    """Return the captures *wanted* of an address, by address and time; with a ``*`` at its end, of all that begin so.

    Only what follows the record *after*. Raises SeedError when that is unknown.
    """
    if not address.endswith("*"):
        return choose_captures(archive, address, wanted, after)
    below = wanted._replace(urlkey_prefix=prefix_key(address[:-1]))
    by: FoundBy | None = "prefix" if next(archive.catalog.list_captures(below), None) else None
    return FoundCaptures(address, by, archive.catalog.list_captures(below, after))


def find_closest(archive: Archive, url: str, at: datetime | None = None) -> Capture:
    """Return the capture of *url* closest to *at*, the earlier of two equally close ones (RFC 7089, 4.1.1).

    Without *at* the newest one. Raises NotArchivedError.
    """
    return find_answer(archive, url, at).capture


def find_answer(archive: Archive, url: str, at: datetime | None = None) -> Answer:
    """Return the same with how it was found: of the first try (``answers``) that finds any."""
    moment = at or datetime.max.replace(tzinfo=UTC)
    for by, keys in find_addresses(archive, url):
        found = [one for key in keys if (one := archive.catalog.find_closest(key, moment))]
        if found:
            nearest = min(found, key=lambda one: (abs(one.date - moment), one.date, one.record_id))
            way = name_way(url, by, nearest)
            return Answer(nearest, way, describe_way(url, way, nearest))
    raise NotArchivedError(f"{url}: {describe_absence(archive)}")


def read_body(archive: Archive, capture: Capture) -> bytes:
    """Return the content-decoded body of *capture*, its charset untouched; a revisit's is that of its original.

    Raises FixityError for another record than was stored, NoMainTextError when its content coding is broken.
    """
    from storage.captures.stored_records import read_response  # here, because who lists captures reads no record
    from storage.warc.http import DECODE_LIMIT_BYTES

    stored = archive.holdings.read_record(find_payload_capture(archive, capture))
    return read_response(stored).body(DECODE_LIMIT_BYTES)


def read_captured_page(archive: Archive, capture: Capture) -> Page:
    """Return the page that *capture* holds, as extraction reads it; a revisit's is that of its original.

    Raises FixityError for another record than was stored, NoMainTextError when its content coding is broken.
    """
    from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
    from hemeroteca.extraction.page.served_page import Page
    from storage.captures.stored_records import read_response

    held = find_payload_capture(archive, capture)
    response = read_response(archive.holdings.read_record(held))
    content_type = response.head.value(b"content-type")
    return Page(response.body(MAX_PAGE_BYTES), content_type, held.target_uri, held.date)


def read_warc(archive: Archive, capture: Capture, with_request: bool = False) -> bytes:
    """Return the stored member of *capture*, and that of its request after it: one range read each.

    Raises FixityError for another record than was stored.
    """
    stored = archive.holdings.read_record(capture)
    return stored + archive.holdings.read_request(capture) if with_request and capture.request else stored


def read_document(archive: Archive, capture: Capture, extractor_id: str | None = None) -> Document:
    """Return the document of *capture*: what the published extraction has, or what *extractor_id* had. A revisit's is
    that of its original, and what two tries of a crawl both fetched has one.

    Raises NotArchivedError when it has none, which says why and which extractors had one.
    """
    payload = find_payload_capture(archive, capture)
    for held in _list_same(archive, payload):
        place = archive.catalog.find_document(held.record_id, extractor_id)
        if place is not None:
            return archive.holdings.read_document(held, place.key, place.row, place.held)
    here = f"{capture.target_uri}: {capture.date:%Y-%m-%dT%H:%M:%SZ}: "
    raise NotArchivedError(here + _without_document(archive, payload.record_id, extractor_id))


def tell_textless(archive: Archive, document: Document) -> str:
    """Say why *document* has no text, and by which extractors there are texts of the same page."""
    places = archive.catalog.find_documents(document.derived_from)
    others = ", ".join(place.extractor_id for place in places if place.text_digest != text_digest(""))
    older = f"; there is an older one by {others} (`get --extractor`)" if others else ""
    return f"has no text by {document.extractor.id}: {document.without_text}{older}"


def _list_same(archive: Archive, payload: Capture) -> Iterator[Capture]:
    """Yield *payload*, then what other tries of its crawl fetched of the same address with the same content."""
    yield payload
    if payload.payload_digest is not None:
        for one in archive.catalog.find_captures(urlkey=payload.urlkey, crawl_id=payload.crawl_id):
            same = (payload.target_uri, payload.payload_digest, payload.record_type)
            if one.record_id != payload.record_id and (one.target_uri, one.payload_digest, one.record_type) == same:
                yield one


def _without_document(archive: Archive, record_id: str, extractor_id: str | None) -> str:
    """Say that a capture has no document, why when a cleaning says so, and by which extractors there are others."""
    others = ", ".join(place.extractor_id for place in archive.catalog.find_documents(record_id))
    if extractor_id is not None:
        return f"has no document by {extractor_id}" + f"; there is one by {others}" * bool(others)
    older = f"; there is an older one by {others} (`get --extractor`)" if others else ""
    for key in archive.catalog.find_cleanings(record_id):
        cleaning = archive.holdings.read_text_manifest(key)
        for one in cleaning.not_cleaned:
            if one.record_id == record_id:
                return f"has no document by {cleaning.extractor.id}: {one.reason}{older}"
    shortfall = describe_shortfall(archive, with_doubts=True)
    return f"has no document{older}" + f", but {shortfall}" * bool(shortfall)


def find_payload_capture(archive: Archive, capture: Capture) -> Capture:
    """Return the capture that holds the payload of *capture*: itself, or the one it refers to."""
    if capture.record_type == "response":
        return capture
    original = archive.catalog.find_capture(capture.refers_to) if capture.refers_to else None
    if original is None or original.record_type != "response":
        raise NotArchivedError(f"{capture.target_uri}: refers to {capture.refers_to}, which is not in the archive")
    return original


def prefix_key(address: str) -> str:
    """Return what the urlkeys of every address that begins with *address* begin with; a host alone is all of it."""
    if not address:
        return ""
    if re.fullmatch(r"([a-z]+://)?[^/?]+", address, re.IGNORECASE):
        address += "/"
    return urlkey(f"{address}x").removesuffix("x")  # of its own, urlkey would drop a last slash
