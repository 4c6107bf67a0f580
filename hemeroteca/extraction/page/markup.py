"""What metadata is read from: the head, marked elements and JSON-LD of a page, gathered in one walk of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement

from hemeroteca.extraction.page.byline_words import BYLINE_STARTS
from hemeroteca.extraction.page.json_ld import JsonLd, Node, find_article_nodes, read_first_text, read_json_ld
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words

MAX_MARKED = 150
"""Elements of one role that are kept; a page that marks more is a list."""

_HEADINGS = ("h1", "h2", "h3")
_KEPT_TAGS = frozenset({*_HEADINGS, "time", "figure", "img"})
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:es|in|en)?|auteurs?|autori?|by|profil(?:e|es)?|people|staff|contributors?|journalists?|team|"
    r"redaktion|writers?|columnists?|correspondents?|firmas?|person)/[^/?#]+/?(?:[?#].*)?\Z",
    re.IGNORECASE,
)
_ROLE_WORDS = {
    "author": re.compile("author|byline|by-line|autor|auteur|redakteur|verfasser|firma|writer|reporter|contributor"),
    "date": re.compile("date|datum|fecha|time|publish|posted|veroeffentlich|data-pub|data_pub"),
}
"""By role, what the class names and ids of its elements contain."""

_OUTSIDE_WORDS = re.compile(
    r"\bcomments?\b|comment-?list|respond|related|recommend|teaser|sidebar|side-bar|widget[-_]?area|"
    r"widget_(?:recent|text|nav|arch|cat|tag)|most-?(?:read|popular)|popular|trending|newsletter|promo|"
    r"more-?(?:stories|news|from|articles)|also-?(?:read|like)|"
    r"(?:site|page|global|main)[-_]?footer|\bfooter\b|nav(?:bar|igation|-?menu|-?links)|\bmenu|breadcrumb|cookie|"
    r"consent|carousel|read-?next"
)
_HEAD_TAGS = frozenset({"meta", "link", "title"})
READ_TAGS = (
    *_HEAD_TAGS, *_KEPT_TAGS, "a", "abbr", "address", "article", "aside", "b", "blockquote", "br", "cite", "dd",
    "div", "dl", "dt", "em", "figcaption", "font", "footer", "h4", "h5", "h6", "header", "i", "label", "li", "main",
    "nav", "ol", "p", "section", "small", "span", "strong", "td", "tr", "ul",
)  # fmt: skip
"""The elements that are read: scripts, drawings and forms are left out."""
_OUTSIDE_TAGS = frozenset({"nav", "aside", "footer"})
_ARTICLE_TAGS = frozenset({"article", "main", "body", "html"})


class MarkedElement(NamedTuple):
    """An element whose tag or attributes give it a role, and its position in page order."""

    position: int
    element: HtmlElement

    @property
    def text(self) -> str:
        return read_shown_text(self.element)


class Markup(NamedTuple):
    """What the walk found.

    ``metas`` has contents by property, name or itemprop in lower case, ``links`` rel and href of each link in the head,
    ``marked`` elements by role.
    """

    url: str
    tree: HtmlElement
    metas: dict[str, list[str]]
    links: list[tuple[str, str]]
    title: str
    marked: dict[str, list[MarkedElement]]
    json_ld: JsonLd
    nodes: tuple[Node, ...] = ()
    """JSON-LD objects about the page's own article, the best match first."""
    headline_position: int = 0
    """That of the first heading which is in one of the markup's titles, else of the first h1."""
    headline_ancestors: frozenset[HtmlElement] = frozenset()
    visible_chars: int = 0
    """Characters that the page shows."""
    link_chars: int = 0
    """Those of them that are links."""

    @property
    def descriptions(self) -> list[str]:
        """Summaries in the markup: a line of the article that repeats one of them is the standfirst."""
        found = [read_first_text([node], "description") for node in self.nodes[:3]]
        found += [self.read_meta(name) for name in ("og:description", "description", "twitter:description")]
        return list(dict.fromkeys(one for one in found if one))

    def is_outside_article(self, element: HtmlElement) -> bool:
        """Say whether *element* is in a part of the page that is not about its article."""
        return is_outside_article(element, self.headline_ancestors)

    def read_meta(self, *names: str) -> str | None:
        """Return the first content that is not empty under any of *names*."""
        contents = (clean_line(content) for name in names for content in self.metas.get(name, ()))
        return next((content for content in contents if content), None)


class _MarkupReader:
    """What the walk has found so far."""

    def __init__(self) -> None:
        self.metas: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self.titles: list[HtmlElement] = []
        self.marked: dict[str, list[MarkedElement]] = {}
        self.visible_chars = self.link_chars = 0

    def read_head(self, tag: str, element: HtmlElement) -> None:
        if tag == "link":
            self.links.append(((element.get("rel") or "").lower(), element.get("href") or ""))
        elif tag == "title":
            self.titles.append(element)
        else:
            for name in _list_names(element):
                self.metas.setdefault(name, []).append(element.get("content") or "")

    def _mark(self, roles: tuple[str, ...], position: int, element: HtmlElement) -> None:
        for role in roles:
            kept = self.marked.setdefault(role, [])
            if len(kept) < MAX_MARKED:
                kept.append(MarkedElement(position, element))

    def read_body(self, tag: str, position: int, element: HtmlElement) -> None:
        """Read an element of the body. Most of the time is spent here: each attribute is read once."""
        get = element.get
        name, identity = get("class"), get("id")
        if name or identity:
            roles = _find_roles(name or "", identity or "")
            if roles:
                self._mark(roles, position, element)
        if tag in _KEPT_TAGS:
            self._mark((tag,), position, element)
        text, tail = element.text, element.tail
        if text:
            shown = text.strip()
            self.visible_chars += len(shown)
            if shown[:3].lower() in BYLINE_STARTS or shown[:2] in BYLINE_STARTS:
                self._mark(("by",), position, element)
        if tail:
            self.visible_chars += len(tail.strip())
        itemprop = get("itemprop")
        if itemprop:
            self._mark((f"itemprop:{itemprop.strip().lower()}",), position, element)
        if tag == "a":
            self._read_link(position, element)

    def _read_link(self, position: int, element: HtmlElement) -> None:
        self.link_chars += len((element.text_content() if len(element) else element.text or "").strip())
        rel, href = element.get("rel"), element.get("href")
        if rel and "author" in rel.lower().split():
            self._mark(("rel:author",), position, element)
        if href and _AUTHOR_PAGE.search(href[-300:]):
            self._mark(("author-link",), position, element)


def read_markup(tree: HtmlElement, url: str) -> Markup:
    """Return what the page's metadata is read from. *tree* is not changed; every element is visited once."""
    reader = _MarkupReader()
    for position, element in enumerate(tree.iter(*READ_TAGS)):
        tag = element.tag
        if tag in _HEAD_TAGS:
            reader.read_head(tag, element)
        else:
            reader.read_body(tag, position, element)
    title = read_shown_text(reader.titles[0]) if reader.titles else ""
    markup = Markup(url, tree, reader.metas, reader.links, title, reader.marked, read_json_ld(tree))
    markup = markup._replace(visible_chars=reader.visible_chars, link_chars=reader.link_chars)
    return _locate_article(markup)


def _locate_article(markup: Markup) -> Markup:
    """Return *markup* with the JSON-LD and the headline of the page's own article."""
    shown = (heading.text for heading in markup.marked.get("h1", ())[:5])
    canonical = (href for rel, href in markup.links if rel == "canonical")
    headlines = [markup.title, markup.read_meta("og:title") or "", *shown]
    addresses = [markup.url, markup.read_meta("og:url") or "", *canonical]
    markup = markup._replace(nodes=find_article_nodes(markup.json_ld, addresses, headlines))
    headline = _find_headline(markup)
    if headline is None:
        return markup
    ancestors = frozenset(headline.element.iterancestors())
    return markup._replace(headline_position=headline.position, headline_ancestors=ancestors)


def _find_headline(markup: Markup) -> MarkedElement | None:
    declared = [read_first_text(markup.nodes, "headline") or "", markup.read_meta("og:title") or "", markup.title]
    titles = [folded for one in declared if (folded := fold_words(one))]
    for tag in _HEADINGS:
        for marked in markup.marked.get(tag, ())[:20]:
            folded = fold_words(marked.text)
            if len(folded) > 5 and any(folded == title or (len(folded) > 12 and folded in title) for title in titles):
                return marked
    return next((one for one in markup.marked.get("h1", ()) if not is_outside_article(one.element)), None)


def read_shown_text(element: HtmlElement, max_chars: int = 1_000) -> str:
    """Return the first *max_chars* characters of *element* as one line; the rest, maybe megabytes, is not read."""
    parts: list[str] = []
    length = 0
    for text in element.itertext():
        parts.append(text[: 4 * max_chars])
        length += len(parts[-1])
        if length > 4 * max_chars:
            break
    return clean_line("".join(parts), max_chars)


def is_outside_article(element: HtmlElement, headline_ancestors: frozenset[HtmlElement] = frozenset()) -> bool:
    """Say whether *element* is in a part of the page that is not about its article: menu, other stories, comments.

    The footer of an article belongs to the article, and no element of *headline_ancestors* is outside.
    """
    for above in (element, *element.iterancestors()):
        if above.tag in _ARTICLE_TAGS or above in headline_ancestors:
            return False
        if above.tag in _OUTSIDE_TAGS and next(above.iterancestors("article"), None) is None:
            return True
        if _is_outside_by_name(above.get("class") or "", above.get("id") or ""):
            return True
    return False


def _list_names(element: HtmlElement) -> Iterator[str]:
    for attribute in ("property", "name", "itemprop"):
        name = element.get(attribute)
        if name:
            yield name.strip().lower()


@lru_cache(maxsize=10_000)
def _find_roles(name: str, identity: str) -> tuple[str, ...]:
    names = f"{name} {identity}"[:500].lower()
    return tuple(role for role, words in _ROLE_WORDS.items() if words.search(names))


@lru_cache(maxsize=10_000)
def _is_outside_by_name(name: str, identity: str) -> bool:
    return _OUTSIDE_WORDS.search(f"{name} {identity}"[:500].lower()) is not None
