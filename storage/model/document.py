"""Documents: clean text, and everything that says where it came from."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field

from storage.model.capture import Location
from storage.model.crawl import Software, StoredObject
from storage.model.record import StoredRecord, UtcTime


class Extractor(StoredRecord):
    """What made a document. ``id`` is ``{name}-{version}-{8 hex over everything that decides its output}``."""

    name: str
    version: str
    settings_digest: str

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}-{self.settings_digest[:8]}"


class CleanText(StoredRecord):
    """What extraction says of one payload; it knows nothing of where the payload lies.

    ``text`` begins with the standfirst when the page has one, then the body in page order; never the
    headline, never captions. ``published_known`` says how the date is known, or why it is not.
    """

    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_known: str
    language: str | None = None
    canonical_url: str | None = None
    encoding: str | None = None
    text: str


class Document(StoredRecord):
    """One clean article (``document/1``): its text and the whole way back to the wire."""

    schema_name: Literal["document/1"] = Field(default="document/1", alias="schema")
    derived_from: str
    """``record_id`` of the capture it was cleaned from."""
    payload_record: str
    """``record_id`` of the response that holds the payload: another one when the capture is a revisit."""
    payload_digest: str
    location: Location
    crawl_id: str
    source_id: str
    night: str
    url: str
    urlkey: str
    canonical_url: str | None = None
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    fetched_at: UtcTime
    status: int
    extractor: Extractor
    extracted_at: UtcTime
    software: Software
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_known: str
    language: str | None = None
    encoding: str | None = None
    text: str
    text_digest: str


class NotCleaned(StoredRecord):
    """A capture of an article that gave no document, and why."""

    record_id: str
    url: str
    reason: str
    detail: str | None = None


class TextManifest(StoredRecord):
    """The commit of a cleaning (``text-manifest/1``): create-only, one a crawl and extractor."""

    schema_name: Literal["text-manifest/1"] = Field(default="text-manifest/1", alias="schema")
    crawl_id: str
    source_id: str
    night: str
    crawl_manifest: str
    extractor: Extractor
    ended: UtcTime
    software: Software
    objects: tuple[StoredObject, ...]
    documents: int
    not_cleaned: tuple[NotCleaned, ...] = ()


def text_digest(text: str) -> str:
    """Return ``sha256:`` hex of exactly the UTF-8 bytes that ``hemeroteca get --as text`` prints."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
