"""What others say of a page's text: two extractors, the page's own JSON-LD, its description and its headlines.

Of the extractors trafilatura costs ten times what resiliparse does: it is asked apart, about pages in doubt.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import bare_extraction

from hemeroteca.extraction.extractor import TRAFILATURA_OPTIONS
from hemeroteca.extraction.metadata.title import Title, read_title
from hemeroteca.extraction.page.json_ld import read_first_text, read_texts, read_types
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.tree import ParsedPage
from hemeroteca.extraction.page.untrusted_strings import clean_line

_AUTHORS = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author")


class Witnesses(NamedTuple):
    """Texts by others, lines of the page's head, and what kind of article the page says it is."""

    resiliparse: str
    linked: str
    """``articleBody`` of the JSON-LD."""
    title: Title
    """The document's."""
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    authors: tuple[str, ...]
    types: frozenset[str]


def read_witnesses(page: ParsedPage, markup: Markup) -> Witnesses:
    """Return what others say of *page*, trafilatura aside. An extractor that fails has said nothing."""
    titles = [markup.title, *(said for name in ("og:title", "twitter:title") for said in markup.metas.get(name, ()))]
    authors = [said for name in _AUTHORS for said in markup.metas.get(name, ())]
    node = markup.nodes[:1]
    return Witnesses(
        resiliparse=_resiliparse(page.source),
        linked=read_first_text(markup.nodes, "articleBody", 1_000_000) or "",
        title=read_title(markup),
        titles=_distinct([*titles, *(text for one in node for text in read_texts(one, "headline"))]),
        descriptions=_distinct(markup.descriptions),
        authors=_distinct([*authors, *(text for one in node for text in read_texts(one, "author"))]),
        types=frozenset(kind for one in markup.nodes for kind in read_types(one))
        | {f"og:{one.lower()}" for one in markup.metas.get("og:type", ())},
    )


def extract_with_trafilatura(tree: HtmlElement) -> str:
    """Return what trafilatura takes for the text of *tree*, which stays as it is."""
    try:
        found = bare_extraction(tree, with_metadata=False, **TRAFILATURA_OPTIONS)
    except Exception:  # whatever it cannot read, the blocks can be chosen without it
        return ""
    return (found.text or "") if found else ""


def _resiliparse(source: str) -> str:
    try:
        return str(extract_plain_text(source, main_content=True, alt_texts=False, list_bullets=False))
    except Exception:
        return ""


def _distinct(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cleaned for text in texts if (cleaned := clean_line(text))))
