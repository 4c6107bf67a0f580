"""Rules that keep what an article refers to and what it says of itself: embedded posts, and corrections."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision, list_contexts
from hemeroteca.extraction.block_model.phrases import CORRECTION
from hemeroteca.extraction.page.blocks import Block, ElementContext
from hemeroteca.extraction.page.class_words import NAME_BITS

_EMBEDDED_POST = re.compile(
    r"\b(twitter-(tweet|video)|instagram-media|tiktok-embed|bluesky-embed|mastodon-embed|fb-post|reddit-(card|embed)|"
    r"text-post-media|telegram-post)"
)
"""The classes of the ``blockquote`` that these services have newspapers copy."""
_NO_WORDS_OF_POST = re.compile(
    r"\W*(view (this|more)|a post shared|see (this|more)|(pic\.)?twitter\.com|https?:)", re.IGNORECASE
)
_OF_OTHERS = NAME_BITS["comment"] | NAME_BITS["related"]
_CORRECTION_CHARS = (30, 800)
_LINES_BELOW = 6


def keep_embedded_posts(selection: BlockSelection) -> Iterator[Decision]:
    """Keep the words of posts that are embedded among the paragraphs, or right below them."""
    paragraphs = selection.paragraphs
    if not len(paragraphs):
        return
    first, end = int(paragraphs[0]), int(paragraphs[-1]) + _LINES_BELOW
    for index in np.flatnonzero(selection.possible[first:end]) + first:
        block = selection.blocks[index]
        if block.context.tag == "p" and _is_embedded(block) and not _NO_WORDS_OF_POST.match(block.text):
            yield int(index), True, "a post embedded in the article"


def keep_corrections(selection: BlockSelection) -> Iterator[Decision]:
    """Keep a correction that is in the article's element, such as its footer, or right below its text."""
    kept = np.flatnonzero(selection.kept)
    end = int(kept[-1]) + _LINES_BELOW if len(kept) else 0
    shortest, longest = _CORRECTION_CHARS
    for index in np.flatnonzero(~selection.kept & (selection.table.columns["ends"] > 0)):
        block = selection.blocks[index]
        if shortest <= len(block.text) <= longest and CORRECTION.match(block.text.lower()):
            inside = any(context.tag == "article" for context in list_contexts(block))
            if (inside or index < end) and not block.context.near_names & _OF_OTHERS:
                yield int(index), True, "a correction"


def keep_rows(selection: BlockSelection) -> Iterator[Decision]:
    """Keep all cells of the rows of which a cell is kept, in tables with several such rows."""
    rows: dict[ElementContext, list[int]] = {}
    for index, block in enumerate(selection.blocks):
        parent = block.context.parent
        if block.context.tag in ("td", "th") and parent is not None and parent.tag == "tr":
            rows.setdefault(parent, []).append(index)
    for cells in rows.values():
        if selection.kept[cells].any():
            for index in cells:
                if not selection.kept[index]:
                    yield index, True, "a cell of a row that is kept"


def _is_embedded(block: Block) -> bool:
    return any(
        context.tag == "blockquote" and _EMBEDDED_POST.search(context.element.get("class") or "")
        for context in list_contexts(block, 4)
    )
