"""Documents: clean text, and everything that says where it came from."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.capture import Location
from storage.model.crawl import Software, StoredObject
from storage.model.page_facts import Signals


class Extractor(StoredRecord):
    """What made a document. ``id`` is ``{name}-{version}-{8 hex over everything that decides its output}``."""

    name: str
    version: str
    settings_digest: str
    base_digest: str | None = None
    """``settings_digest`` of the extractor alone, where a card or a site memory had a part in it."""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}-{self.settings_digest[:8]}"

    @property
    def family(self) -> str:
        """What it shares with itself on other nights, when cards and site memories were others."""
        return f"{self.name}-{self.version}-{(self.base_digest or self.settings_digest)[:8]}"


class Candidate(StoredRecord):
    """One value that a page offers for *field*, and where: ``json-ld:datePublished``, ``h1``, ``time``, ``url``."""

    field: str
    value: str
    source: str


class Image(StoredRecord):
    """A picture of the article. ``caption`` is without its ``credit``."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None


class Post(StoredRecord):
    """One entry of a live blog; ``time`` is ISO 8601 as the page has it."""

    time: str | None = None
    text: str


QualityFlag = Literal[
    "too_short", "list_page", "stub", "consent_wall", "login_wall", "error_page", "wrong_language", "truncated_capture"
]  # fmt: skip


class CleanText(StoredRecord):
    """What extraction says of one payload; it knows nothing of where the payload lies.

    ``text`` begins with the standfirst when the page has one, then the body in page order; never the
    headline, never captions.
    """

    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    """The news agency that is credited with the text."""
    published: str | None = None
    """ISO 8601, with the page's own offset: a time when the page says one with its zone, else the day alone."""
    published_known: str
    """How the date is known, or why it is not."""
    published_confidence: float | None = None
    """0 to 1: how well what the page says of its date agrees."""
    modified: str | None = None
    language: str | None = None
    """BCP 47, as found in the text; what the page says where the text is too short to tell."""
    language_claimed: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    canonical_url: str | None = None
    images: tuple[Image, ...] = ()
    paywall: bool | None = None
    live: bool | None = None
    opinion: bool | None = None
    sponsored: bool | None = None
    """These four are None where the page does not say."""
    posts: tuple[Post, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Every title, author and date that the page offers, the chosen ones too."""
    known: dict[str, str] = Field(default_factory=dict)
    """Field to how it is known: ``json-ld:headline``, ``h1``, ``meta:og:title``, ``text``, or ``none: `` and why."""
    encoding: str | None = None
    text: str
    confidence: float | None = None
    """0 to 1: how sure the extractor is of the text."""
    text_share: float | None = None
    """Which part of the page's visible characters the text is."""
    boilerplate_removed: int | None = None
    """How many visible characters of the page are not in the text."""
    quality_flags: tuple[QualityFlag, ...] = ()
    minhash: str | None = None
    """128 numbers of 8 hex digits: the part of them that two texts share estimates their likeness."""
    residue: tuple[str, ...] = ()
    """Bracketed fragments in another language than the text, as machine translation leaves them."""
    model: str | None = None
    """Digest of the model that chose the blocks."""
    site_memory: str | None = None
    """Digest of what was known to recur on the source's pages, where anything was."""
    repeated: tuple[str, ...] = ()
    """Lines that are not in the text because the host's other pages have them too, word for word."""


class Document(Signals, CleanText):
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
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    fetched_at: UtcTime
    status: int
    extractor: Extractor
    extracted_at: UtcTime
    software: Software
    text_digest: str


class NotCleaned(StoredRecord):
    """A capture of an article that gave no document, and why."""

    record_id: str
    url: str
    reason: str
    detail: str | None = None


class TextManifest(StoredRecord):
    """The commit of a cleaning (``text-manifest/1``): create-only, one a crawl and extractor.

    ``supersedes`` is the key of the manifest whose documents were current until this one's are. ``site_memory`` is
    what the documents were made with, ``learned`` what was learned from them.
    """

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
    reserved: int = 0
    """How many of ``not_cleaned`` are because their publisher reserves them: see ``Source.signals``."""
    confidence: float | None = None
    """The mean over its documents."""
    flagged: int = 0
    """How many of its documents have quality flags."""
    supersedes: str | None = None
    site_memory: StoredObject | None = None
    learned: StoredObject | None = None


def text_digest(text: str) -> str:
    """Return ``sha256:`` hex of exactly the UTF-8 bytes that ``hemeroteca get --as text`` prints."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
