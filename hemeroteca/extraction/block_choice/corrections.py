"""Corrections of trafilatura's text: the blocks that are its text, and whether what we drop and add of them stands.

A small correction stands. A large one needs a second witness that leaves out what we drop, or has what we add: else
trafilatura's own text stands, and the page is disputed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision
from hemeroteca.extraction.block_model.block_features import FeatureTable
from hemeroteca.extraction.block_model.block_series import Floats

MAX_LOSS = 0.25
"""A correction that drops a larger part of trafilatura's letters needs a witness."""
MAX_GAIN = 0.5
"""So does one that adds a larger part of them again."""
STANDS_REASON = "trafilatura's text stands: no second witness agrees with its correction"
RESCUE_REASON = "nothing else is left, and another witness takes it"

_TAKEN = 0.5
_AGREES = 0.5
_LINE_CHARS = 40
_PARAGRAPH_CHARS = 80
_FEW_CHARS = 300
_NEAR_COUNT = 0.15


def find_ground(table: FeatureTable) -> NDArray[np.bool_]:
    """Return which blocks are trafilatura's text: those it takes most of, and of equal lines the one among its others.

    Short lines, such as cells of a table, may stand there more than once.
    """
    columns = table.columns
    taken = columns["trafilatura"] > _TAKEN
    indices = np.flatnonzero(taken)
    best_first = indices[np.argsort(-columns["parent_trafilatura"][indices], kind="stable")]
    _, first_of_twins = np.unique(table.groups["twins"][best_first], return_index=True)
    chosen = columns["chars"] < _LINE_CHARS
    chosen[best_first[first_of_twins]] = True
    return np.asarray(taken & chosen)


def is_disputed(selection: BlockSelection, ground: NDArray[np.bool_]) -> bool:
    """Say whether the blocks kept so far are a large correction of *ground* that no second witness agrees with."""
    kept, own = selection.kept, _count_characters(selection, ground)
    loses = _is_large(selection, ground & ~kept, MAX_LOSS * own)
    gains = _is_large(selection, kept & ~ground, MAX_GAIN * own)
    if not (loses or gains) or _is_counted(selection, ground):
        return False
    return (loses and not _leaves_out(selection, ground)) or (gains and not _has_more(selection, ground))


def keep_ground(selection: BlockSelection, ground: NDArray[np.bool_]) -> Iterator[Decision]:
    """Keep *ground* and nothing else."""
    for index in np.flatnonzero(selection.kept != ground):
        yield int(index), bool(ground[index]), STANDS_REASON


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


def _count_characters(selection: BlockSelection, blocks: NDArray[np.bool_]) -> float:
    return float(selection.table.columns["chars"][blocks].sum())


def _list_witnesses(selection: BlockSelection) -> list[Floats]:
    """Return by witness the share of each block that it takes, without those that take nothing of the page."""
    columns = selection.table.columns
    return [columns[name] for name in ("resiliparse", "json_ld") if columns[name].any()]


def _leaves_out(selection: BlockSelection, ground: NDArray[np.bool_]) -> bool:
    """Say whether a witness has most of what is kept, and less than half of what is dropped."""
    kept = selection.kept
    return any(
        _measure_share(selection, shares, ground & ~kept) < _AGREES <= _measure_share(selection, shares, kept)
        for shares in _list_witnesses(selection)
    )


def _has_more(selection: BlockSelection, ground: NDArray[np.bool_]) -> bool:
    """Say whether a witness has most of what is added. Paragraphs that the page has twice are their own witness."""
    columns, added = selection.table.columns, selection.kept & ~ground
    twice = ((columns["repeats"] > 1) & (columns["prose"] > 0)).astype(np.float64)
    witnesses = (*_list_witnesses(selection), twice)
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
