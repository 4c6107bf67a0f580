"""Documents: clean text, and everything that says where it came from."""

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
    """SHA-256 hex over everything that decides the text: code, model, card, site memory."""
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
    """One value that a page offers for a field, and where."""

    field: str
    """``title``, ``authors``, ``published`` or ``modified``."""
    value: str
    """As the page has it; several authors are joined by ``; ``."""
    source: str
    """Where it stands: ``json-ld:datePublished``, ``h1``, ``time``, ``url``; ``spider``: an item says it."""


class Image(StoredRecord):
    """A picture of the article."""

    url: str
    """Absolute."""
    caption: str | None = None
    """Without the credit."""
    credit: str | None = None
    """Whose picture it is."""
    alt: str | None = None
    """What stands for it where it cannot be shown."""


class Post(StoredRecord):
    """One entry of a live blog."""

    time: str | None = None
    """ISO 8601, as the page has it."""
    text: str
    """The post's lines."""


QualityFlag = Literal[
    "too_short", "list_page", "stub", "consent_wall", "login_wall", "error_page", "wrong_language", "truncated_capture",
    "disputed", "guessed_encoding",
]  # fmt: skip


class CleanText(StoredRecord):
    """What extraction says of one payload; it knows nothing of where the payload lies.

    ``text`` begins with the standfirst when the page has one, then the body in page order; never the
    headline, never captions. Of a page without a text, such as a gallery, it is empty, and ``without_text`` says why.
    """

    title: str | None = None
    """The headline."""
    standfirst: str | None = None
    """The lines between headline and body; ``text`` begins with them."""
    authors: tuple[str, ...] = ()
    """Persons, offices or agencies, in the page's order."""
    agency: str | None = None
    """The news agency that is credited with the text."""
    published: str | None = None
    """ISO 8601, with the page's own offset: a time when the page says one with its zone, else the day alone."""
    published_known: str
    """How the date is known, or why it is not."""
    published_confidence: float | None = None
    """How well what the page says of its date agrees."""
    modified: str | None = None
    """When the page says that it was changed, as ``published``."""
    language: str | None = None
    """BCP 47, as found in the text; what the page says where the text is too short to tell."""
    language_claimed: str | None = None
    """BCP 47, as the page says."""
    section: str | None = None
    """The newspaper's section, as the page says."""
    tags: tuple[str, ...] = ()
    """Keywords of the article, as the page says."""
    canonical_url: str | None = None
    """The address that the page calls its own."""
    images: tuple[Image, ...] = ()
    """The article's pictures."""
    paywall: bool | None = None
    """True where the page says that it is not free to read, false where it says that it is, else none."""
    live: bool | None = None
    """Whether it is a live blog; none where the page does not say."""
    opinion: bool | None = None
    """Whether it is an opinion piece; likewise."""
    sponsored: bool | None = None
    """Whether it is advertising; likewise."""
    posts: tuple[Post, ...] = ()
    """Of a live blog: its posts in page order."""
    candidates: tuple[Candidate, ...] = ()
    """Every title, author and date that the page offers, the chosen ones too."""
    known: dict[str, str] = Field(default_factory=dict)
    """Field to how it is known: ``json-ld:headline``, ``h1``, ``text``, ``spider`` (an item says it), or ``none: `` and
    why.
    """
    encoding: str | None = None
    """The character encoding that the page was read in, by its name in the WHATWG standard, in lower case."""
    text: str
    """The clean text: lines, separated by line feeds."""
    without_text: str | None = None
    """Why ``text`` is empty: a reason, a colon, and what exactly was found; none where there is a text."""
    confidence: float | None = None
    """How sure the extractor is of the text."""
    text_share: float | None = None
    """Which part of the page's visible characters the text is."""
    boilerplate_removed: int | None = None
    """How many visible characters of the page are not in the text."""
    quality_flags: tuple[QualityFlag, ...] = ()
    """What a reader should know of the text."""
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
    lines_dropped: int | None = None
    """How many lines of trafilatura's own text are left out."""
    lines_added: int | None = None
    """How many lines there are that are not in trafilatura's own text."""


class Document(Signals, CleanText):
    """One clean article (schema document/1): its text and the whole way back to the wire."""

    schema_name: Literal["document/1"] = Field(default="document/1", alias="schema")
    derived_from: str
    """``record_id`` of the capture it was cleaned from."""
    payload_record: str
    """``record_id`` of the response that holds the payload: another one when the capture is a revisit."""
    payload_digest: str
    location: Location
    """Where that response lies."""
    crawl_id: str
    source_id: str
    night: Night
    url: str
    """The URL of the capture; its real address too where the request was not GET, which only ``urlkey`` tells."""
    urlkey: str
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    fetched_at: UtcTime
    """When the capture was made."""
    status: int
    extractor: Extractor
    """What found the text."""
    extracted_at: UtcTime
    """When the text was found."""
    software: Software
    """What made the document."""
    text_digest: str
    """``sha256:`` and hex, over the UTF-8 bytes of ``text``."""


FIXITY = "fixity"
"""Why a capture gave no document whose record is damaged: it may read again later."""


class NotCleaned(StoredRecord):
    """A capture of an article that gave no document, and why."""

    record_id: str
    """Of the capture."""
    url: str
    """Of the capture."""
    reason: str
    """Why it gave no document."""
    detail: str | None = None
    """What exactly was found."""


class TextManifest(StoredRecord):
    """The commit of a cleaning (schema text-manifest/1): create-only, one a crawl and extractor, or an addition."""

    schema_name: Literal["text-manifest/1"] = Field(default="text-manifest/1", alias="schema")
    crawl_id: str
    """Which crawl was cleaned."""
    source_id: str
    night: Night
    crawl_manifest: str
    """Key of the crawl manifest whose captures were cleaned."""
    extractor: Extractor
    """What found the texts."""
    ended: UtcTime
    """When the cleaning ended."""
    software: Software
    objects: tuple[StoredObject, ...]
    """The documents; none when no page gave one."""
    documents: int
    """How many documents there are, those without a text too."""
    without_text: int = 0
    """How many of ``documents`` have no text: their pages have a title, a date or pictures alone."""
    not_cleaned: tuple[NotCleaned, ...] = ()
    """The articles that gave no document."""
    reserved: int = 0
    """How many of ``not_cleaned`` are because their publisher reserves them: see ``Source.signals``."""
    confidence: float | None = None
    """The mean over its documents with a text."""
    flagged: int = 0
    """How many of its documents have quality flags."""
    supersedes: str | None = None
    """Key of the text manifest whose documents were current until this one's are."""
    site_memory: StoredObject | None = None
    """What was known of the newspaper's pages, where anything was used."""
    learned: StoredObject | None = None
    """What was learned from these documents."""
    adds_to: str | None = None
    """Key of the text manifest that this one only adds to: of the same crawl manifest and extractor."""
    read_again: tuple[str, ...] = ()
    """``record_id`` of each capture that it adds: one whose record was damaged before, and is read now."""
    replaces: tuple[str, ...] = ()
    """Keys of text manifests that could not be read whole when this one was made in their place."""


_OF_THE_TEXT = (
    "standfirst", "posts", "confidence", "text_share", "boilerplate_removed", "minhash", "residue", "site_memory",
    "repeated", "lines_dropped", "lines_added",
)  # fmt: skip


def leave_out_text(found: CleanText, why: str) -> CleanText:
    """Return *found* with its metadata alone. *why* is a reason, a colon, and what exactly was found."""
    reason = f"none: {why.partition(':')[0]}"
    nothing = {name: CleanText.model_fields[name].get_default(call_default_factory=True) for name in _OF_THE_TEXT}
    flags = tuple(flag for flag in found.quality_flags if flag not in ("too_short", "stub", "disputed"))
    known = found.known | {"standfirst": reason, "text": reason}
    return found.model_copy(update=nothing | {"text": "", "without_text": why, "quality_flags": flags, "known": known})


def text_digest(text: str) -> str:
    """Return ``sha256:`` hex of exactly the UTF-8 bytes that ``hemeroteca get --as text`` prints."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
