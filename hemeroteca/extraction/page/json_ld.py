"""The JSON-LD of a page: its objects (nodes), and which of them are about the page's own article."""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words

Node = dict[str, Any]
"""A JSON object from a page: any key may hold anything."""

MAX_CHARACTERS = 4_000_000
MAX_OBJECTS = 20_000

NEWS_TYPES = frozenset(
    {
        "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle", "opinionnewsarticle",
        "askpublicnewsarticle", "reviewnewsarticle", "liveblogposting", "advertisercontentarticle", "satiricalarticle",
        "report",
    }
)  # fmt: skip
ARTICLE_TYPES = NEWS_TYPES | {
    "article", "blogposting", "socialmediaposting", "techarticle", "scholarlyarticle", "medicalscholarlyarticle",
    "discussionforumposting", "review", "criticreview", "claimreview", "howto", "recipe", "podcastepisode", "interview",
}  # fmt: skip
PAGE_TYPES = frozenset(
    {"webpage", "itempage", "creativework", "videoobject", "mediaobject", "faqpage", "medicalwebpage", "aboutpage"}
)

_WRAPPER_KEYS = ("@graph", "mainEntity", "mainEntityOfPage", "@list", "@set", "itemReviewed", "blogPost")
"""The keys that pages put their article under. What is under other keys (teasers, a publisher) is something else."""

_CDATA_OPENING = re.compile(r"\s*(?:(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)\s*)*")
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?![\\"/bfnrtu])')
_DECODER = json.JSONDecoder(strict=False)


class JsonLd(NamedTuple):
    """``nodes`` are the objects that stand for themselves, in page order; ``by_id`` has those that others refer to."""

    nodes: tuple[Node, ...]
    by_id: dict[str, Node]
    unreadable_scripts: int
    """How many scripts no JSON could be read from."""

    def resolve(self, value: Any) -> Any:
        """Return the object that *value* refers to, or *value* itself when it is no reference."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
            return self.by_id.get(value["@id"], value)
        return value


def read_json_ld(tree: HtmlElement) -> JsonLd:
    """Return the JSON-LD of the page. Never raises; reads at most 4 million characters and 20,000 objects."""
    roots: list[Any] = []
    unreadable_scripts = 0
    left = MAX_CHARACTERS
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        left -= len(text)
        if left < 0:
            unreadable_scripts += 1
            break
        found = _parse_script(text)
        unreadable_scripts += not found and bool(text.strip())
        roots += found
    return JsonLd(tuple(_find_standalone(roots)), _index_by_id(roots), unreadable_scripts)


def read_types(node: Node) -> set[str]:
    """Return the types of *node* in lower case, without the vocabulary's address."""
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return {re.split(r"[/#:]", name)[-1].strip().lower() for name in names if isinstance(name, str)}


def find_article_nodes(found: JsonLd, addresses: Iterable[str], headlines: Iterable[str]) -> tuple[Node, ...]:
    """Return the nodes about the article at one of *addresses*, with one of *headlines*, the best match first.

    Where a page has several articles, those that name its address or its headline; a single article that names neither
    counts as the page's own. Nodes of type WebPage and the like come after all articles.
    """
    here = {_bare_address(address) for address in addresses if address}
    folded_headlines = {fold_words(headline) for headline in headlines if headline}
    articles, pages = [], []
    for node in found.nodes:
        types = read_types(node)
        if types & ARTICLE_TYPES:
            articles.append((_measure_fit(node, here, folded_headlines), bool(types & NEWS_TYPES), node))
        elif types & PAGE_TYPES:
            pages.append((_measure_fit(node, here, folded_headlines), node))
    fitting = [(fit, news, node) for fit, news, node in articles if fit > 0]
    if not fitting and len({_read_headline(node) for *_, node in articles}) == 1:
        fitting = articles
    best = sorted(fitting, key=lambda one: (-one[0], not one[1]))
    return (*(node for *_, node in best), *(node for fit, node in pages if fit >= 0))


def read_texts(node: Node, key: str, max_chars: int = 2_000) -> list[str]:
    """Return the texts that *node* has under *key*, cleaned; for an object, its value or name."""
    return [text for value in list_values(node.get(key)) if (text := clean_line(_find_text(value), max_chars))]


def read_first_text(nodes: Iterable[Node], key: str, max_chars: int = 2_000) -> str | None:
    """Return the first text that any of *nodes* has under *key*."""
    return next((found[0] for node in nodes if (found := read_texts(node, key, max_chars))), None)


def list_values(value: Any) -> list[Any]:
    """Return *value* as a flat list: lists within it are opened."""
    opened: list[Any] = []
    waiting = [value]
    while waiting and len(opened) < 1_000:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, dict) and isinstance(one.get("@list"), list):
            waiting += reversed(one["@list"])
        elif one is not None:
            opened.append(one)
    return opened


def read_addresses(node: Node) -> set[str]:
    """Return the addresses that *node* gives for itself, without scheme, query and ``www.``."""
    named = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    ones = [one for value in named for one in list_values(value)]
    texts = [one.get("@id") or one.get("url") if isinstance(one, dict) else one for one in ones]
    return {bare for text in texts if isinstance(text, str) and (bare := _bare_address(text))}


def _measure_fit(node: Node, here: set[str], headlines: set[str]) -> int:
    """Return how well *node* fits the page: 3 by address and headline, -1 when it names another address."""
    named = read_addresses(node)
    headline = _read_headline(node)
    by_address = bool(named & here)
    by_headline = bool(headline) and any(is_same_headline(headline, one) for one in headlines)
    return 2 * by_address + by_headline or (-1 if named and here else 0)


def is_same_headline(headline: str, other: str) -> bool:
    """Say whether two folded headlines are the same, but for a site's name after it or a kicker before it."""
    short, long = sorted((headline, other), key=len)
    return short == long or (len(short) >= 15 and short in long)


def _read_headline(node: Node) -> str:
    return fold_words(read_first_text([node], "headline") or read_first_text([node], "name") or "")


def _bare_address(address: str) -> str:
    try:
        parts = urlsplit(address[:2_000].strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}{parts.path.rstrip('/')}" if host else ""


def _find_text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("@value", "name", "text", "headline") if value.get(key)), None)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("@value") if isinstance(value, dict) else value
    return value if isinstance(value, str) else None


def _parse_script(text: str) -> list[Any]:
    """Return the JSON values in *text*, one after the other, repaired when it cannot be parsed as it is."""
    bare = text[_CDATA_OPENING.match(text).end() :]  # type: ignore[union-attr]  # matches anything
    for repair in (str, _repair, html.unescape):
        found = list(_parse_values(repair(bare)))
        if found:
            return found
    return []


def _repair(text: str) -> str:
    return _BAD_ESCAPE.sub(r"\\\\", _LAST_COMMA.sub("", text))


def _parse_values(text: str) -> Iterator[Any]:
    position = 0
    with contextlib.suppress(ValueError, RecursionError):
        while position < len(text):
            value, position = _DECODER.raw_decode(text, position)
            yield value
            while position < len(text) and text[position] in " \t\r\n,;":
                position += 1


def _find_standalone(roots: list[Any]) -> Iterator[Node]:
    """Yield the objects that stand for themselves: the roots, and those under ``_WRAPPER_KEYS``."""
    waiting = list(reversed(roots))
    seen = 0
    while waiting and seen < MAX_OBJECTS:
        value = waiting.pop()
        seen += 1
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            waiting += [value[key] for key in _WRAPPER_KEYS if isinstance(value.get(key), dict | list)]


def _index_by_id(roots: list[Any]) -> dict[str, Node]:
    """Return every object that has an id and more than the id."""
    found: dict[str, Node] = {}
    waiting = list(roots)
    seen = 0
    while waiting and seen < MAX_OBJECTS:
        value = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            name = value.get("@id")
            if isinstance(name, str) and len(value) > len(found.get(name, ())) and len(value) > 1:
                found[name] = value
            waiting += [inner for inner in value.values() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            waiting += [inner for inner in value if isinstance(inner, dict | list)]
    return found
