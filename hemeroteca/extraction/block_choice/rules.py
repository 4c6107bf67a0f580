"""Rules that hold for the pages of every newspaper: each keeps or drops blocks after the model, and says why.

They are applied in the order of ``RULES``, each to the result of those before. Overrides, live blogs and recurring
lines add rules of their own. Each has earned its place: ``make eval-text`` prints how often it is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_choice.block_selection import (
    HEADINGS_AND_CELLS,
    BlockSelection,
    Decision,
    Rule,
)
from hemeroteca.extraction.block_choice.boxes import (
    drop_copyright,
    drop_dangling_line,
    drop_link_boxes,
    drop_side_boxes,
)
from hemeroteca.extraction.block_choice.doubtful_lines import (
    drop_doubted_lines,
    drop_linked_items,
    drop_other_markup,
    drop_placeholders,
)
from hemeroteca.extraction.block_choice.marked_lines import keep_corrections, keep_embedded_posts, keep_rows
from hemeroteca.extraction.block_choice.picture_lines import drop_alternative_texts, drop_captions, drop_credits
from hemeroteca.extraction.block_choice.repeated_body import drop_repeated
from hemeroteca.extraction.block_model.phrases import DATE_LINE, PROMO, READ_ALSO
from hemeroteca.extraction.page.class_words import NAME_BITS
from hemeroteca.extraction.page.untrusted_strings import fold_words

_SENTENCE_CHARS = 40
_LIKELY = 0.1
_SURE_OF_GUIDE = 0.7
_LEARN_MORE = re.compile(r"\W*(learn|find out|know|read) more")
_PROMO_WORDS = 30
_LINKED = 0.4
_ONLY_LINK = 0.97
_SHOUTED = 0.9
_HEADLINE_WORDS = 4
_DATE_CHARS = 60
_MIN_STANDFIRST_CHARS = 20
_LONG_STANDFIRST_CHARS = 100
_MOST_OF_DESCRIPTION = 0.8
_LINES_BELOW_TITLE = 5


def find_standfirst(selection: BlockSelection) -> int | None:
    """Return the visible block that is the page's description: the first paragraph, or a line above it.

    Right below the headline, a long line that has most of its words from the description is it too.
    """
    columns = selection.table.columns
    near = (columns["description_share"] >= _MOST_OF_DESCRIPTION) & (columns["chars"] >= _LONG_STANDFIRST_CHARS)
    near &= (columns["link_density"] < _LINKED) & _are_below_title(selection)
    described = (columns["is_description"] > 0) | near
    first = _find_first_paragraph(selection)
    around = np.array([block.context.around_names for block in selection.blocks], dtype=np.int64)
    long = columns["chars"] >= _MIN_STANDFIRST_CHARS
    seen = described & (around & NAME_BITS["hidden"] == 0) & long
    indices = [int(index) for index in np.flatnonzero(seen) if index <= first]
    kept = [index for index in indices if selection.kept[index]]
    return kept[0] if kept else indices[-1] if indices else None


def keep_similar_paragraphs(selection: BlockSelection) -> Iterator[Decision]:
    """Keep a paragraph that the extractors take where most paragraphs of the same markup are kept."""
    columns = selection.table.columns
    kin = selection.table.groups["kin"]
    agreed = (selection.extractor_shares > 0.5) & (columns["resiliparse"] > 0.5)
    weight = columns["chars"] * agreed
    share = np.bincount(kin, weights=weight * selection.kept) / np.maximum(np.bincount(kin, weights=weight), 1.0)
    paragraphs = (columns["chars"] >= _SENTENCE_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.3)
    likely = (selection.scores > _LIKELY) & (columns["promo"] == 0)
    for index in np.flatnonzero(~selection.kept & agreed & paragraphs & likely & (share[kin] > 0.6)):
        if selection.blocks[index].context.tag not in HEADINGS_AND_CELLS:
            yield int(index), True, "most paragraphs of the same markup are kept"


def keep_standfirst(selection: BlockSelection) -> Iterator[Decision]:
    """Keep the page's description below the headline, or where an extractor takes it or the model finds it possible."""
    index = find_standfirst(selection)
    if index is None or selection.kept[index] or _is_title(selection, index):
        return
    if selection.possible[index] or _are_below_title(selection)[index]:
        yield index, True, "the page's description"


def drop_headline(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines above the first paragraph that repeat the headline."""
    for index in np.flatnonzero(selection.kept[: _find_first_paragraph(selection)]):
        if _is_title(selection, int(index)):
            yield int(index), False, "the headline"


def drop_promos(selection: BlockSelection) -> Iterator[Decision]:
    """Drop short lines that send the reader elsewhere: those with such a phrase and a link.

    After the last paragraph, and after a line that is dropped, the phrase alone is enough. Guides and reviews do it in
    their text too, so there the model must be in doubt.
    """
    columns, paragraphs = selection.table.columns, selection.paragraphs
    last = int(paragraphs[-1]) if len(paragraphs) else len(selection.blocks)
    linked, is_news = columns["link_density"] > _LINKED, bool(columns["page_news"][0])
    unlikely = is_news | (selection.scores < _SURE_OF_GUIDE)
    suspects = selection.doubtful & (linked | (columns["promo"] > 0)) & (columns["words"] < _PROMO_WORDS)
    for index in np.flatnonzero(suspects):
        text = selection.blocks[index].text.lower()
        alone = index > last and not selection.kept[index - 1]
        leads_away = linked[index] and (is_news or not _LEARN_MORE.match(text))
        announces = leads_away and READ_ALSO.match(text) is not None
        if announces or ((alone or (leads_away and unlikely[index])) and PROMO.match(text)):
            yield int(index), False, "sends the reader elsewhere"


def drop_link_lines(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines that are only a link, and in capitals or behind a bullet of its own: another article's headline."""
    columns = selection.table.columns
    letters = np.maximum(columns["chars"] - 2 * columns["bullet"], 1)
    links = (columns["link_density"] * columns["chars"] >= _ONLY_LINK * letters) & (columns["words"] >= _HEADLINE_WORDS)
    for index in np.flatnonzero(selection.doubtful & links & (columns["is_description"] == 0)):
        block = selection.blocks[index]
        in_list = block.context.tag in HEADINGS_AND_CELLS or block.context.around_names & NAME_BITS["in_list"]
        if not in_list and (columns["bullet"][index] or _is_shouted(block.text)):
            yield int(index), False, "only a link, in capitals or behind a bullet"


def drop_dates(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines above the first paragraph that are only a date, and that trafilatura does not take."""
    first = _find_first_paragraph(selection)
    short = (selection.table.columns["chars"] < _DATE_CHARS) & (selection.extractor_shares < 0.5)
    for index in np.flatnonzero((selection.doubtful & short)[:first]):
        text = selection.blocks[index].text
        if any(map(str.isdecimal, text)) and DATE_LINE.fullmatch(text):
            yield int(index), False, "a date"


RULES: tuple[Rule, ...] = (
    drop_other_markup,
    drop_doubted_lines,
    keep_similar_paragraphs,
    keep_standfirst,
    keep_embedded_posts,
    keep_corrections,
    keep_rows,
    drop_headline,
    drop_captions,
    drop_alternative_texts,
    drop_credits,
    drop_promos,
    drop_link_boxes,
    drop_side_boxes,
    drop_dangling_line,
    drop_link_lines,
    drop_linked_items,
    drop_placeholders,
    drop_dates,
    drop_copyright,
    drop_repeated,
)

FURNITURE: tuple[Rule, ...] = (
    drop_headline,
    drop_captions,
    drop_credits,
    drop_promos,
    drop_link_boxes,
    drop_copyright,
    drop_repeated,
)
"""Those of them that hold for trafilatura's own text too, where it stands against its correction."""


def _find_first_paragraph(selection: BlockSelection) -> int:
    """Return the index of the first kept paragraph, or the number of blocks."""
    paragraphs = selection.paragraphs
    return int(paragraphs[0]) if len(paragraphs) else len(selection.blocks)


def _are_below_title(selection: BlockSelection) -> NDArray[np.bool_]:
    lines = selection.table.columns["after_title"]
    return np.asarray((lines > 0) & (lines <= _LINES_BELOW_TITLE))


def _is_shouted(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isupper, letters)) > _SHOUTED * len(letters)


def _is_title(selection: BlockSelection, index: int) -> bool:
    headline = selection.witnesses.title.text
    same = bool(headline) and fold_words(selection.blocks[index].text) == fold_words(headline)
    return same or bool(selection.table.columns["is_title"][index] > 0)
