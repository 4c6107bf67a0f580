"""Captures: the exchanges the archive holds, and where each record lies."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from storage.model.base import StoredRecord, UtcTime
from storage.model.night import Night
from storage.model.outcome import Kind
from storage.model.page_facts import PageFacts


class Location(StoredRecord):
    """Where a record lies: a hint that a range read uses; the record id is the identity."""

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
    """``urn:uuid:…``, without the angle brackets that it has in the WARC file."""
    record_type: Literal["response", "revisit"]
    """``response``, or ``revisit``: the payload is stored already, by the record that ``refers_to`` names."""
    target_uri: str
    """The URL that was asked for, without a fragment."""
    urlkey: str
    """The URL with its host turned round, by which indexes are sorted: ``org,example)/news/today.html``.

    Of a request that was not GET, that of its request URL: ``org,example)/search?__wb_method=post&q=peace``.
    """
    method: str | None = None
    """Of a request that was not GET: its method."""
    request_query: str | None = None
    """Of a request that was not GET: what its body adds to the request URL, where there is a body."""
    date: UtcTime
    """When the request was sent (WARC-Date)."""
    status: int
    """The HTTP status."""
    media_type: str | None = None
    """Of the header Content-Type: in lower case, without parameters."""
    payload_digest: str | None = None
    """``sha1:`` and base32, over the body without transfer coding (WARC-Payload-Digest)."""
    record_digest: str
    """``sha256:`` and hex, over the gzip member as it is stored."""
    refers_to: str | None = None
    """Of a revisit: the id of the record that holds its payload."""
    refers_to_uri: str | None = None
    """Of a revisit: the URL of that record."""
    refers_to_date: UtcTime | None = None
    """Of a revisit: the date of that record."""
    truncated: str | None = None
    """Why the body was cut: ``length``, ``time`` or ``disconnect``."""
    location: Location
    """Where the record lies."""
    request: Location | None = None
    """Where the record of its request lies."""
    crawl_id: str
    """Which crawl it belongs to."""
    source_id: str
    """Which newspaper it belongs to."""
    night: Night
    """The night it belongs to."""
    kind: Kind | Literal["unfinished"]
    """How the URL was found; ``unfinished``: its process died before it wrote that, and the URL was fetched again."""
    purpose: Kind | Literal["unfinished"]
    """What it was wanted for: its ``kind``, but for a redirect the purpose of the URL that redirected to it."""
    via: str | None = None
    """The URL that it was found in; or ``request``, ``card`` or ``known``."""
    redirected_from: tuple[str, ...] = ()
    """The URLs that redirected to it, first to last."""


class IndexedRecord(StoredRecord):
    """One record of a WARC file, of whatever type: a line of the records index (schema records/2).

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
    """Hex, over the gzip member as it is stored."""
