"""Whether a page is a list of things (listing, collection, forum) and not one article."""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from hemeroteca.extraction.page.json_ld import ARTICLE_TYPES, read_types
from hemeroteca.extraction.page.markup import Markup

LIST_AT = 0.7
"""A page that is likelier a list is flagged as one."""
_NO_ARTICLE_AT = 0.5
_MIN_LIST_CHARS = 2_000

_LONG_LINE_CHARS = 120
_LIST_PATH = re.compile(
    r"/(?:categor(?:y|ies|ia|ias|ie)|kategorien?|tags?|topics?|themen?|temas?|search|suche|collections?|shop|"
    r"products?|forums?|"
    r"forum|threads?|viewtopic\.php|archive|archivo?|sections?|directory|jobs?|courses|list|all|community|discussions?|"
    r"questions|groups?|author|autor(?:es|en)?)(?:/|\Z)",
    re.IGNORECASE,
)
_ARTICLE_SLUG = re.compile(r"\d{4}|-[^/]*-[^/]*-")
_LIST_TYPES = frozenset(
    {
        "collectionpage",
        "itemlist",
        "searchresultspage",
        "profilepage",
        "qapage",
        "discussionforumposting",
        "offercatalog",
    }
)
_LIST_WEIGHTS = {
    "linked": 1.6, "long_lines": -1.1, "long_share": -1.5, "own_article": -1.3, "og_article": -1.85, "dated": -1.1,
    "text_share": -1.1, "linked_headings": 0.4, "front_page": 1.2, "list_path": 3.8, "list_type": 3.1, "times": 2.1,
    "slug": -2.2,
}  # fmt: skip
_LIST_BIAS = 2.2
"""Of a logistic regression over news, blogs, listings, collections and forums; docs/extraction.md has its figures."""


def is_no_article(markup: Markup, text: str) -> bool:
    """Say whether the page of *text* is rather a list. A page that shows little is not: little speaks for either."""
    return markup.visible_chars >= _MIN_LIST_CHARS and estimate_list_likelihood(markup, text) >= _NO_ARTICLE_AT


def estimate_list_likelihood(markup: Markup, text: str) -> float:
    """Return how likely the page of *text* is a list of things and not one article, 0 to 1."""
    lines = [one for one in text.split("\n") if one.strip()]
    long = [one for one in lines if len(one) > _LONG_LINE_CHARS]
    path = urlsplit(markup.url).path
    headings = [one.element for tag in ("h2", "h3") for one in markup.marked.get(tag, ())]
    linked = sum(next(one.iter("a"), None) is not None or _within_link(one) for one in headings)
    features = {
        "linked": markup.link_chars / markup.visible_chars if markup.visible_chars else 1.0,
        "long_lines": math.log1p(len(long)) / 3,
        "long_share": sum(map(len, long)) / max(1, len(text)),
        "own_article": bool(markup.nodes) and bool(read_types(markup.nodes[0]) & ARTICLE_TYPES),
        "og_article": "article" in (markup.read_meta("og:type") or ""),
        "dated": bool(markup.read_meta("article:published_time")),
        "text_share": min(1.0, len(text) / markup.visible_chars) if markup.visible_chars else 0.0,
        "linked_headings": min(linked, 20) / 20,
        "front_page": path in ("", "/"),
        "list_path": _LIST_PATH.search(path) is not None,
        "list_type": any(read_types(node) & _LIST_TYPES for node in markup.json_ld.nodes[:50]),
        "times": math.log1p(len(markup.marked.get("time", ()))) / 3,
        "slug": _ARTICLE_SLUG.search(path) is not None,
    }
    return 1 / (1 + math.exp(-_LIST_BIAS - sum(_LIST_WEIGHTS[name] * value for name, value in features.items())))


def _within_link(heading: object) -> bool:
    return next(heading.iterancestors("a"), None) is not None  # type: ignore[attr-defined]
