"""What is true of every newspaper's pages, whatever the model thinks: each rule keeps or drops blocks, and says why.

A rule takes a draft and yields (block, whether to keep it, reason). They run in the order of ``RULES``, each on what
those before it left; what else is known of a page, such as of its host's other pages, joins as one more rule.
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
"""Characters: with a full stop behind them, a paragraph."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
HEADINGS_AND_CELLS = _HEADINGS | {"td", "th", "dt", "dd"}
_CODE = re.compile(r"[{}<>]|\bfunction\b|\bvar\b|\bwindow\.|=>|\":")
_SENTENCE = 40
_UNLIKELY = 0.2
_NEXT_TO_NOTHING = 0.05
_MOST = 0.7
_LONGEST_LEARNED = 60_000  # characters
_MOST_EXTRA_WORDS = 6
_SHORT_WORDS = 12


class BlockSelection(NamedTuple):
    """A page's blocks, and which of them are kept so far. ``kept`` and ``scores`` have one entry a block."""

    layout: Layout
    table: FeatureTable
    opinions: Witnesses
    scores: NDArray[np.float64]
    kept: NDArray[np.bool_]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.layout.blocks

    @property
    def trafilatura(self) -> Floats:
        """What trafilatura takes of each block; what resiliparse does, where trafilatura was not asked."""
        columns = self.table.columns
        return columns.get("trafilatura", columns["resiliparse"])

    @property
    def prose(self) -> NDArray[np.int64]:
        """The kept blocks that read like paragraphs."""
        columns = self.table.columns
        return np.flatnonzero(
            self.kept & (columns["chars"] >= PARAGRAPH_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.5)
        )


Decision = tuple[int, bool, str]
Rule = Callable[[BlockSelection], Iterator[Decision]]


def find_standfirst(draft: BlockSelection) -> int | None:
    """Return the visible block by which the page describes its article: above the body or its first paragraph."""
    described = draft.table.columns["is_description"] > 0
    prose = draft.prose
    first = int(prose[0]) if len(prose) else len(described)
    around = np.array([block.place.around for block in draft.blocks], dtype=np.int64)
    seen = described & (around & NAME_BITS["hidden"] == 0) & (draft.table.columns["chars"] >= 20)
    places = [int(place) for place in np.flatnonzero(seen) if place <= first]
    kept = [place for place in places if draft.kept[place]]
    return kept[0] if kept else places[-1] if places else None


def keep_agreed(draft: BlockSelection) -> Iterator[Decision]:
    """Keep what the extractors take, and agree on, where the model would keep next to nothing of it.

    Pages unlike any that it learned from (thousands of blocks, one text of megabytes) are not lost to it; of texts
    longer than those it is to keep most.
    """
    columns = draft.table.columns
    theirs = draft.trafilatura > 0.5
    agreed = theirs & (columns["resiliparse"] > 0.5)
    wanted = agreed if agreed.any() else theirs
    taken = (columns["chars"] * wanted).sum()
    least = _NEXT_TO_NOTHING if taken < _LONGEST_LEARNED else _MOST
    if (columns["chars"] * draft.kept).sum() < least * taken:
        for place in np.flatnonzero(wanted & ~draft.kept):
            yield int(place), True, "extractors take it, and the model nearly nothing"


def keep_similar_paragraphs(draft: BlockSelection) -> Iterator[Decision]:
    """Keep the paragraph that the extractors take where most of its kind are kept: none is left out alone."""
    columns = draft.table.columns
    kin = draft.table.groups["kin"]
    agreed = (draft.trafilatura > 0.5) & (columns["resiliparse"] > 0.5)
    weight = columns["chars"] * agreed
    share = np.bincount(kin, weights=weight * draft.kept) / np.maximum(np.bincount(kin, weights=weight), 1.0)
    prose = (columns["chars"] >= _SENTENCE) & (columns["ends"] > 0) & (columns["link_density"] < 0.3)
    likely = (draft.scores > _UNLIKELY) & (columns["promo"] == 0)
    for place in np.flatnonzero(~draft.kept & agreed & prose & likely & (share[kin] > 0.6)):
        yield int(place), True, "a paragraph among its like"


def keep_standfirst(draft: BlockSelection) -> Iterator[Decision]:
    place = find_standfirst(draft)
    if place is not None and not draft.kept[place] and not _is_title(draft, place):
        yield place, True, "the page describes its article by it"


def drop_headline(draft: BlockSelection) -> Iterator[Decision]:
    """Drop what repeats the headline: every heading that does, and any line above the body."""
    prose = draft.prose
    first = int(prose[0]) if len(prose) else len(draft.blocks)
    for place in np.flatnonzero(draft.kept):
        above = place < first or draft.blocks[place].place.tag in _HEADINGS
        if above and _is_title(draft, int(place)):
            yield int(place), False, "the headline"


def drop_captions(draft: BlockSelection) -> Iterator[Decision]:
    """Drop captions: of figures, and lines that begin as a picture's alternative text does."""
    alts = [words for alt in sorted(draft.layout.alts) if len(alt) > 15 and len(words := fold_words(alt)) > 10]
    standfirst = find_standfirst(draft)
    for place in np.flatnonzero(draft.kept):
        block = draft.blocks[place]
        if place == standfirst:
            continue
        if block.place.tag == "figcaption":
            yield int(place), False, "a caption"
        elif alts and len(block.text) < 400 and _is_caption(fold_words(block.text), alts):
            yield int(place), False, "a picture's text"


def drop_promos(draft: BlockSelection) -> Iterator[Decision]:
    """Drop short lines that send the reader elsewhere: by a newspaper's own phrase, and a link.

    Behind the last paragraph and a line that is no text the phrase alone is enough.
    """
    columns, prose = draft.table.columns, draft.prose
    last = int(prose[-1]) if len(prose) else len(draft.blocks)
    for place in np.flatnonzero(draft.kept & (columns["promo"] > 0) & (columns["words"] < 30)):
        leads_away = columns["link_density"][place] > 0.4 or (place > last and not draft.kept[place - 1])
        if leads_away and PROMO.match(draft.blocks[place].text.lower()):
            yield int(place), False, "sends the reader elsewhere"


def drop_link_lines(draft: BlockSelection) -> Iterator[Decision]:
    """Drop lines that are nothing but a link to elsewhere, but for a bullet: not in lists of them, nor in tables."""
    columns = draft.table.columns
    letters = np.maximum(columns["chars"] - 2 * columns["bullet"], 1)
    whole = columns["link_density"] * columns["chars"] >= 0.97 * letters
    for place in np.flatnonzero(draft.kept & whole & (columns["is_description"] == 0)):
        block = draft.blocks[place]
        if block.place.tag not in HEADINGS_AND_CELLS and not block.place.around & NAME_BITS["in_list"]:
            yield int(place), False, "nothing but a link"


def drop_credits(draft: BlockSelection) -> Iterator[Decision]:
    """Drop the line below a picture that ends with who made it."""
    for place in np.flatnonzero(draft.kept & (draft.table.columns["chars"] < 300)):
        block = draft.blocks[place]
        if block.images and CREDIT.search(block.text):
            yield int(place), False, "a picture's caption and credit"


def drop_dates(draft: BlockSelection) -> Iterator[Decision]:
    """Drop lines above the first paragraph that are a date and nothing else."""
    prose = draft.prose
    first = int(prose[0]) if len(prose) else len(draft.blocks)
    for place in np.flatnonzero(draft.kept[:first] & (draft.table.columns["chars"][:first] < 60)):
        if DATE_LINE.fullmatch(draft.blocks[place].text):
            yield int(place), False, "a date"


def drop_tail(draft: BlockSelection) -> Iterator[Decision]:
    """Drop the short line behind the last paragraph that a link, itself no text, goes on from."""
    columns, prose = draft.table.columns, draft.prose
    last = int(prose[-1]) if len(prose) else len(draft.blocks)
    for place in np.flatnonzero(draft.kept):
        text = draft.blocks[place].text
        if place <= last or place + 1 == len(draft.blocks) or text[-1] in SENTENCE_END:
            continue
        goes_on = not draft.kept[place + 1] and columns["link_density"][place + 1] > 0.9
        if goes_on and len(text.split()) < _SHORT_WORDS:
            yield int(place), False, "leads to a link behind the last paragraph"


def drop_code(draft: BlockSelection) -> Iterator[Decision]:
    """Drop scripts and markup that a broken page shows as text."""
    for place in np.flatnonzero(draft.kept & (draft.table.columns["bars"] > 2)):
        text = draft.blocks[place].text[:5_000]
        if len(_CODE.findall(text)) > len(text.split()) / 8 and draft.blocks[place].place.tag != "pre":
            yield int(place), False, "code"


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


def _is_title(draft: BlockSelection, place: int) -> bool:
    headline = draft.opinions.title.text
    same = bool(headline) and fold_words(draft.blocks[place].text) == fold_words(headline)
    return same or bool(draft.table.columns["is_title"][place] > 0)


def _is_caption(text: str, alts: list[str]) -> bool:
    return any(text.startswith(alt) and len(text[len(alt) :].split()) <= _MOST_EXTRA_WORDS for alt in alts)
