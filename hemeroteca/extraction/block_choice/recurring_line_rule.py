"""The rule that leaves out what a site memory knows: it alone needs the page's blocks, what learns does not."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.rules import HEADINGS_AND_CELLS, BlockSelection, Decision, Rule
from hemeroteca.extraction.page.served_page import PageMemory
from hemeroteca.extraction.recurring_lines import digest_line

RECURRING_REASON = "the host's other pages have it too"
_MOST_OF_TEXT = 0.5


def build_recurring_line_rule(memory: PageMemory) -> Rule:
    """Return a rule that drops the lines of *memory*, unless they are most of the text."""
    return functools.partial(_drop_repeated, memory)


def _drop_repeated(memory: PageMemory, draft: BlockSelection) -> Iterator[Decision]:
    """Headings and cells stay, what the page says twice, and the line by which it describes its article."""
    columns, twins = draft.table.columns, draft.table.groups["twins"]
    alone = np.bincount(twins, weights=draft.kept)[twins] == 1
    places = [
        int(place)
        for place in np.flatnonzero(draft.kept & alone & (columns["is_description"] == 0))
        if draft.blocks[place].place.tag not in HEADINGS_AND_CELLS
        and digest_line(draft.blocks[place].text) in memory.lines
    ]
    if columns["chars"][places].sum() <= _MOST_OF_TEXT * columns["chars"][draft.kept].sum():
        for place in places:
            yield place, False, RECURRING_REASON
