"""The rule that drops the lines which recur on the host's other pages (``recurring_lines`` learns them)."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import HEADINGS_AND_CELLS, BlockSelection, Decision, Rule
from hemeroteca.extraction.page.served_page import PageMemory
from hemeroteca.extraction.recurring_lines import digest_line

RECURRING_REASON = "the host's other pages have it too"
_MOST_OF_TEXT = 0.5


def build_recurring_line_rule(memory: PageMemory) -> Rule:
    """Return a rule that drops the lines of *memory*, unless they are most of the text."""
    return functools.partial(_drop_recurring, memory)


def _drop_recurring(memory: PageMemory, selection: BlockSelection) -> Iterator[Decision]:
    """Drop them but for headings, cells, lines that the page has twice, and the line that is its description."""
    columns, twins = selection.table.columns, selection.table.groups["twins"]
    alone = np.bincount(twins, weights=selection.kept)[twins] == 1
    indices = [
        int(index)
        for index in np.flatnonzero(selection.kept & alone & (columns["is_description"] == 0))
        if selection.blocks[index].context.tag not in HEADINGS_AND_CELLS
        and digest_line(selection.blocks[index].text) in memory.lines
    ]
    if columns["chars"][indices].sum() <= _MOST_OF_TEXT * columns["chars"][selection.kept].sum():
        for index in indices:
            yield index, False, RECURRING_REASON
