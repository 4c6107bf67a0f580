"""Clean text and metadata of one page, by trafilatura, from the body as it was archived."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import Any

import trafilatura
from lxml.etree import ParserError
from trafilatura.settings import Document as Extracted
from w3lib.encoding import html_to_unicode

from storage.model.document import CleanText, Extractor
from storage.model.errors import NoMainTextError

MAX_HTML_BYTES = 16 * 1024 * 1024
HTML = frozenset({"text/html", "application/xhtml+xml"})

_OPTIONS: dict[str, Any] = {"include_comments": False, "with_metadata": True}
# `deduplicate` stays off: its cache is the process's, so that the third extraction of one page comes back empty.
_OURS = 1
"""The version of what this package itself does to a page: raise it when the same page would give another document."""


def _extractor() -> Extractor:
    settings = json.dumps({"options": _OPTIONS, "ours": _OURS, "max_html_bytes": MAX_HTML_BYTES}, sort_keys=True)
    digest = hashlib.sha256(settings.encode()).hexdigest()
    return Extractor(name="trafilatura", version=version("trafilatura"), settings_digest=digest)


EXTRACTOR = _extractor()


def extract_payload(body: bytes, content_type: str | None, url: str) -> CleanText:
    """Return the document that *body* (content coding undone, charset as it came) holds.

    Raises NoMainTextError: ``not_html``, ``too_large``, ``no_main_text``.
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type and media_type not in HTML:
        raise NoMainTextError("not_html", media_type)
    if len(body) > MAX_HTML_BYTES:
        raise NoMainTextError("too_large", f"{len(body)} bytes")
    encoding, html = html_to_unicode(content_type, body, auto_detect_fun=_guess)
    try:
        found = trafilatura.bare_extraction(html, url=url, **_OPTIONS)
    except (ParserError, ValueError) as error:
        raise NoMainTextError("no_main_text", type(error).__name__) from error
    if found is None or not (found.text or "").strip():
        raise NoMainTextError("no_main_text", f"{len(html)} characters of HTML")
    return _clean_text(found, encoding)


def _guess(body: bytes) -> str:
    """Name the charset of a page that names none: UTF-8 if it is that, else what the web falls back on."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _clean_text(found: Extracted, encoding: str) -> CleanText:
    text = _without_headline(found.text.strip(), found.title)
    standfirst = (found.description or "").strip()
    return CleanText(
        title=found.title or None,
        standfirst=standfirst if standfirst and text.partition("\n")[0] == standfirst else None,
        authors=tuple(name.strip() for name in (found.author or "").split(";") if name.strip()),
        published=found.date or None,
        published_known="htmldate" if found.date else "no_reliable_date",
        language=found.language or None,
        canonical_url=found.url or None,
        encoding=encoding,
        text=text,
    )


def _without_headline(text: str, title: str | None) -> str:
    first, _, rest = text.partition("\n")
    return rest.lstrip("\n") if title and rest and first.strip() == title.strip() else text
