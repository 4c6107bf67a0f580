"""One payload to clean text: trafilatura's text and metadata, by the settings that the extractor's name stands for."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from hemeroteca.extraction.extractor import OPTIONS
from hemeroteca.extraction.frames import Page
from hemeroteca.extraction.tree import parse_page, visible_length
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it says of a page, the reason says


def extract_payload(page: Page) -> CleanText:
    """Return the clean text of *page*: the same for the same page, whatever was extracted before.

    Raises NoMainTextError: not_html, too_large, no_main_text.
    """
    tree, source, encoding, _, _ = parse_page(page)
    found = bare_extraction(
        tree, url=page.url, with_metadata=True, date_extraction_params=_date_params(page.fetched), **OPTIONS
    )
    title = _line(found.title) if found else None
    text = _without_headline(_sound(found.text or ""), title) if found else ""
    if not text:
        raise NoMainTextError("no_main_text", f"{visible_length(source)} visible characters on the page")
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
