"""Captures: the exchanges the archive holds, and where each record lies."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from storage.model.base import StoredRecord, UtcTime
from storage.model.outcome import Kind
from storage.model.page_facts import PageFacts


class Location(StoredRecord):
    """Where a record lies: a hint that a range read uses; the record id is the identity.

    ``offset`` and ``length`` are bytes of the stored gzip member within the object at ``key``.
    """

    key: str
    offset: int
    length: int


class Capture(PageFacts):
    """One response or revisit record.

    ``record_id`` is the bare URN (``urn:uuid:…``); ``payload_digest`` is ``sha1:`` base32 over the
    transfer-decoded body, ``record_digest`` ``sha256:`` hex over the stored member. A revisit names the
    record that holds its payload in ``refers_to``.
    """

    record_id: str
    record_type: Literal["response", "revisit"]
    target_uri: str
    urlkey: str
    date: UtcTime
    status: int
    media_type: str | None = None
    payload_digest: str | None = None
    record_digest: str
    refers_to: str | None = None
    refers_to_uri: str | None = None
    refers_to_date: UtcTime | None = None
    truncated: str | None = None
    location: Location
    request: Location | None = None
    crawl_id: str
    source_id: str
    night: str
    kind: Kind | Literal["unfinished"]
    """``unfinished``: its process died before it wrote how this URL was found; the URL was fetched again."""
    purpose: Kind | Literal["unfinished"]
    via: str | None = None
    redirected_from: tuple[str, ...] = ()


class StoredRecordLine(StoredRecord):
    """One record of a WARC file, of whatever type: a line of the records index (schema records/2).

    ``sha256`` (hex) is over the stored member. What records/1 said beside, the record itself says.
    """

    model_config = ConfigDict(extra="ignore")

    record_id: str
    record_type: str
    offset: int
    length: int
    sha256: str
