"""Rules that drop what stands beside an article: boxes that lead elsewhere or explain, and what closes the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import (
    HEADINGS,
    BlockSelection,
    Decision,
    list_contexts,
)
from hemeroteca.extraction.block_model.phrases import COMMON, COPYRIGHT, READ_ALSO, SENTENCE_END
from hemeroteca.extraction.page.blocks import ElementContext

_SIDE_BOX = re.compile(
    r"(?:^|[\s_-])(?:glossar\w*|glosario|lexikon|statistics|statistik|key-?(?:figures|numbers)|(?:by-the|in)-numbers|"
    r"in-zahlen|(?:stats?|statistics?|statistik)[_-]?"
    r"(?:box|widget|card|panel|grid|bar|block)|(?:widget|box)[_-]stat\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class names and ids of boxes with explained words and of widgets with numbers."""
_SIDE_BOX_LEVELS = 6
_SIDE_BOX_SHARE = 0.3
"""A box with more of the text than this is the text."""
_LINK_BOX_LEVELS = 3
_ANNOUNCING_WORDS = 12
_LAST_LINES = 3
_LINKED = 0.9
_COPYRIGHT_CHARS = 400


def drop_link_boxes(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines that announce other articles, with the box that they begin or the links that follow them."""
    columns = selection.table.columns
    boxes, place = _Boxes(selection), 0
    for index in np.flatnonzero(columns["words"] < _ANNOUNCING_WORDS).tolist():
        text = selection.blocks[index].text
        if text[-1] not in SENTENCE_END and READ_ALSO.match(text.lower()):
            end = boxes.find_end(index)
            for line in range(max(index, place), end) if end > index + 1 else ():
                if selection.kept[line]:
                    yield line, False, "announces other articles"
            place = max(place, end) if end > index + 1 else place


def drop_side_boxes(selection: BlockSelection) -> Iterator[Decision]:
    """Drop glossaries and statistics that the page's own names call so, unless they are much of the text."""
    boxes: dict[ElementContext, list[int]] = {}
    named: dict[ElementContext, bool] = {}
    for index in np.flatnonzero(selection.kept).tolist():
        for context in list_contexts(selection.blocks[index], _SIDE_BOX_LEVELS):
            if context not in named:
                named[context] = _is_side_box(context)
            if named[context]:
                boxes.setdefault(context, []).append(index)
    for indices in boxes.values():
        if selection.measure_share(indices) < _SIDE_BOX_SHARE:
            for index in indices:
                yield index, False, "a box beside the article"


def drop_dangling_line(selection: BlockSelection) -> Iterator[Decision]:
    """Drop a short last line that a link would go on with, where that link is not text: "By the rules of"."""
    last = max(np.flatnonzero(selection.kept).tolist(), default=len(selection.blocks))
    if last + 1 < len(selection.blocks) and selection.table.columns["link_density"][last + 1] > _LINKED:
        words = selection.blocks[last].text.lower().split()
        if selection.doubtful[last] and len(words) < _ANNOUNCING_WORDS and words[-1] in COMMON:
            yield last, False, "goes on with a link that is no text"


def drop_copyright(selection: BlockSelection) -> Iterator[Decision]:
    """Drop the lines at the end that say whose copyright the article is."""
    for index in np.flatnonzero(selection.kept)[1:][-_LAST_LINES:].tolist():
        text = selection.blocks[index].text
        if len(text) < _COPYRIGHT_CHARS and COPYRIGHT.match(text.lower()):
            yield index, False, "a copyright line"


def _is_side_box(context: ElementContext) -> bool:
    names = f"{context.element.get('class') or ''} {context.element.get('id') or ''}"
    return len(names) > 1 and context.tag not in HEADINGS and _SIDE_BOX.search(names) is not None


class _Boxes:
    """The elements of a page as boxes of lines, each looked up in no more time on a page of many lines."""

    def __init__(self, selection: BlockSelection) -> None:
        self._selection = selection
        links = selection.table.columns["link_density"] > _LINKED
        self._links_before = np.concatenate(([0], np.cumsum(links)))
        titles = selection.table.columns["is_title"] > 0
        self._titles_before = np.concatenate(([0], np.cumsum(titles)))
        self._first_kept = int(np.argmax(selection.kept)) if selection.kept.any() else len(links)
        others = np.append(np.flatnonzero(~links), len(links))
        self._next_other = others[np.searchsorted(others, np.arange(len(links) + 1))]

    @cached_property
    def _extents(self) -> dict[ElementContext, tuple[int, int]]:
        """By element, its first line and the one after its last."""
        extents: dict[ElementContext, tuple[int, int]] = {}
        for index, block in enumerate(self._selection.blocks):
            for context in list_contexts(block):
                extents[context] = extents.get(context, (index,))[0], index + 1
        return extents

    def find_end(self, first: int) -> int:
        """Return where the lines end that line *first* announces: its box, or the links after it."""
        end = self._find_box_end(first)
        return end if end > first + 1 else int(self._next_other[min(first + 1, len(self._selection.blocks))])

    def _find_box_end(self, first: int) -> int:
        """Return the end of the element that begins with line *first*, where that has links and is no story."""
        for box in list(list_contexts(self._selection.blocks[first], _LINK_BOX_LEVELS + 1))[1:]:
            start, end = self._extents[box]
            if start < first:
                return first
            if self._links_before[end] > self._links_before[first + 1]:
                has_title = self._titles_before[end] > self._titles_before[first + 1]
                return first if has_title or self._first_kept >= first else end
        return first
