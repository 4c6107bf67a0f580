"""Flags of an article (paywall, live, opinion, sponsored), its section, tags and canonical address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from hemeroteca.extraction.page.json_ld import list_values, read_texts, read_types
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words, replace_surrogates

MAX_TAGS = 50

KnownFlag = tuple[bool | None, str]
"""A flag, None where the page does not say, and how it is known."""

_OPINION = re.compile(
    r"opinions?|opini[oó]n(?:es)?|meinung|kommentare?|columnas?|columnists?|column|editorials?|op ed|oped|tribunas?|"
    r"tribune|"
    r"commentisfree|commentary|leitartikel|gastbeitrag|blogs? de opinion|debate|views|idées|opinioni|mening|debatt|"
    r"kolumnen?"
)
_SPONSORED = re.compile(
    r"sponsored(?: content)?|advertorials?|branded? ?content|brandedcontent|paid ?(?:post|content)|partner ?content|"
    r"anzeige|"
    r"publirr?eportaje|contenido patrocinado|patrocinado|werbung|publi ?communiqu[eé]|contenu sponsoris[eé]|brandvoice"
)
_SECTION_METAS = (
    "article:section",
    "og:article:section",
    "section",
    "parsely-section",
    "sailthru.section",
    "articlesection",
)
_TYPES = {"live": "liveblogposting", "opinion": "opinionnewsarticle", "sponsored": "advertisercontentarticle"}
_TRUTHS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_LOCKED = {"locked": True, "metered": True, "paid": True, "premium": True, "free": False}


def read_paywall(markup: Markup) -> KnownFlag:
    """Return whether the page is behind a paywall, by its own words."""
    for node in markup.nodes:
        free = _read_truth(node.get("isAccessibleForFree"))
        parts = [
            _read_truth(part.get("isAccessibleForFree"))
            for part in list_values(node.get("hasPart"))
            if isinstance(part, dict)
        ]
        if free is not None or False in parts:
            return free is False or False in parts, "json-ld:isAccessibleForFree"
    for name in ("article:content_tier", "content_tier", "article.content_tier"):
        locked = _LOCKED.get((markup.read_meta(name) or "").lower())
        if locked is not None:
            return locked, f"meta:{name}"
    return None, "none: the page does not say"


def read_kind(markup: Markup, flag: str) -> KnownFlag:
    """Return whether the page says that its article is *flag*: ``live``, ``opinion`` or ``sponsored``."""
    if any(_TYPES[flag] in read_types(node) for node in markup.nodes):
        return True, "json-ld:@type"
    if flag == "live":
        return (False, "json-ld:@type") if markup.nodes else (None, "none: the page does not say")
    content = markup.read_meta(f"article:{flag}")
    if content and content.lower() in _TRUTHS:
        return _TRUTHS[content.lower()], f"meta:article:{flag}"
    pattern = _OPINION if flag == "opinion" else _SPONSORED
    section, known = read_section(markup)
    if section and pattern.fullmatch(fold_words(section)):
        return True, known
    parts = urlsplit(markup.url).path.lower().split("/")[:-1] if markup.url else []
    if any(pattern.fullmatch(part.replace("-", " ").replace("_", " ")) for part in parts):
        return True, "url"
    return None, "none: the page does not say"


def read_section(markup: Markup) -> tuple[str | None, str]:
    """Return the section of the newspaper that the page names."""
    for node in markup.nodes:
        found = read_texts(node, "articleSection", 200)
        if found:
            return found[0], "json-ld:articleSection"
    for name in _SECTION_METAS:
        named = markup.read_meta(name)
        if named and "://" not in named and len(named) <= 100:
            return named, f"meta:{name}"
    for node in markup.json_ld.nodes:
        if "breadcrumblist" in read_types(node):
            crumbs = [_read_crumb(item) for item in list_values(node.get("itemListElement")) if isinstance(item, dict)]
            if len(crumbs) >= 3 and crumbs[1]:
                return crumbs[1], "json-ld:BreadcrumbList"
    return None, "none: the page names no section"


def read_tags(markup: Markup) -> tuple[tuple[str, ...], str]:
    """Return the keywords that the page gives its article, each once."""
    for source, texts in _read_keywords(markup):
        tags = [tag for one in texts for part in one.split(",") if (tag := clean_line(part, 100).strip(" #"))]
        if tags:
            once: dict[str, str] = {}
            for tag in tags:
                once.setdefault(fold_words(tag), tag)
            return tuple(once.values())[:MAX_TAGS], source
    return (), "none: the page names no tags"


def read_canonical(markup: Markup) -> tuple[str | None, str]:
    """Return the http address that the page calls canonical."""
    for rel, href in markup.links:
        if "canonical" in rel.split():
            try:
                address = urljoin(markup.url, replace_surrogates(href).strip())
                if href and urlsplit(address).scheme in ("http", "https"):
                    return address, "link:canonical"
            except ValueError:
                pass
            return None, "none: its canonical link is no address"
    return None, "none: the page names none"


def _read_keywords(markup: Markup) -> Iterator[tuple[str, list[str]]]:
    for node in markup.nodes:
        yield "json-ld:keywords", read_texts(node, "keywords", 4_000)
    for name in ("article:tag", "og:article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords"):
        yield f"meta:{name}", [clean_line(content) for content in markup.metas.get(name, ())]


def _read_crumb(item: dict[str, Any]) -> str | None:
    return next(iter(read_texts(item, "name", 200) or read_texts({"item": item.get("item")}, "item", 200)), None)


def _read_truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value:
        return _read_truth(value[0])
    return _TRUTHS.get(value.strip().rpartition("/")[2].lower()) if isinstance(value, str) else None
