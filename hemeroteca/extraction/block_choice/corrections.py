"""Corrections of trafilatura's text: the blocks that are its text, and whether what we drop and add of them stands.

A small correction stands. A large one needs a second witness that leaves out what we drop, or has what we add: else
trafilatura's own text stands, and the page is disputed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision
from hemeroteca.extraction.block_model.block_features import FeatureTable
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.witnesses import extract_with_readability, extract_with_trafilatura
from hemeroteca.extraction.block_model.word_index import WordIndex

MAX_LOSS = 0.25
"""A correction that drops a larger part of trafilatura's letters needs a witness."""
MAX_GAIN = 0.5
"""So does one that adds a larger part of them again."""
STANDS_REASON = "trafilatura's text stands: no second witness agrees with its correction"
LACKING_REASON = "trafilatura's text stands: the lines of the page lack most of it"
LIST_REASON = "trafilatura's text stands: the page is a list, not an article"
RESCUE_REASON = "nothing else is left, and another witness takes it"

_TAKEN = 0.5
_AGREES = 0.5
_LINE_CHARS = 40
_TWICE = 1.2
_PARAGRAPH_CHARS = 80
_SENTENCE_WORDS = 3
_FEW_CHARS = 300
_NEAR_COUNT = 0.15


class OwnText:
    """The text that trafilatura takes from a page: in its fast mode, or thoroughly, where that is asked for."""

    def __init__(self, tree: HtmlElement, text: str, words: WordIndex, is_thorough: bool) -> None:
        self.text = text
        self.is_thorough = is_thorough
        self._tree = tree
        self._words = words

    def read_thoroughly(self) -> str:
        """Take the text that trafilatura finds when it compares its own with those of two other algorithms."""
        if not self.is_thorough:
            self.text, self.is_thorough = extract_with_trafilatura(self._tree, fast=False), True
        return self.text

    def read_readability(self) -> Floats:
        """Return which share of each block the algorithm *readability* takes, which trafilatura brings."""
        return self._words.measure_overlap(extract_with_readability(self._tree))

    def is_text(self, selection: BlockSelection) -> bool:
        """Say whether this is more than a few labels: it is long, or has a sentence beside the headline."""
        columns = selection.table.columns
        sentences = (columns["ends"] > 0) & (columns["words"] >= _SENTENCE_WORDS) & (columns["link_density"] < 0.5)
        beside_headline = self.find_blocks(selection.table) & (columns["is_title"] == 0)
        return len(self.text) > _FEW_CHARS or bool((sentences & beside_headline).any())

    def is_lacking(self, selection: BlockSelection) -> bool:
        """Say whether the page's blocks lack most of this text, though it does not come from the JSON-LD."""
        if len(self.text) < _FEW_CHARS or selection.witnesses.json_ld_body:
            return False
        chars = selection.table.columns["chars"] * self._words.measure_overlap(self.text)
        return float(chars.sum()) < _TAKEN * len(self.text)

    def find_copies(self, table: FeatureTable) -> NDArray[np.bool_]:
        """Return which blocks are this text, and all that say the same words as one of them."""
        twins = table.groups["twins"]
        return np.asarray(np.bincount(twins, weights=self.find_blocks(table))[twins] > 0)

    def find_blocks(self, table: FeatureTable) -> NDArray[np.bool_]:
        """Return which blocks are this text: those with most words in it, and of a text twice on the page one.

        Short lines, such as cells of a table, may stand there more than once.
        """
        columns, taken = table.columns, self._words.measure_overlap(self.text) > _TAKEN
        indices = np.flatnonzero(taken)
        best_first = indices[np.argsort(-columns["parent_trafilatura"][indices], kind="stable")]
        once = columns["chars"] < _LINE_CHARS
        if columns["chars"][taken].sum() < _TWICE * len(self.text):
            _, first_of_twins = np.unique(table.groups["twins"][best_first], return_index=True)
            once[best_first[first_of_twins]] = True
        else:
            once |= self._words.measure_news(best_first) > _TAKEN
        return np.asarray(taken & once)


def find_dispute(selection: BlockSelection, own: OwnText) -> str | None:
    """Return why trafilatura's *own* text stands against the blocks kept so far, None where it does not.

    A large correction is compared with the text that trafilatura takes thoroughly, and then with each other witness.
    """
    if own.is_lacking(selection):
        return LACKING_REASON
    if _is_witnessed(selection, own):
        return None
    if not own.is_thorough:
        own.read_thoroughly()
        if _is_witnessed(selection, own):
            return None
    return STANDS_REASON if selection.kept.any() or own.is_text(selection) else None


def _is_witnessed(selection: BlockSelection, own: OwnText) -> bool:
    """Say whether the blocks kept so far are *own* with small corrections, or large ones that a witness agrees with.

    None agrees with an empty text.
    """
    ground, kept = own.find_blocks(selection.table), selection.kept
    chars = _count_characters(selection, ground)
    loses = _is_large(selection, _find_lost(selection, ground), MAX_LOSS * chars)
    gains = _is_large(selection, kept & ~ground, MAX_GAIN * chars)
    if not kept.any():
        return False
    if not (loses or gains) or _is_counted(selection, ground):
        return True
    return (not loses or _leaves_out(selection, ground, own)) and (not gains or _has_more(selection, ground))


def keep_ground(ground: NDArray[np.bool_], reason: str, selection: BlockSelection) -> Iterator[Decision]:
    """Keep *ground* and nothing else."""
    for index in np.flatnonzero(selection.kept != ground):
        yield int(index), bool(ground[index]), reason


def rescue(selection: BlockSelection) -> Iterator[Decision]:
    """Where nothing is kept, keep what the first of the other witnesses takes that has a paragraph."""
    columns = selection.table.columns
    if selection.kept.any():
        return
    paragraphs = (columns["chars"] >= _PARAGRAPH_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.5)
    for shares in (columns["trafilatura"], *_list_witnesses(selection)):
        taken = shares > _TAKEN
        if (taken & paragraphs).any():
            yield from ((int(index), True, RESCUE_REASON) for index in np.flatnonzero(taken))
            return


def _is_large(selection: BlockSelection, changed: NDArray[np.bool_], most: float) -> bool:
    """Say whether *changed* blocks have more than *most* characters. A few short lines never are much."""
    chars = _count_characters(selection, changed)
    return chars > most and (chars > _FEW_CHARS or bool(selection.table.columns["prose"][changed].any()))


def _find_lost(selection: BlockSelection, ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which blocks of *ground* are not kept, nor kept at another place where the page has the same words."""
    twins = selection.table.groups["twins"]
    return np.asarray(ground & (np.bincount(twins, weights=selection.kept)[twins] == 0))


def _count_characters(selection: BlockSelection, blocks: NDArray[np.bool_]) -> float:
    return float(selection.table.columns["chars"][blocks].sum())


def _list_witnesses(selection: BlockSelection) -> list[Floats]:
    """Return by witness the share of each block that it takes, without those that take nothing of the page."""
    columns = selection.table.columns
    return [columns[name] for name in ("resiliparse", "json_ld") if columns[name].any()]


def _leaves_out(selection: BlockSelection, ground: NDArray[np.bool_], own: OwnText) -> bool:
    """Say whether a witness has most of what is kept, and less than half of what is dropped."""
    kept, dropped = selection.kept, _find_lost(selection, ground)

    def agrees(shares: Floats) -> bool:
        return _measure_share(selection, shares, dropped) < _AGREES <= _measure_share(selection, shares, kept)

    return any(map(agrees, _list_witnesses(selection))) or agrees(own.read_readability())


def _has_more(selection: BlockSelection, ground: NDArray[np.bool_]) -> bool:
    """Say whether a witness has most of what is added. The other body of a page that has its text twice is one."""
    columns, added = selection.table.columns, selection.kept & ~ground
    twice = (columns["repeats"] > 1).astype(np.float64)
    has_two_bodies = _measure_share(selection, twice, ground) >= _AGREES
    witnesses = (*_list_witnesses(selection), *([twice] if has_two_bodies else ()))
    return any(_measure_share(selection, shares, added) >= _AGREES for shares in witnesses)


def _is_counted(selection: BlockSelection, ground: NDArray[np.bool_]) -> bool:
    """Say whether the page's own count of its words is near that of what is kept, and not near that of *ground*."""
    counted, words = selection.witnesses.word_count, selection.table.columns["words"]
    ours, theirs = (abs(float(words[blocks].sum()) - counted) for blocks in (selection.kept, ground))
    return counted > 0 and ours <= _NEAR_COUNT * counted < theirs


def _measure_share(selection: BlockSelection, shares: Floats, blocks: NDArray[np.bool_]) -> float:
    """Return which part of the characters of *blocks* a witness takes; of none, nothing."""
    chars = selection.table.columns["chars"][blocks]
    return float((chars * shares[blocks]).sum() / max(chars.sum(), 1))
