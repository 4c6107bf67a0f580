"""Rules that drop what stands beside an article: boxes that lead elsewhere or explain, and what closes the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    for index in np.flatnonzero(columns["words"] < _ANNOUNCING_WORDS).tolist():
        text = selection.blocks[index].text
        if text[-1] not in SENTENCE_END and READ_ALSO.match(text.lower()):
            lines = _find_link_box(selection, index) or _find_links_after(selection, index)
            for line in (index, *lines) if lines else ():
                if selection.kept[line]:
                    yield line, False, "announces other articles"


def drop_side_boxes(selection: BlockSelection) -> Iterator[Decision]:
    """Drop glossaries and statistics that the page's own names call so, unless they are much of the text."""
    boxes: dict[ElementContext, list[int]] = {}
    for index in np.flatnonzero(selection.kept).tolist():
        for context in list_contexts(selection.blocks[index], _SIDE_BOX_LEVELS):
            names = f"{context.element.get('class') or ''} {context.element.get('id') or ''}"
            if len(names) > 1 and context.tag not in HEADINGS and _SIDE_BOX.search(names):
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


def _find_link_box(selection: BlockSelection, first: int) -> list[int]:
    """Return the other blocks of the element that begins with block *first*, where they have links and are no story."""
    blocks, links = selection.blocks, selection.table.columns["link_density"] > _LINKED
    for box in list(list_contexts(blocks[first], _LINK_BOX_LEVELS + 1))[1:]:
        if first and _is_within(selection, first - 1, box):
            return []
        end = first + 1
        while end < len(blocks) and _is_within(selection, end, box):
            end += 1
        if links[first + 1 : end].any():
            is_story = selection.table.columns["is_title"][first + 1 : end].any() or not selection.kept[:first].any()
            return [] if is_story else list(range(first + 1, end))
    return []


def _find_links_after(selection: BlockSelection, index: int) -> list[int]:
    links = selection.table.columns["link_density"] > _LINKED
    end = index + 1
    while end < len(links) and links[end]:
        end += 1
    return list(range(index + 1, end))


def _is_within(selection: BlockSelection, index: int, box: ElementContext) -> bool:
    return any(context is box for context in list_contexts(selection.blocks[index]))
