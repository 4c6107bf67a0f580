"""Rules that hold for the pages of every newspaper: each keeps or drops blocks after the model, and says why.

They are applied in the order of ``RULES``, each to the result of those before. Overrides, live blogs and recurring
lines add rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_features import FeatureTable
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.phrases import CREDIT, DATE_LINE, PROMO, SENTENCE_END
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.page.blocks import Block, Layout
from hemeroteca.extraction.page.class_words import NAME_BITS
from hemeroteca.extraction.page.untrusted_strings import fold_words

PARAGRAPH_CHARS = 80
"""A block with as many, and a full stop at its end, is a paragraph."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
HEADINGS_AND_CELLS = _HEADINGS | {"td", "th", "dt", "dd"}
_CODE_SIGNS = re.compile(r"[{}<>]|\bfunction\b|\bvar\b|\bwindow\.|=>|\":")
_SENTENCE_CHARS = 40
_UNLIKELY = 0.2
_MIN_KEPT = 0.05
_MIN_KEPT_OF_LONG = 0.7
_MAX_TRAINED_CHARS = 60_000
_MAX_EXTRA_WORDS = 6
_SHORT_LINE_WORDS = 12


class BlockSelection(NamedTuple):
    """A page's blocks, and which of them are kept so far. ``scores`` and ``kept`` have one entry a block."""

    layout: Layout
    table: FeatureTable
    witnesses: Witnesses
    scores: NDArray[np.float64]
    kept: NDArray[np.bool_]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.layout.blocks

    @property
    def extractor_shares(self) -> Floats:
        """The share of each block that trafilatura takes."""
        return self.table.columns["trafilatura"]

    @property
    def paragraphs(self) -> NDArray[np.int64]:
        """The kept blocks that read like paragraphs."""
        columns = self.table.columns
        return np.flatnonzero(
            self.kept & (columns["chars"] >= PARAGRAPH_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.5)
        )


Decision = tuple[int, bool, str]
"""A block's index, whether to keep it, and why."""
Rule = Callable[[BlockSelection], Iterator[Decision]]


def find_standfirst(selection: BlockSelection) -> int | None:
    """Return the visible block that is the page's description: the first paragraph, or a line above it."""
    described = selection.table.columns["is_description"] > 0
    paragraphs = selection.paragraphs
    first = int(paragraphs[0]) if len(paragraphs) else len(described)
    around = np.array([block.context.around_names for block in selection.blocks], dtype=np.int64)
    seen = described & (around & NAME_BITS["hidden"] == 0) & (selection.table.columns["chars"] >= 20)
    indices = [int(index) for index in np.flatnonzero(seen) if index <= first]
    kept = [index for index in indices if selection.kept[index]]
    return kept[0] if kept else indices[-1] if indices else None


def keep_agreed(selection: BlockSelection) -> Iterator[Decision]:
    """Keep what both extractors take, where the model keeps almost none of it.

    So pages unlike those that it was trained on (thousands of blocks, a text of megabytes) are not lost. Where the text
    is longer than those, the model must keep most of it. Not where that is labels alone: a film's page has no text.
    """
    columns = selection.table.columns
    taken_by_extractor = selection.extractor_shares > 0.5
    agreed = taken_by_extractor & (columns["resiliparse"] > 0.5)
    wanted = agreed if agreed.any() else taken_by_extractor
    if not (wanted & _is_like_text(columns)).any():
        return
    taken = (columns["chars"] * wanted).sum()
    least = _MIN_KEPT if taken < _MAX_TRAINED_CHARS else _MIN_KEPT_OF_LONG
    if (columns["chars"] * selection.kept).sum() < least * taken:
        for index in np.flatnonzero(wanted & ~selection.kept):
            yield int(index), True, "the extractors take it, and the model kept almost nothing"


def _is_like_text(columns: dict[str, Floats]) -> NDArray[np.bool_]:
    """Return which blocks may be part of a text: sentences, and whatever is as long as a paragraph."""
    return (columns["prose"] > 0) | ((columns["chars"] >= PARAGRAPH_CHARS) & (columns["link_density"] < 0.5))


def keep_similar_paragraphs(selection: BlockSelection) -> Iterator[Decision]:
    """Keep a paragraph that the extractors take where most paragraphs of the same markup are kept."""
    columns = selection.table.columns
    kin = selection.table.groups["kin"]
    agreed = (selection.extractor_shares > 0.5) & (columns["resiliparse"] > 0.5)
    weight = columns["chars"] * agreed
    share = np.bincount(kin, weights=weight * selection.kept) / np.maximum(np.bincount(kin, weights=weight), 1.0)
    paragraphs = (columns["chars"] >= _SENTENCE_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.3)
    likely = (selection.scores > _UNLIKELY) & (columns["promo"] == 0)
    for index in np.flatnonzero(~selection.kept & agreed & paragraphs & likely & (share[kin] > 0.6)):
        yield int(index), True, "most paragraphs of the same markup are kept"


def keep_standfirst(selection: BlockSelection) -> Iterator[Decision]:
    index = find_standfirst(selection)
    if index is not None and not selection.kept[index] and not _is_title(selection, index):
        yield index, True, "the page's description"


def drop_headline(selection: BlockSelection) -> Iterator[Decision]:
    """Drop headings that repeat the headline, and lines above the first paragraph that do."""
    paragraphs = selection.paragraphs
    first = int(paragraphs[0]) if len(paragraphs) else len(selection.blocks)
    for index in np.flatnonzero(selection.kept):
        above = index < first or selection.blocks[index].context.tag in _HEADINGS
        if above and _is_title(selection, int(index)):
            yield int(index), False, "the headline"


def drop_captions(selection: BlockSelection) -> Iterator[Decision]:
    """Drop captions of figures, and lines that begin like a picture's alternative text."""
    alts = [words for alt in sorted(selection.layout.alt_texts) if len(alt) > 15 and len(words := fold_words(alt)) > 10]
    standfirst = find_standfirst(selection)
    for index in np.flatnonzero(selection.kept):
        block = selection.blocks[index]
        if index == standfirst:
            continue
        if block.context.tag == "figcaption":
            yield int(index), False, "a caption"
        elif alts and len(block.text) < 400 and _is_caption(fold_words(block.text), alts):
            yield int(index), False, "a picture's text"


def drop_promos(selection: BlockSelection) -> Iterator[Decision]:
    """Drop short lines that send the reader elsewhere: those with such a phrase and a link.

    After the last paragraph, and after a line that is dropped, the phrase alone is enough.
    """
    columns, paragraphs = selection.table.columns, selection.paragraphs
    last = int(paragraphs[-1]) if len(paragraphs) else len(selection.blocks)
    for index in np.flatnonzero(selection.kept & (columns["promo"] > 0) & (columns["words"] < 30)):
        leads_away = columns["link_density"][index] > 0.4 or (index > last and not selection.kept[index - 1])
        if leads_away and PROMO.match(selection.blocks[index].text.lower()):
            yield int(index), False, "sends the reader elsewhere"


def drop_link_lines(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines that are only a link, except in lists, tables and headings."""
    columns = selection.table.columns
    letters = np.maximum(columns["chars"] - 2 * columns["bullet"], 1)
    whole = columns["link_density"] * columns["chars"] >= 0.97 * letters
    for index in np.flatnonzero(selection.kept & whole & (columns["is_description"] == 0)):
        block = selection.blocks[index]
        if block.context.tag not in HEADINGS_AND_CELLS and not block.context.around_names & NAME_BITS["in_list"]:
            yield int(index), False, "only a link"


def drop_credits(selection: BlockSelection) -> Iterator[Decision]:
    """Drop the line below a picture that ends with a credit."""
    for index in np.flatnonzero(selection.kept & (selection.table.columns["chars"] < 300)):
        block = selection.blocks[index]
        if block.images_before and CREDIT.search(block.text):
            yield int(index), False, "a picture's caption and credit"


def drop_dates(selection: BlockSelection) -> Iterator[Decision]:
    """Drop lines above the first paragraph that are only a date."""
    paragraphs = selection.paragraphs
    first = int(paragraphs[0]) if len(paragraphs) else len(selection.blocks)
    for index in np.flatnonzero(selection.kept[:first] & (selection.table.columns["chars"][:first] < 60)):
        if DATE_LINE.fullmatch(selection.blocks[index].text):
            yield int(index), False, "a date"


def drop_tail(selection: BlockSelection) -> Iterator[Decision]:
    """Drop a short line after the last paragraph that introduces a dropped link."""
    columns, paragraphs = selection.table.columns, selection.paragraphs
    last = int(paragraphs[-1]) if len(paragraphs) else len(selection.blocks)
    for index in np.flatnonzero(selection.kept):
        text = selection.blocks[index].text
        if index <= last or index + 1 == len(selection.blocks) or text[-1] in SENTENCE_END:
            continue
        introduces_link = not selection.kept[index + 1] and columns["link_density"][index + 1] > 0.9
        if introduces_link and len(text.split()) < _SHORT_LINE_WORDS:
            yield int(index), False, "introduces a link after the last paragraph"


def drop_code(selection: BlockSelection) -> Iterator[Decision]:
    """Drop scripts and markup that a broken page shows as text."""
    for index in np.flatnonzero(selection.kept & (selection.table.columns["bars"] > 2)):
        text = selection.blocks[index].text[:5_000]
        if len(_CODE_SIGNS.findall(text)) > len(text.split()) / 8 and selection.blocks[index].context.tag != "pre":
            yield int(index), False, "code"


RULES: tuple[Rule, ...] = (
    keep_agreed,
    keep_similar_paragraphs,
    keep_standfirst,
    drop_headline,
    drop_captions,
    drop_promos,
    drop_link_lines,
    drop_credits,
    drop_dates,
    drop_tail,
    drop_code,
)


def _is_title(selection: BlockSelection, index: int) -> bool:
    headline = selection.witnesses.title.text
    same = bool(headline) and fold_words(selection.blocks[index].text) == fold_words(headline)
    return same or bool(selection.table.columns["is_title"][index] > 0)


def _is_caption(text: str, alts: list[str]) -> bool:
    return any(text.startswith(alt) and len(text[len(alt) :].split()) <= _MAX_EXTRA_WORDS for alt in alts)
