"""Rules for the lines that belong to pictures: captions, credits, and alternative texts that the page repeats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import (
    HEADINGS_AND_CELLS,
    PARAGRAPH_CHARS,
    BlockSelection,
    Decision,
    list_contexts,
)
from hemeroteca.extraction.block_model.phrases import CREDIT
from hemeroteca.extraction.page.blocks import Block
from hemeroteca.extraction.page.class_words import NAME_BITS
from hemeroteca.extraction.page.untrusted_strings import fold_words

_CAPTION_CHARS = 300
_MIN_ALT_CHARS = 10
_MAX_EXTRA_WORDS = 6
_MOST_OF_TEXT = 0.3
"""Captions that are more of the text than this are the text, as in a slide show."""


def drop_captions(selection: BlockSelection) -> Iterator[Decision]:
    """Drop what is marked as a caption, unless that is much of the text."""
    captions = [int(index) for index in np.flatnonzero(selection.kept) if is_marked_caption(selection.blocks[index])]
    if selection.measure_share(captions) < _MOST_OF_TEXT:
        for index in captions:
            yield index, False, "a caption"


def drop_alternative_texts(selection: BlockSelection) -> Iterator[Decision]:
    """Drop a line right below a picture that begins like an alternative text: no heading, no cell, no paragraph."""
    alts = [words for alt in sorted(selection.layout.alt_texts) if len(words := fold_words(alt)) > _MIN_ALT_CHARS]
    columns = selection.table.columns
    paragraphs = (columns["ends"] > 0) & (columns["chars"] >= PARAGRAPH_CHARS)
    for index in np.flatnonzero(selection.doubtful & ~paragraphs & (columns["chars"] < _CAPTION_CHARS)) if alts else ():
        block = selection.blocks[index]
        if _is_below_picture(block) and _begins_like(fold_words(block.text), alts):
            yield int(index), False, "a picture's text"


def drop_credits(selection: BlockSelection) -> Iterator[Decision]:
    """Drop the line right below a picture that ends with a credit."""
    for index in np.flatnonzero(selection.kept & (selection.table.columns["chars"] < _CAPTION_CHARS)):
        block = selection.blocks[index]
        if _is_below_picture(block) and CREDIT.search(block.text):
            yield int(index), False, "a picture's caption and credit"


def is_marked_caption(block: Block) -> bool:
    """Say whether *block* is in a ``figcaption``, or below a picture in a ``center`` or with a class for captions."""
    tags = [context.tag for context in list_contexts(block, 3)]
    named = "center" in tags or bool(block.context.own_names & NAME_BITS["caption"])
    return "figcaption" in tags or (named and _is_below_picture(block) and len(block.text) < _CAPTION_CHARS)


def _is_below_picture(block: Block) -> bool:
    return block.images_before > 0 and block.context.tag not in HEADINGS_AND_CELLS


def _begins_like(words: str, alts: list[str]) -> bool:
    return any(words.startswith(alt) and len(words[len(alt) :].split()) <= _MAX_EXTRA_WORDS for alt in alts)
