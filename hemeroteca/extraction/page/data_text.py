"""An article that a page has as data only, put into its tree: ``articleBody`` of JSON-LD, or the state of its scripts.

What a page declares to be for those who pay is left where it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from lxml.html import HtmlElement

from hemeroteca.extraction.page.data_bodies import Body, BodyFinder
from hemeroteca.extraction.page.declared_paywall import is_locked_page
from hemeroteca.extraction.page.json_ld import Node, find_article_nodes, list_values, read_first_text, read_json_ld
from hemeroteca.extraction.page.page_data import read_page_data
from hemeroteca.extraction.page.unseen_characters import mend_characters
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words, replace_surrogates
from storage.model.errors import NoMainTextError

_MARKUP = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9-]{0,20}[\s/>]|!--)")
_SITE_NAME = re.compile(r"\s+[|–—·-]\s+")
_TITLE_METAS = ("og:title", "twitter:title")
_TITLE_CHARS = 300
_JSON_LD = "application/ld+json"
_NEARLY = 0.8


class DataText(NamedTuple):
    """An article found as data: the parts of its body, HTML or plain text, and where the page has it."""

    parts: tuple[str, ...]
    origin: str
    chars: int


def find_data_texts(tree: HtmlElement, url: str) -> tuple[DataText | None, DataText | None]:
    """Return the body that the page has as data of its own article, and another that may be it."""
    titles = _read_titles(tree)
    found = read_json_ld(tree)
    nodes = find_article_nodes(found, [url], titles)
    if is_locked_page(tree, nodes):
        return None, None
    headlines = [headline for node in nodes[:2] if (headline := read_first_text([node], "headline"))]
    folded = {one for title in (*titles, *headlines) if len(one := fold_words(title)) > 3}
    bodies = [*_read_json_ld_bodies(nodes), *_read_script_bodies(tree, folded)]
    if any(body.is_own and body.is_locked for body, _ in bodies):
        return None, None
    own = [one for one in bodies if one[0].is_own]
    others = [one for one in bodies if not one[0].is_own and not one[0].is_locked]
    return _choose(own, folded), _choose(others, folded)


def hide_json_ld(tree: HtmlElement) -> None:
    """Keep trafilatura from the JSON-LD of *tree*, whose ``articleBody`` it takes past any paywall.

    It looks for the bare media type; ours is read with a parameter too.
    """
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() == _JSON_LD and "articleBody" in (script.text or ""):
            script.set("type", f"{_JSON_LD};charset=utf-8")


def add_article(tree: HtmlElement, text: DataText, parse: Callable[[str], HtmlElement]) -> HtmlElement | None:
    """Add *text* as an article at the end of *tree*'s body, and return it; None where it cannot be parsed."""
    body = tree.find("body")
    parts = "\n".join(map(_to_html, text.parts))
    with suppress(NoMainTextError):
        parsed = parse(f"<html><body><main><article>{mend_characters(parts)}</article></main></body></html>")
        added = parsed.find("body/main")
        if added is not None:
            (tree if body is None else body).append(added)
            return added
    return None


def _read_titles(tree: HtmlElement) -> list[str]:
    """Return what the page may be headed, by its head and its headings; without the site's name too."""
    heads = [title.text or "" for title in tree.iter("title")][:1]
    metas = [meta for meta in tree.iter("meta") if meta.get("property", meta.get("name")) in _TITLE_METAS]
    titles = [clean_line(one) for one in (*heads, *(meta.get("content") for meta in metas[:4]))]
    titles += [clean_line(heading.text_content()) for heading, _ in zip(tree.iter("h1"), range(3), strict=False)]
    return [one for title in titles if title for one in dict.fromkeys((title, max(_SITE_NAME.split(title), key=len)))]


def _read_json_ld_bodies(nodes: Iterable[Node]) -> Iterator[tuple[Body, str]]:
    for node in nodes:
        for key in ("articleBody", "text"):
            parts = [one for one in list_values(node.get(key)) if isinstance(one, str) and one.strip()]
            if parts:
                yield Body(tuple(parts), True, False), f"json-ld:{key}"


def _read_script_bodies(tree: HtmlElement, titles: set[str]) -> Iterator[tuple[Body, str]]:
    finder = BodyFinder(titles)
    for data in read_page_data(tree):
        for body in finder.find_bodies(data.value):
            yield body, f"data:{clean_line(data.name, 60)}"


def _choose(bodies: list[tuple[Body, str]], titles: set[str]) -> DataText | None:
    """Return the longest of *bodies*, without *titles*; of nearly equal ones that of most paragraphs."""
    if not bodies:
        return None
    longest = max(body.chars for body, _ in bodies)
    near = [one for one in bodies if one[0].chars >= _NEARLY * longest]
    body, origin = max(near, key=lambda one: sum(map(_count_paragraphs, one[0].parts)))
    parts = tuple(part for part in body.parts if len(part) > _TITLE_CHARS or fold_words(part) not in titles)
    return DataText(parts, origin, body.chars)


def _count_paragraphs(part: str) -> int:
    return max(1, part.count("<p") if "<p" in part else sum(1 for line in part.split("\n") if line.strip()))


def _to_html(part: str) -> str:
    """Return *part* as HTML: markup as it is, each line of a plain text as a paragraph."""
    part = replace_surrogates(part)
    if "&lt;p" in part and not _MARKUP.search(part):
        part = html.unescape(part)
    if _MARKUP.search(part):
        return part if "<p" in part or "<div" in part or "<br" in part else f"<p>{part}</p>"
    lines = (html.escape(html.unescape(line), quote=False) for line in part.split("\n") if line.strip())
    return "".join(f"<p>{line}</p>" for line in lines)
