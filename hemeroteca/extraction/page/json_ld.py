"""The JSON-LD of a page, read once: its nodes, and which of them are about the page's own article."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words

Node = dict[str, Any]
"""A JSON object of a stranger's: any key may hold anything."""

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

_PASSED_THROUGH = ("@graph", "mainEntity", "mainEntityOfPage", "@list", "@set", "itemReviewed")
"""What a page hangs its article under; anything deeper (a list of teasers, a publisher) is about something else."""

_OPENING = re.compile(r"\s*(?:(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)\s*)*")
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?![\\"/bfnrtu])')
_DECODER = json.JSONDecoder(strict=False)


class JsonLd(NamedTuple):
    """``nodes`` stand alone on the page, in its order; ``by_id`` has every object that others may refer to."""

    nodes: tuple[Node, ...]
    by_id: dict[str, Node]
    faults: int
    """Scripts that no JSON could be made of."""

    def resolve(self, value: Any) -> Any:
        """Return what *value* refers to when it is but a reference."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
            return self.by_id.get(value["@id"], value)
        return value


def read_json_ld(tree: HtmlElement) -> JsonLd:
    """Return the JSON-LD of the page. Never raises; reads 4 million characters and 20,000 objects at most."""
    roots: list[Any] = []
    faults = 0
    left = MAX_CHARACTERS
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        left -= len(text)
        if left < 0:
            faults += 1
            break
        found = _parse(text)
        faults += not found and bool(text.strip())
        roots += found
    return JsonLd(tuple(_standing(roots)), _by_id(roots), faults)


def read_types(node: Node) -> set[str]:
    """Return the types of *node* in lower case, without their vocabulary."""
    said = node.get("@type")
    names = said if isinstance(said, list) else [said]
    return {re.split(r"[/#:]", name)[-1].strip().lower() for name in names if isinstance(name, str)}


def find_article_nodes(found: JsonLd, addresses: Iterable[str], headlines: Iterable[str]) -> tuple[Node, ...]:
    """Return the nodes about the article at *addresses* that has one of *headlines*, the best first.

    Of several articles on a page, those that name its address or its headline; a single one that names neither is
    taken for the page's own. Nodes of type WebPage and the like come after every article.
    """
    here = {_bare(address) for address in addresses if address}
    said = {fold_words(headline) for headline in headlines if headline}
    articles, pages = [], []
    for node in found.nodes:
        types = read_types(node)
        if types & ARTICLE_TYPES:
            articles.append((_fit(node, here, said), bool(types & NEWS_TYPES), node))
        elif types & PAGE_TYPES:
            pages.append((_fit(node, here, said), node))
    fitting = [(fit, news, node) for fit, news, node in articles if fit > 0]
    if not fitting and len({_headline(node) for *_, node in articles}) == 1:
        fitting = articles
    best = sorted(fitting, key=lambda one: (-one[0], not one[1]))
    return (*(node for *_, node in best), *(node for fit, node in pages if fit >= 0))


def read_texts(node: Node, key: str, most: int = 2_000) -> list[str]:
    """Return the texts that *node* has under *key*, cleaned: of objects their value or name."""
    return [text for value in open_list(node.get(key)) if (text := clean_line(_text(value), most))]


def read_first_text(nodes: Iterable[Node], key: str, most: int = 2_000) -> str | None:
    """Return the first text that any of *nodes* has under *key*."""
    return next((found[0] for node in nodes if (found := read_texts(node, key, most))), None)


def open_list(value: Any) -> list[Any]:
    """Return *value* as a list, lists in it opened."""
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
    """Return what *node* names as its own address, without scheme, query and ``www.``."""
    named = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    ones = [one for value in named for one in open_list(value)]
    texts = [one.get("@id") or one.get("url") if isinstance(one, dict) else one for one in ones]
    return {bare for text in texts if isinstance(text, str) and (bare := _bare(text))}


def _fit(node: Node, here: set[str], said: set[str]) -> int:
    """Say how surely *node* is about the page: 3 by address and headline, -1 when it names another address."""
    named = read_addresses(node)
    headline = _headline(node)
    by_address = bool(named & here)
    by_headline = bool(headline) and any(_same(headline, other) for other in said)
    return 2 * by_address + by_headline or (-1 if named and here else 0)


def _same(headline: str, said: str) -> bool:
    """Say whether two folded headlines are one: a site's name behind it, or a kicker before it, do not matter."""
    short, long = sorted((headline, said), key=len)
    return short == long or (len(short) >= 15 and short in long)


def _headline(node: Node) -> str:
    return fold_words(read_first_text([node], "headline") or read_first_text([node], "name") or "")


def _bare(address: str) -> str:
    try:
        parts = urlsplit(address[:2_000].strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}{parts.path.rstrip('/')}" if host else ""


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("@value", "name", "text", "headline") if value.get(key)), None)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("@value") if isinstance(value, dict) else value
    return value if isinstance(value, str) else None


def _parse(text: str) -> list[Any]:
    """Return the JSON values in *text*, one after the other; repaired when it does not read as it is."""
    bare = text[_OPENING.match(text).end() :]  # type: ignore[union-attr]  # matches anything
    for attempt in (bare, _BAD_ESCAPE.sub(r"\\\\", _LAST_COMMA.sub("", bare))):
        found = list(_values(attempt))
        if found:
            return found
    return []


def _values(text: str) -> Iterator[Any]:
    place = 0
    with contextlib.suppress(ValueError, RecursionError):
        while place < len(text):
            value, place = _DECODER.raw_decode(text, place)
            yield value
            while place < len(text) and text[place] in " \t\r\n,;":
                place += 1


def _standing(roots: list[Any]) -> Iterator[Node]:
    """Yield the objects that stand for themselves: the roots, and what they only wrap."""
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
            waiting += [value[key] for key in _PASSED_THROUGH if isinstance(value.get(key), dict | list)]


def _by_id(roots: list[Any]) -> dict[str, Node]:
    """Return every object that has an id and says more than it."""
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
