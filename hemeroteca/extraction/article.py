"""One payload to clean text: trafilatura's text and metadata, by the settings that the extractor's name stands for."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import ErrorLevels, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.utils import repair_faulty_html

from hemeroteca.extraction.encoding import decode
from hemeroteca.extraction.extractor import HTML, MAX_PAYLOAD_BYTES, OPTIONS
from hemeroteca.extraction.frames import Page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError

_HIDDEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BINARY = re.compile(rb"\A(%PDF-|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b)")
_LOOKS_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|meta|title|div|p|article)\b", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it says of a page, the reason says


def extract_payload(page: Page) -> CleanText:
    """Return the clean text of *page*: the same for the same page, whatever was extracted before.

    Raises NoMainTextError: not_html, too_large, no_main_text.
    """
    _check_html(page)
    source, encoding = decode(page.payload, page.content_type)
    tree = _parse(source)
    found = bare_extraction(
        tree, url=page.url, with_metadata=True, date_extraction_params=_date_params(page.fetched), **OPTIONS
    )
    title = _line(found.title) if found else None
    text = _without_headline(_sound(found.text or ""), title) if found else ""
    if not text:
        raise NoMainTextError("no_main_text", f"{_visible_length(source)} visible characters on the page")
    return CleanText(
        title=title,
        standfirst=_standfirst(text, _line(found.description)),
        authors=_authors(found.author),
        published=found.date or None,
        published_known="trafilatura" if found.date else "no_reliable_date",
        language=_language(tree),
        canonical_url=_canonical_url(tree, page.url),
        encoding=encoding,
        text=text,
    )


def _check_html(page: Page) -> None:
    if len(page.payload) > MAX_PAYLOAD_BYTES:
        raise NoMainTextError("too_large", f"{len(page.payload)} bytes")
    media_type = (page.content_type or "").partition(";")[0].strip().lower()
    if media_type and media_type not in HTML:
        raise NoMainTextError("not_html", media_type)
    if _BINARY.match(page.payload):
        raise NoMainTextError("not_html", "begins like a file of another kind")
    if not media_type and not _LOOKS_HTML.search(page.payload[:4096]):
        raise NoMainTextError("not_html", "no Content-Type, and no HTML in its beginning")


def _parse(source: str) -> HtmlElement:
    """Return the tree of a page. Raises NoMainTextError where there is none, or not all of it.

    trafilatura's own parser stops without raising at 256 nested elements and at texts of some megabytes, this one at
    2048; what it has by then would pass for the whole.
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        tree = document_fromstring(repair_faulty_html(source, source[:50].lower()).encode(), parser)
    except (ParserError, ValueError):
        raise NoMainTextError("no_main_text", "nothing that parses as HTML") from None
    stop = next((entry for entry in parser.error_log if entry.level == ErrorLevels.FATAL), None)
    if stop is not None:
        kept = sum(_solid_length(str(text)) for text in tree.itertext())
        raise NoMainTextError(
            "no_main_text", f"{stop.message.strip()}; {kept} of {_visible_length(source)} characters parsed"
        )
    return tree


def _visible_length(source: str) -> int:
    return _solid_length(_TAG.sub(" ", _HIDDEN.sub(" ", source)))


def _solid_length(text: str) -> int:
    """Return the length of *text* without its white space."""
    return sum(map(len, text.split()))


def _date_params(fetched: datetime) -> dict[str, Any]:
    """Bound dates by the day of the fetch: trafilatura's own bound is today, and would change what a page says."""
    return {"original_date": True, "extensive_search": True, "max_date": f"{fetched:%Y-%m-%d}"}


def _without_headline(text: str, title: str | None) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and title and _folded(lines[0]) == _folded(title):
        del lines[0]
    return "\n".join(lines)


def _standfirst(text: str, description: str | None) -> str | None:
    """Return the first paragraph when the page itself describes the article by it."""
    first = text.partition("\n")[0]
    return first if description and _folded(first) == _folded(description) else None


def _authors(said: str | None) -> tuple[str, ...]:
    names = (_line(name) for name in (said or "").split(";"))
    return tuple(dict.fromkeys(name for name in names if name))


def _language(tree: HtmlElement) -> str | None:
    """Return the language that the page's root declares, as a BCP 47 tag."""
    said = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang") or ""
    tag = said.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def _canonical_url(tree: HtmlElement, url: str) -> str | None:
    """Return the http address that the page calls canonical."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            try:
                address = urljoin(url, _sound(link.get("href") or "").strip())
                return address if urlsplit(address).scheme in ("http", "https") and link.get("href") else None
            except ValueError:
                return None
    return None


def _line(text: str | None) -> str | None:
    return " ".join(_sound(text or "").split()) or None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _sound(text: str) -> str:
    """Return *text* with lone surrogates, which JSON-LD can hold and UTF-8 cannot, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
