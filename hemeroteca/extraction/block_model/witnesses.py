"""Witnesses of a page's text: two extractors, its JSON-LD, description, headlines and authors."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import NamedTuple

from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import bare_extraction, xpaths
from trafilatura.external import try_readability

from hemeroteca.extraction.block_model.attribute_rules import quicken
from hemeroteca.extraction.extractor import TRAFILATURA_OPTIONS
from hemeroteca.extraction.metadata.title import Title, read_title
from hemeroteca.extraction.page.json_ld import list_values, read_first_text, read_texts, read_types
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.tree import ParsedPage
from hemeroteca.extraction.page.untrusted_strings import clean_line

_AUTHOR_METAS = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author")
_MAX_COUNT_DIGITS = 7
_ONCE_SHARE = 0.6
_QUICKENED = (
    xpaths.RAW_TREE_PRUNE_XPATH,
    xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
    xpaths.OVERALL_DISCARD_XPATH,
    xpaths.TEASER_DISCARD_XPATH,
    xpaths.DISCARD_IMAGE_ELEMENTS,
    xpaths.BODY_XPATH,
)
"""trafilatura's lists of rules, in which it spends most of its time. They find the same, in a third of it."""

for _rules in _QUICKENED:
    _rules[:] = map(quicken, _rules)
_baseline = import_module("trafilatura.baseline")  # the package has a function of this name
_baseline.BASIC_CLEAN_XPATH = quicken(_baseline.BASIC_CLEAN_XPATH)  # type: ignore[attr-defined]


class Witnesses(NamedTuple):
    """What the page's text is compared with."""

    trafilatura: str
    """The text that trafilatura takes from the page: where the choice of the text begins."""
    resiliparse: str
    """The text that resiliparse takes from the page."""
    json_ld_body: str
    """``articleBody`` of the JSON-LD."""
    word_count: int
    """``wordCount`` of the JSON-LD, 0 where it has none."""
    title: Title
    """That of the document."""
    titles: tuple[str, ...]
    """Every title that the head declares."""
    descriptions: tuple[str, ...]
    authors: tuple[str, ...]
    article_types: frozenset[str]
    """What kind of article the page says it is: ``newsarticle``, ``og:article``."""


def read_witnesses(parsed: ParsedPage, markup: Markup) -> Witnesses:
    """Return the witnesses of a page but trafilatura. An extractor that fails gives an empty text."""
    titles = [markup.title, *(title for name in ("og:title", "twitter:title") for title in markup.metas.get(name, ()))]
    authors = [author for name in _AUTHOR_METAS for author in markup.metas.get(name, ())]
    best_node = markup.nodes[:1]
    return Witnesses(
        trafilatura="",
        resiliparse=_extract_with_resiliparse(parsed.source),
        json_ld_body=read_first_text(markup.nodes, "articleBody", 1_000_000) or "",
        word_count=_read_word_count(markup),
        title=read_title(markup),
        titles=_clean_distinct([*titles, *(text for node in best_node for text in read_texts(node, "headline"))]),
        descriptions=_clean_distinct(markup.descriptions),
        authors=_clean_distinct([*authors, *(text for node in best_node for text in read_texts(node, "author"))]),
        article_types=frozenset(kind for node in markup.nodes for kind in read_types(node))
        | {f"og:{one.lower()}" for one in markup.metas.get("og:type", ())},
    )


def extract_with_trafilatura(tree: HtmlElement, fast: bool = True) -> str:
    """Return the text that trafilatura takes from *tree*, which is not changed.

    Without *fast* it compares its text with those of two other algorithms, which costs half as much again.
    """
    try:
        found = bare_extraction(tree, with_metadata=False, **TRAFILATURA_OPTIONS | {"fast": fast})
    except Exception:  # blocks can be chosen without it, whatever it cannot read
        return ""
    return _give_once((found.text or "") if found else "")


def _give_once(text: str) -> str:
    """Return *text* without its lines that are there a second time, where they are much of it: a body given twice."""
    lines = text.split("\n")
    first = {line: number for number, line in reversed([*enumerate(lines)])}
    once = [line for number, line in enumerate(lines) if first[line] == number]
    kept = "\n".join(once)
    return kept if len(kept) < _ONCE_SHARE * len(text) else text


def extract_with_readability(tree: HtmlElement) -> str:
    """Return the text that readability takes from *tree*, which is not changed: trafilatura's version of it."""
    return "\n".join(str(text) for text in try_readability(copy(tree)).itertext())


def _extract_with_resiliparse(source: str) -> str:
    try:
        return str(extract_plain_text(source, main_content=True, alt_texts=False, list_bullets=False))
    except Exception:
        return ""


def _read_word_count(markup: Markup) -> int:
    values = (value for node in markup.nodes[:2] for value in list_values(node.get("wordCount")))
    counts = (str(value) for value in values if isinstance(value, int | str))
    return next((int(count) for count in counts if count.isdecimal() and len(count) < _MAX_COUNT_DIGITS), 0)


def _clean_distinct(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cleaned for text in texts if (cleaned := clean_line(text))))
