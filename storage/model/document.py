"""Documents: clean texts, with everything that says where they came from."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.capture import Location
from storage.model.crawl import Software, StoredObject
from storage.model.night import Night
from storage.model.page_facts import Signals


class Extractor(StoredRecord):
    """What made a document. ``id`` is ``{name}-{version}-{8 hex over everything that decides its output}``."""

    name: str
    """The library that finds the text."""
    version: str
    """Its release."""
    settings_digest: str
    """SHA-256 (hex) over everything that decides the text: code, model, card, site memory."""
    base_digest: str | None = None
    """The ``settings_digest`` without card and site memory, if these had a part in it."""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}-{self.settings_digest[:8]}"

    @property
    def family(self) -> str:
        """What it shares with itself on other nights, when cards and site memories were others."""
        return f"{self.name}-{self.version}-{(self.base_digest or self.settings_digest)[:8]}"


class Candidate(StoredRecord):
    """One value that a page gives for a field, and where it gives it."""

    field: str
    """``title``, ``authors``, ``published`` or ``modified``."""
    value: str
    """The value as the page has it; several authors are joined by ``; ``."""
    source: str
    """Where on the page: ``json-ld:datePublished``, ``h1``, ``time``, ``url``; ``spider``: from a scraped item."""


class Image(StoredRecord):
    """A picture of the article."""

    url: str
    """Its absolute URL."""
    caption: str | None = None
    """Its caption, without the credit."""
    credit: str | None = None
    """Who took or owns the picture."""
    alt: str | None = None
    """Its alternative text."""


class Post(StoredRecord):
    """One entry of a live blog."""

    time: str | None = None
    """Its time as ISO 8601, as the page has it."""
    text: str
    """The lines of the post."""


QualityFlag = Literal[
    "too_short", "list_page", "stub", "consent_wall", "login_wall", "error_page", "wrong_language", "truncated_capture",
    "disputed", "guessed_encoding",
]  # fmt: skip


class CleanText(StoredRecord):
    """What extraction finds in one payload; it does not know where the payload is stored.

    ``text`` has the standfirst, if the page has one, then the body in page order; never the headline, never captions.
    For a page without a text, such as a gallery, it is empty, and ``without_text`` says why.
    """

    title: str | None = None
    """The headline."""
    standfirst: str | None = None
    """The lines between headline and body; ``text`` begins with them."""
    authors: tuple[str, ...] = ()
    """Persons, offices or agencies, in the page's order."""
    agency: str | None = None
    """The news agency credited with the text."""
    published: str | None = None
    """ISO 8601 with the page's own offset: a time if the page gives one with its zone, otherwise only the day."""
    published_known: str
    """How the date is known, or why it is not."""
    published_confidence: float | None = None
    """How well the dates that the page gives agree."""
    modified: str | None = None
    """When the page says it was changed, in the form of ``published``."""
    language: str | None = None
    """The language found in the text, as BCP 47; if the text is too short to tell, the one that the page declares."""
    language_claimed: str | None = None
    """The language that the page declares, as BCP 47."""
    section: str | None = None
    """The newspaper's section, as the page gives it."""
    tags: tuple[str, ...] = ()
    """Keywords of the article, as the page gives them."""
    canonical_url: str | None = None
    """The page's own canonical address."""
    images: tuple[Image, ...] = ()
    """The article's pictures."""
    paywall: bool | None = None
    """True if the page says that it is not free to read, false if it says that it is, otherwise null."""
    live: bool | None = None
    """Whether it is a live blog; null if the page does not say."""
    opinion: bool | None = None
    """Whether it is an opinion piece; null if the page does not say."""
    sponsored: bool | None = None
    """Whether it is advertising; null if the page does not say."""
    posts: tuple[Post, ...] = ()
    """For a live blog: its posts in page order."""
    candidates: tuple[Candidate, ...] = ()
    """Every title, author and date that the page gives, including the chosen ones."""
    known: dict[str, str] = Field(default_factory=dict)
    """For each field, how it is known: ``json-ld:headline``, ``h1``, ``text``, ``spider`` (from a scraped item), or
    ``none: `` and why.
    """
    encoding: str | None = None
    """The character encoding used to read the page: its WHATWG name, in lower case."""
    text: str
    """The clean text: lines separated by line feeds."""
    without_text: str | None = None
    """Why ``text`` is empty: a reason, a colon, and what exactly was found; null if there is a text."""
    confidence: float | None = None
    """How sure the extractor is of the text."""
    text_share: float | None = None
    """The share of the page's visible characters that are in the text."""
    boilerplate_removed: int | None = None
    """How many visible characters of the page are not in the text."""
    quality_flags: tuple[QualityFlag, ...] = ()
    """What a reader should know about the text."""
    minhash: str | None = None
    """128 numbers of 8 hex digits: the share of them that two texts have in common estimates how similar they are."""
    residue: tuple[str, ...] = ()
    """Bracketed fragments in another language than the text, as machine translation leaves them."""
    model: str | None = None
    """Digest of the model that chose the blocks."""
    site_memory: str | None = None
    """Digest of what was known to recur on the source's pages, if anything was."""
    repeated: tuple[str, ...] = ()
    """Lines left out of the text because other pages of the host have them too, word for word."""
    lines_dropped: int | None = None
    """How many lines of trafilatura's own text were left out."""
    lines_added: int | None = None
    """How many lines of the text are not in trafilatura's own text."""


class Document(Signals, CleanText):
    """One clean article (schema document/1): its text, and the whole way back to the record it came from."""

    schema_name: Literal["document/1"] = Field(default="document/1", alias="schema")
    derived_from: str
    """``record_id`` of the capture it was cleaned from."""
    payload_record: str
    """``record_id`` of the response that holds the payload: not ``derived_from`` if the capture is a revisit."""
    payload_digest: str
    location: Location
    """Where that response is stored."""
    crawl_id: str
    source_id: str
    night: Night
    url: str
    """The URL of the capture. For a request other than GET, its plain address: only ``urlkey`` has method and body."""
    urlkey: str
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    fetched_at: UtcTime
    """When the capture was made."""
    status: int
    extractor: Extractor
    """What extracted the text."""
    extracted_at: UtcTime
    """When the text was extracted."""
    software: Software
    """The software that made the document."""
    text_digest: str
    """Digest of the UTF-8 bytes of ``text``: ``sha256:`` and hex."""


FIXITY = "fixity"
"""The reason for a capture whose record is damaged; the record may be readable again later."""


class NotCleaned(StoredRecord):
    """A capture of an article that gave no document, and why."""

    record_id: str
    """``record_id`` of the capture."""
    url: str
    """URL of the capture."""
    reason: str
    """Why it gave no document."""
    detail: str | None = None
    """What exactly was found."""


class TextManifest(StoredRecord):
    """The commit of a cleaning (schema text-manifest/1): create-only, one per crawl and extractor, or an addition."""

    schema_name: Literal["text-manifest/1"] = Field(default="text-manifest/1", alias="schema")
    crawl_id: str
    """Which crawl was cleaned."""
    source_id: str
    night: Night
    crawl_manifest: str
    """Key of the crawl manifest whose captures were cleaned."""
    extractor: Extractor
    """What extracted the texts."""
    ended: UtcTime
    """When the cleaning ended."""
    software: Software
    objects: tuple[StoredObject, ...]
    """The objects of documents; empty if no page gave one."""
    documents: int
    """How many documents there are, including those without a text."""
    without_text: int = 0
    """How many of ``documents`` have no text: their pages have only a title, a date or pictures."""
    not_cleaned: tuple[NotCleaned, ...] = ()
    """The articles that gave no document."""
    reserved: int = 0
    """How many of ``not_cleaned`` are there because their publisher reserves them: see ``Source.signals``."""
    confidence: float | None = None
    """The mean confidence of its documents with a text."""
    flagged: int = 0
    """How many of its documents have quality flags."""
    supersedes: str | None = None
    """Key of the text manifest that this one replaces as the current one."""
    site_memory: StoredObject | None = None
    """The site memory that was used, if any."""
    learned: StoredObject | None = None
    """The site memory that was learned from these documents."""
    adds_to: str | None = None
    """Key of the text manifest that this one only adds to, with the same crawl manifest and extractor."""
    read_again: tuple[str, ...] = ()
    """``record_id`` of each capture that it adds: their records were damaged before and could now be read."""
    replaces: tuple[str, ...] = ()
    """Keys of the unreadable text manifests that this one replaces."""


_OF_THE_TEXT = (
    "standfirst", "posts", "confidence", "text_share", "boilerplate_removed", "minhash", "residue", "site_memory",
    "repeated", "lines_dropped", "lines_added",
)  # fmt: skip


def leave_out_text(found: CleanText, why: str) -> CleanText:
    """Return only the metadata of *found*. *why* is a reason, a colon, and what exactly was found."""
    reason = f"none: {why.partition(':')[0]}"
    nothing = {name: CleanText.model_fields[name].get_default(call_default_factory=True) for name in _OF_THE_TEXT}
    flags = tuple(flag for flag in found.quality_flags if flag not in ("too_short", "stub", "disputed"))
    known = found.known | {"standfirst": reason, "text": reason}
    return found.model_copy(update=nothing | {"text": "", "without_text": why, "quality_flags": flags, "known": known})


def text_digest(text: str) -> str:
    """Return ``sha256:`` hex of exactly the UTF-8 bytes that ``hemeroteca get --as text`` prints."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
