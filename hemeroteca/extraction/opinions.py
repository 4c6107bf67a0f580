"""What others say of a page's text: two extractors, the page's own JSON-LD, its description and its headlines."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import bare_extraction

from hemeroteca.extraction.extractor import OPTIONS
from hemeroteca.extraction.metadata.json_ld import kinds, line, lines
from hemeroteca.extraction.metadata.markup import Markup
from hemeroteca.extraction.metadata.title import read_title
from hemeroteca.extraction.metadata.words import clean_line
from hemeroteca.extraction.series import Floats
from hemeroteca.extraction.tree import Parsed

SHINGLE = 3
_UNSPACED = r"\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"  # scripts that leave no space between words
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_FACTORS = (1, 1_000_003, 1_000_003**2)
_AUTHORS = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author")


class Opinions(NamedTuple):
    """Texts by others, lines of the page's head, and what kind of article the page says it is."""

    trafilatura: str
    resiliparse: str
    linked: str
    """``articleBody`` of the JSON-LD."""
    headline: str
    """The document's title."""
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    authors: tuple[str, ...]
    types: frozenset[str]


def hear(page: Parsed, markup: Markup) -> Opinions:
    """Return what others say of *page*. An extractor that fails has said nothing."""
    titles = [markup.title, *(said for name in ("og:title", "twitter:title") for said in markup.metas.get(name, ()))]
    authors = [said for name in _AUTHORS for said in markup.metas.get(name, ())]
    node = markup.nodes[:1]
    return Opinions(
        trafilatura=_trafilatura(page.tree),
        resiliparse=_resiliparse(page.source),
        linked=line(markup.nodes, "articleBody", 1_000_000) or "",
        headline=read_title(markup)[0] or "",
        titles=_distinct([*titles, *(text for one in node for text in lines(one, "headline"))]),
        descriptions=_distinct(markup.descriptions),
        authors=_distinct([*authors, *(text for one in node for text in lines(one, "author"))]),
        types=frozenset(kind for one in markup.nodes for kind in kinds(one))
        | {f"og:{one.lower()}" for one in markup.metas.get("og:type", ())},
    )


def _trafilatura(tree: HtmlElement, **options: bool) -> str:
    try:
        found = bare_extraction(tree, with_metadata=False, **(OPTIONS | options))
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


class Words:
    """The words of a page's blocks as numbers, one block after the other."""

    def __init__(self, texts: list[str]) -> None:
        self._numbers: dict[str, int] = {}
        found = [self._numbered(text) for text in texts]
        self.counts = np.array([len(one) for one in found], dtype=np.int64)
        self.ids = np.array([number for one in found for number in one], dtype=np.int64)
        self.starts = np.concatenate(([0], np.cumsum(self.counts)))
        self.lines = [_key(one) for one in found]
        block = np.repeat(np.arange(len(texts)), self.counts)
        self._whole = block[: len(block) - SHINGLE + 1] == block[SHINGLE - 1 :]
        self._block = block[: len(self._whole)][self._whole]
        self._shingles = _shingles(self.ids)[self._whole]
        self._most = np.maximum(self.counts - SHINGLE + 1, 1)

    def shares(self, text: str) -> Floats:
        """Return for each block which part of its three-word runs is in *text*; a shorter block is a line of it."""
        shares = np.zeros(len(self.counts))
        if not text:
            return shares
        numbered = [self._numbered(one) for one in text.split("\n")]
        known = np.unique(_shingles(np.array([number for one in numbered for number in one], dtype=np.int64)))
        hits = np.isin(self._shingles, known)
        shares = np.bincount(self._block, weights=hits, minlength=len(shares)) / self._most
        lines = {_key(one) for one in numbered}
        for place in np.flatnonzero(self.counts < SHINGLE):
            shares[place] = self.lines[place] in lines
        return shares

    def sums(self, words: frozenset[str]) -> Floats:
        """Return for each block how many of its words are among *words*."""
        known = np.array([self._numbers[word] for word in sorted(words) if word in self._numbers], dtype=np.int64)
        block = np.repeat(np.arange(len(self.counts)), self.counts)
        sums = np.bincount(block, weights=np.isin(self.ids, known), minlength=len(self.counts))
        return np.asarray(sums, dtype=np.float64)

    def key(self, text: str) -> tuple[int, ...]:
        """Return *text* as one of ``lines`` would stand there."""
        return _key(self._numbered(text))

    def _numbered(self, text: str) -> list[int]:
        numbers = self._numbers
        return [numbers.setdefault(word, len(numbers)) for word in _TOKEN.findall(text.lower())]


def _key(numbers: list[int]) -> tuple[int, ...]:
    return tuple(numbers)


def _shingles(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(ids) < SHINGLE:
        return np.zeros(0, dtype=np.int64)
    last = len(ids) - SHINGLE + 1
    return sum((ids[place : last + place] * factor for place, factor in enumerate(_FACTORS)), np.zeros(last, np.int64))
