"""The rule for a body that a page has twice, such as for wide and for narrow screens: it is given once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision
from hemeroteca.extraction.page.class_words import NAME_BITS

REPEATED_REASON = "the page has it twice"

_PARAGRAPH_WORDS = 12
"""Only lines of as many words begin a copy: a shorter one may be said twice."""
_MIN_RUN = 3
_SHARE_OF_TEXT = 0.4
"""Fewer paragraphs than in a run may be repeated on purpose, unless they are so much of the text."""


def drop_repeated(selection: BlockSelection) -> Iterator[Decision]:
    """Drop the copy of a body: its paragraphs that are hidden or come later, and the short lines among them."""
    copies = _find_copies(selection)
    runs = [list(run) for copied, run in itertools.groupby(_list_lines(selection), copies.__contains__) if copied]
    paragraphs = selection.table.columns["words"] >= _PARAGRAPH_WORDS
    for run in runs if runs else ():
        long = [index for index in run if paragraphs[index]]
        hidden = any(_is_hidden(selection, index) for index in long)
        if long and (hidden or len(long) >= _MIN_RUN or selection.measure_share(sorted(copies)) > _SHARE_OF_TEXT):
            for index in run:
                yield index, False, REPEATED_REASON


def _find_copies(selection: BlockSelection) -> set[int]:
    """Return the kept lines whose words are kept elsewhere: all but the first one that is seen."""
    twins = selection.table.groups["twins"]
    first_of_twins: dict[int, int] = {}
    lines = _list_lines(selection)
    for index in sorted(lines, key=lambda index: (_is_hidden(selection, index), index)):
        first_of_twins.setdefault(int(twins[index]), index)
    return set(lines) - set(first_of_twins.values())


def _list_lines(selection: BlockSelection) -> list[int]:
    """Return the kept blocks that are no cells: a table may say the same twice."""
    kept = np.flatnonzero(selection.kept).tolist()
    return [index for index in kept if selection.blocks[index].context.tag not in ("td", "th")]


def _is_hidden(selection: BlockSelection, index: int) -> bool:
    return bool(selection.blocks[index].context.around_names & NAME_BITS["hidden"])
