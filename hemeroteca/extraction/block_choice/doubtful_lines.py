"""Rules for lines that the model is in doubt of and that news pages have amid their articles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import (
    HEADINGS_AND_CELLS,
    PARAGRAPH_CHARS,
    BlockSelection,
    Decision,
)
from hemeroteca.extraction.block_model.phrases import EMBED_PLACEHOLDER

_SURE = 0.9
_DOUBTED = 0.7
_LINKED = 0.5
_HEADLINE_WORDS = 4
_PLACEHOLDER_CHARS = 400
_OTHER_TAGS = HEADINGS_AND_CELLS | {"li", "pre", "blockquote"}
_PRICE_DIGITS = 0.15
_FEW_LINES = 3
_TAKEN = 0.5


def drop_doubted_lines(selection: BlockSelection) -> Iterator[Decision]:
    """Drop a short line of a news page that the model doubts, though it is sure of paragraphs around it.

    Code, quotes, prices and what a colon ends are not meant, nor lines that the page has many of.
    """
    columns, scores = selection.table.columns, selection.scores
    sure = np.flatnonzero((scores > _SURE) & (columns["chars"] > PARAGRAPH_CHARS))
    if not len(sure) or not columns["page_news"][0]:
        return
    paragraphs = (columns["ends"] > 0) & (columns["chars"] >= PARAGRAPH_CHARS)
    plain = (columns["ends_colon"] == 0) & (columns["digits"] <= _PRICE_DIGITS)
    doubted = (
        np.flatnonzero((selection.kept & ~paragraphs & plain & (scores <= _DOUBTED))[sure[0] : sure[-1]]) + sure[0]
    )
    found = [int(index) for index in doubted if selection.blocks[index].context.tag not in _OTHER_TAGS]
    for index in found if len(found) <= _FEW_LINES else ():
        yield index, False, "a short line that the model doubts amid the article"


def drop_other_markup(selection: BlockSelection) -> Iterator[Decision]:
    """Drop a paragraph added to a news article of whose markup trafilatura takes nothing: a box, a teaser."""
    columns, kin = selection.table.columns, selection.table.groups["kin"]
    taken = selection.extractor_shares > _TAKEN
    long = columns["chars"] >= PARAGRAPH_CHARS
    paragraphs = np.flatnonzero(taken & long & (columns["ends"] > 0))
    if not len(paragraphs) or not columns["page_news"][0]:
        return
    other = long & ~taken & (np.bincount(kin, weights=taken)[kin] == 0) & (columns["is_description"] == 0)
    for index in np.flatnonzero(selection.kept & other):
        if index > paragraphs[0]:
            yield int(index), False, "added, and of a markup that trafilatura takes nothing of"


def drop_linked_items(selection: BlockSelection) -> Iterator[Decision]:
    """Drop an item of a list that is mostly a link, on a news page: another article's headline."""
    columns = selection.table.columns
    if columns["page_news"][0]:
        linked = (columns["link_density"] > _LINKED) & (columns["words"] >= _HEADLINE_WORDS)
        for index in np.flatnonzero(selection.doubtful & linked):
            if selection.blocks[index].context.tag == "li":
                yield int(index), False, "an item that is mostly a link"


def drop_placeholders(selection: BlockSelection) -> Iterator[Decision]:
    """Drop what stands in place of a post or film until the reader agrees to see it."""
    for index in np.flatnonzero(selection.doubtful & (selection.table.columns["chars"] < _PLACEHOLDER_CHARS)):
        if EMBED_PLACEHOLDER.match(selection.blocks[index].text.lower()):
            yield int(index), False, "stands in place of embedded content"
