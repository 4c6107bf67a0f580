"""Captures: the exchanges that the archive holds, and where each record is stored."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from storage.model.base import StoredRecord, UtcTime
from storage.model.night import Night
from storage.model.outcome import Kind
from storage.model.page_facts import PageFacts


class Location(StoredRecord):
    """Where a record is stored: a hint for a range read; the record id is what identifies it."""

    key: str
    """Key of the object that holds the record."""
    offset: int
    """Where the record's gzip member begins in the object."""
    length: int
    """How long the gzip member is."""

    @property
    def span(self) -> tuple[str, int, int]:
        """What a range read asks for."""
        return self.key, self.offset, self.length


class Capture(PageFacts):
    """One response or revisit record: a line of the CDXJ index (schema index/1)."""

    record_id: str
    """``urn:uuid:…``, without the angle brackets of the WARC file."""
    record_type: Literal["response", "revisit"]
    """``response``, or ``revisit`` if the record that ``refers_to`` names already holds the payload."""
    target_uri: str
    """The URL that was requested, without a fragment."""
    urlkey: str
    """The URL with its host reversed, by which indexes are sorted: ``org,example)/news/today.html``.

    For a request other than GET, made from its request URL: ``org,example)/search?__wb_method=post&q=peace``.
    """
    method: str | None = None
    """The method of a request other than GET."""
    request_query: str | None = None
    """For a request other than GET that has a body: what the body adds to the request URL."""
    date: UtcTime
    """When the request was sent (WARC-Date)."""
    status: int
    """The HTTP status."""
    media_type: str | None = None
    """The media type in the header Content-Type, in lower case, without parameters."""
    payload_digest: str | None = None
    """Digest of the body without transfer coding (WARC-Payload-Digest): ``sha1:`` and base32."""
    record_digest: str
    """Digest of the gzip member as it is stored: ``sha256:`` and hex."""
    refers_to: str | None = None
    """For a revisit: the id of the record that holds its payload."""
    refers_to_uri: str | None = None
    """For a revisit: the URL of that record."""
    refers_to_date: UtcTime | None = None
    """For a revisit: the date of that record."""
    truncated: str | None = None
    """Why the body was cut: ``length``, ``time`` or ``disconnect``."""
    location: Location
    """Where the record is stored."""
    request: Location | None = None
    """Where the record of its request is stored."""
    crawl_id: str
    """Which crawl it belongs to."""
    source_id: str
    """Which newspaper it belongs to."""
    night: Night
    """The night it belongs to."""
    kind: Kind | Literal["unfinished"]
    """How the URL was found; ``unfinished``: its process died before recording that, and the URL was fetched again."""
    purpose: Kind | Literal["unfinished"]
    """What it was fetched for: its ``kind``, or for a redirect the purpose of the URL that redirected to it."""
    via: str | None = None
    """The URL where it was found, or ``request``, ``card``, ``known`` or ``pending``."""
    redirected_from: tuple[str, ...] = ()
    """The URLs that redirected to it, from first to last."""


class IndexedRecord(StoredRecord):
    """One record of a WARC file, of any type: a line of the records index (schema records/2).

    The other fields of records/1 are in the record itself.
    """

    model_config = ConfigDict(extra="ignore")

    record_id: str
    """``urn:uuid:…``."""
    record_type: str
    """``warcinfo``, ``response``, ``revisit``, ``request`` or ``metadata``."""
    offset: int
    length: int
    sha256: str
    """SHA-256 (hex) of the gzip member as it is stored."""
