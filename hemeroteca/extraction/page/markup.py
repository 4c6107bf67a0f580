"""What metadata is read from: a page's head, its marked elements and its JSON-LD, gathered in one walk of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement

from hemeroteca.extraction.page.json_ld import JsonLd, Node, find_article_nodes, read_first_text, read_json_ld
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words

MAX_MARKED = 150
"""Elements of one kind that are looked at; a page that marks more is a list."""

_HEADINGS = ("h1", "h2", "h3")
_KEPT = frozenset({*_HEADINGS, "time", "figure", "img"})
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:es|in|en)?|auteurs?|autori?|by|profil(?:e|es)?|people|staff|contributors?|journalists?|team|"
    r"redaktion|writers?|columnists?|correspondents?|firmas?|person)/[^/?#]+/?(?:[?#].*)?\Z",
    re.IGNORECASE,
)
_BY = frozenset(
    {
        "by", "by ", "by:", "von", "par", "por", "wri", "tex", "aut", "pos", "di ", "da ", "doo", "av ", "af ", "gui",
        "rec", "ver", "ers", "ein", "red",
    }
)  # fmt: skip
"""How the text of elements begins that may hold a byline."""
_ROLES = {
    "author": re.compile("author|byline|by-line|autor|auteur|redakteur|verfasser|firma|writer|reporter|contributor"),
    "date": re.compile("date|datum|fecha|time|publish|posted|veroeffentlich|data-pub|data_pub"),
}
"""What class names and ids hold of an element that shows it."""

_ELSEWHERE = re.compile(
    r"\bcomments?\b|comment-?list|respond|related|recommend|teaser|sidebar|side-bar|widget[-_]?area|"
    r"widget_(?:recent|text|nav|arch|cat|tag)|most-?(?:read|popular)|popular|trending|newsletter|promo|"
    r"more-?(?:stories|news|from|articles)|also-?(?:read|like)|"
    r"(?:site|page|global|main)[-_]?footer|\bfooter\b|nav(?:bar|igation|-?menu|-?links)|\bmenu|breadcrumb|cookie|"
    r"consent|carousel|read-?next"
)
_HEAD = frozenset({"meta", "link", "title"})
READ_TAGS = (
    *_HEAD, *_KEPT, "a", "abbr", "address", "article", "aside", "b", "blockquote", "br", "cite", "dd", "div", "dl",
    "dt", "em", "figcaption", "font", "footer", "h4", "h5", "h6", "header", "i", "label", "li", "main", "nav", "ol",
    "p", "section", "small", "span", "strong", "td", "tr", "ul",
)  # fmt: skip
"""Elements that are looked at: scripts, drawings and forms mark and show nothing."""
_ELSEWHERE_TAGS = frozenset({"nav", "aside", "footer"})
_OWN_TAGS = frozenset({"article", "main", "body", "html"})


class MarkedElement(NamedTuple):
    """An element that its name or attributes mark, and its place in the page's order."""

    place: int
    element: HtmlElement

    @property
    def text(self) -> str:
        return read_shown_text(self.element)


class Markup(NamedTuple):
    """``metas`` has the contents by property, name or itemprop in lower case; ``marked`` the elements by role."""

    url: str
    tree: HtmlElement
    metas: dict[str, list[str]]
    links: list[tuple[str, str]]
    title: str
    marked: dict[str, list[MarkedElement]]
    json_ld: JsonLd
    nodes: tuple[Node, ...] = ()
    """JSON-LD about the page's own article, the best first."""
    start: int = 0
    """The place of the headline: of the first heading that the markup's titles hold, else of the first h1."""
    holders: frozenset[HtmlElement] = frozenset()
    """The elements around the headline."""
    visible: int = 0
    """Characters that the page shows, and how many of them are links."""
    linked: int = 0

    @property
    def descriptions(self) -> list[str]:
        """What the markup says in a sentence or two: where the article shows it too, it is the standfirst."""
        said = [*(read_first_text([node], "description") for node in self.nodes[:3])]
        said += [self.meta(name) for name in ("og:description", "description", "twitter:description")]
        return list(dict.fromkeys(one for one in said if one))

    def elsewhere(self, element: HtmlElement) -> bool:
        """Say whether *element* lies in a part of the page that is about something else than its article."""
        return is_outside_article(element, self.holders)

    def meta(self, *names: str) -> str | None:
        """Return the first content that any of *names* has."""
        return next(
            (content for name in names for said in self.metas.get(name, ()) if (content := clean_line(said))),
            None,
        )


class _Gathering:
    """What the walk has seen so far."""

    def __init__(self) -> None:
        self.metas: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self.titles: list[HtmlElement] = []
        self.marked: dict[str, list[MarkedElement]] = {}
        self.visible = self.linked = 0

    def head(self, tag: str, element: HtmlElement) -> None:
        """See an element of a page's head."""
        if tag == "link":
            self.links.append(((element.get("rel") or "").lower(), element.get("href") or ""))
        elif tag == "title":
            self.titles.append(element)
        else:
            for name in _names(element):
                self.metas.setdefault(name, []).append(element.get("content") or "")

    def keep(self, roles: tuple[str, ...], place: int, element: HtmlElement) -> None:
        for role in roles:
            kept = self.marked.setdefault(role, [])
            if len(kept) < MAX_MARKED:
                kept.append(MarkedElement(place, element))

    def body(self, tag: str, place: int, element: HtmlElement) -> None:
        """See any other element. Here most of the time goes: what most elements have not is asked for once."""
        get = element.get
        name, identity = get("class"), get("id")
        if name or identity:
            roles = _roles(name or "", identity or "")
            if roles:
                self.keep(roles, place, element)
        if tag in _KEPT:
            self.keep((tag,), place, element)
        text, tail = element.text, element.tail
        if text:
            shown = text.strip()
            self.visible += len(shown)
            if shown[:3].lower() in _BY:
                self.keep(("by",), place, element)
        if tail:
            self.visible += len(tail.strip())
        itemprop = get("itemprop")
        if itemprop:
            self.keep((f"itemprop:{itemprop.strip().lower()}",), place, element)
        if tag == "a":
            self.link(place, element)

    def link(self, place: int, element: HtmlElement) -> None:
        self.linked += len((element.text_content() if len(element) else element.text or "").strip())
        rel, href = element.get("rel"), element.get("href")
        if rel and "author" in rel.lower().split():
            self.keep(("rel:author",), place, element)
        if href and _AUTHOR_PAGE.search(href[-300:]):
            self.keep(("author-link",), place, element)


def read_markup(tree: HtmlElement, url: str) -> Markup:
    """Return what the page's metadata can be read from. *tree* stays as it is; every element is seen once."""
    seen = _Gathering()
    for place, element in enumerate(tree.iter(*READ_TAGS)):
        tag = element.tag
        if tag in _HEAD:
            seen.head(tag, element)
        else:
            seen.body(tag, place, element)
    title = read_shown_text(seen.titles[0]) if seen.titles else ""
    page = Markup(url, tree, seen.metas, seen.links, title, seen.marked, read_json_ld(tree))
    page = page._replace(visible=seen.visible, linked=seen.linked)
    headlines = [title, page.meta("og:title") or "", *(heading.text for heading in page.marked.get("h1", ())[:5])]
    addresses = [url, page.meta("og:url") or "", *(href for rel, href in page.links if rel == "canonical")]
    page = page._replace(nodes=find_article_nodes(page.json_ld, addresses, headlines))
    headline = _headline(page)
    if headline is None:
        return page
    return page._replace(start=headline.place, holders=frozenset(headline.element.iterancestors()))


def _headline(page: Markup) -> MarkedElement | None:
    declared = [read_first_text(page.nodes, "headline") or "", page.meta("og:title") or "", page.title]
    titles = [folded for one in declared if (folded := fold_words(one))]
    for tag in _HEADINGS:
        for marked in page.marked.get(tag, ())[:20]:
            folded = fold_words(marked.text)
            if len(folded) > 5 and any(folded == title or (len(folded) > 12 and folded in title) for title in titles):
                return marked
    return next((one for one in page.marked.get("h1", ()) if not is_outside_article(one.element)), None)


def read_shown_text(element: HtmlElement, most: int = 1_000) -> str:
    """Return the first *most* characters or so that *element* holds, as one line: it may hold megabytes."""
    parts: list[str] = []
    length = 0
    for text in element.itertext():
        parts.append(text[: 4 * most])
        length += len(parts[-1])
        if length > 4 * most:
            break
    return clean_line("".join(parts), most)


def is_outside_article(element: HtmlElement, holders: frozenset[HtmlElement] = frozenset()) -> bool:
    """Say whether *element* lies in a part of the page that is about something else: menus, other stories, comments.

    The footer of an article is the article's, and what holds the headline, *holders*, is never elsewhere.
    """
    for above in (element, *element.iterancestors()):
        if above.tag in _OWN_TAGS or above in holders:
            return False
        if above.tag in _ELSEWHERE_TAGS and next(above.iterancestors("article"), None) is None:
            return True
        if _is_elsewhere(above.get("class") or "", above.get("id") or ""):
            return True
    return False


def _names(element: HtmlElement) -> Iterator[str]:
    for attribute in ("property", "name", "itemprop"):
        name = element.get(attribute)
        if name:
            yield name.strip().lower()


@lru_cache(maxsize=10_000)
def _roles(name: str, identity: str) -> tuple[str, ...]:
    said = f"{name} {identity}"[:500].lower()
    return tuple(role for role, words in _ROLES.items() if words.search(said))


@lru_cache(maxsize=10_000)
def _is_elsewhere(name: str, identity: str) -> bool:
    return _ELSEWHERE.search(f"{name} {identity}"[:500].lower()) is not None
