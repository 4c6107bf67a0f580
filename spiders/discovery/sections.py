"""Section pages and front pages: their links, the likeliest articles first, and the feeds they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from spiders.discovery.entries import Entry, make_entries
from spiders.discovery.feeds import NotAFeedError
from spiders.policy.scope import clean_url, is_web, looks_like_article
from storage.model.markup_bounds import check_markup

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
    | {"text/xml", "application/xml"}
)
_NO_FEED = re.compile(r"comment|kommentar|comentario|commentaire|oembed", re.IGNORECASE)
_HEADLINES = "h1 a, h2 a, h3 a, h4 a, article a, a:has(h1, h2, h3, h4)"
_FURNITURE = "nav a, footer a, aside a, header nav a, [role=navigation] a"
_HEADLINE_WORDS = 4


class FrontPage(NamedTuple):
    """What a front page says of its newspaper."""

    title: str | None
    language: str | None
    feeds: tuple[str, ...]
    links: tuple[str, ...]
    """Addresses in <link> and <a> that may be discovery documents: feeds and sitemaps by their names."""


def parse_section(body: bytes, url: str) -> list[Entry]:
    """Return the links of an HTML page, each once, the likeliest articles first. Raises NotAFeedError.

    A headline is evidence for an article, a place in a menu against it; so are a date, a number or many words in the
    address.
    """
    tree = _tree(body)
    base = _base(tree, url)
    headlines, furniture = _ids(tree, _HEADLINES), _ids(tree, _FURNITURE)
    best: dict[str, int] = {}
    for node in tree.css("a[href], area[href]"):
        address = clean_url(node.attributes.get("href") or "", base)
        if address:
            score = 2 * (node.mem_id in headlines) - 3 * (node.mem_id in furniture) + _score(node, address)
            best[address] = max(score, best.get(address, score))
    return [Entry(address) for address in sorted(best, key=best.__getitem__, reverse=True)]


def find_feeds_in_page(body: bytes, url: str) -> list[str]:
    """Return the feeds that a page names as its own (RSS autodiscovery); those of comments are left out."""
    tree = _tree(body)
    return [
        one.url for one in make_entries(((href, None) for href in _feeds(tree)), _base(tree, url)) if is_web(one.url)
    ]


def parse_front_page(body: bytes, url: str) -> FrontPage:
    """Return what a front page says about its newspaper. Raises NotAFeedError."""
    tree = _tree(body)
    root = tree.css_first("html[lang]")
    language = (root.attributes.get("lang") or "").strip() if root else ""
    title = tree.css_first("title")
    name = tree.css_first('meta[property="og:site_name"]')
    text = (name.attributes.get("content") or "" if name else "") or (title.text() if title else "")
    named = [(node.attributes.get("href"), None) for node in tree.css("a[href], link[href]")]
    links = [one.url for one in make_entries(named, _base(tree, url)) if is_web(one.url) and _names_a_document(one.url)]
    return FrontPage(
        " ".join(text.split()) or None, language or None, tuple(find_feeds_in_page(body, url)), tuple(links)
    )


def _tree(body: bytes) -> LexborHTMLParser:
    if not body.strip():
        raise NotAFeedError("empty body")
    check_markup(body)
    return LexborHTMLParser(body)


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    base = clean_url(node.attributes.get("href") or "", url) if node else None
    return base or url


def _ids(tree: LexborHTMLParser, selector: str) -> frozenset[int]:
    return frozenset(node.mem_id for node in tree.css(selector))


def _score(node: LexborNode, address: str) -> int:
    return (len(node.text().split()) >= _HEADLINE_WORDS) + 2 * (is_web(address) and looks_like_article(address))


def _feeds(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("link[href][type][rel]"):
        attributes = {name: value or "" for name, value in node.attributes.items()}
        is_alternate = "alternate" in attributes["rel"].lower().split()
        media_type = attributes["type"].partition(";")[0].strip().lower()
        label = f"{attributes.get('title')} {attributes['href']}"
        if is_alternate and media_type in _FEED_TYPES and not _NO_FEED.search(label):
            yield attributes["href"]


def _names_a_document(url: str) -> bool:
    """Say whether the path of *url* looks like that of a feed or sitemap."""
    path = urlsplit(url).path.lower()
    return bool(re.search(r"(?:^|[/._-])(?:rss|feeds?|atom|sitemap[\w-]*)(?:[/._-]|$)|\.(?:rss|atom|rdf|opml)$", path))
