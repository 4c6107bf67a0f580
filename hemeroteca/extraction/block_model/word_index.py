"""The words of a page's blocks as numbers, to find how much of each block another text has."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.page.word_separator import WordSeparator

SHINGLE = 3
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that leave no space between words: each of their characters counts as one."""
_SPACING = WordSeparator(re.compile(rf"\w|{_UNSPACED.pattern}").match)
_FACTORS = (1, 1_000_003, 1_000_003**2)


class WordIndex:
    """The words of a page's blocks as numbers, one block after the other; no text has a line break within."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        self.ids, self.counts = self._numbered("\n".join(texts))
        starts = np.concatenate(([0], np.cumsum(self.counts)))
        self.lines = _slices(self.ids, starts)
        self._of = np.repeat(np.arange(len(texts)), self.counts)
        whole = self._of[: 1 - SHINGLE] == self._of[SHINGLE - 1 :]
        self._block = self._of[: len(whole)][whole]
        self._shingles, self._which = np.unique(_shingles(self.ids)[whole], return_inverse=True)
        self._most = np.maximum(self.counts - SHINGLE + 1, 1)
        self._short = np.flatnonzero(self.counts < SHINGLE)

    def shares(self, text: str) -> Floats:
        """Return for each block which part of its three-word runs is in *text*; a shorter block is a line of it."""
        shares = np.zeros(len(self.counts))
        if not text:
            return shares
        ids, counts = self._numbered(text)
        found = np.zeros(len(self._shingles) + 1, dtype=np.bool_)
        known = _shingles(ids)
        places = np.searchsorted(self._shingles, known)
        found[places[self._shingles.take(places, mode="clip") == known]] = True
        shares = np.bincount(self._block, weights=found[self._which], minlength=len(shares)) / self._most
        starts = np.concatenate(([0], np.cumsum(counts)))
        few = np.flatnonzero(counts < SHINGLE)
        lines = {ids[starts[one] : starts[one + 1]].tobytes() for one in few.tolist()}
        for place in self._short.tolist():
            shares[place] = self.lines[place] in lines
        return shares

    def sums(self, words: frozenset[str]) -> Floats:
        """Return for each block how many of its words are among *words*."""
        known = np.zeros(len(self._numbers) + 1, dtype=np.bool_)
        known[[self._numbers[word] for word in words & self._numbers.keys()]] = True
        return np.asarray(np.bincount(self._of, weights=known[self.ids], minlength=len(self.counts)), dtype=np.float64)

    def key(self, text: str) -> bytes:
        """Return *text* as one of ``lines`` would stand there."""
        return self._numbered(text)[0].tobytes()

    def _numbered(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the words of *text* as numbers, and how many each of its lines has."""
        lowered = text.lower()
        if not lowered.isascii():
            lowered = _UNSPACED.sub(r" \g<0> ", lowered)
        lines = [line.split() for line in _SPACING(lowered).split("\n")]
        counts = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        words = map(self._numbers.__getitem__, itertools.chain.from_iterable(lines))
        return np.fromiter(words, dtype=np.int64, count=counts.sum()), counts


def _slices(ids: NDArray[np.int64], starts: NDArray[np.int64]) -> list[bytes]:
    """Return the numbers of each line as bytes: lines of the same words have the same."""
    content = ids.tobytes()
    places = (starts * ids.itemsize).tolist()
    return [content[start:end] for start, end in itertools.pairwise(places)]


def _shingles(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(ids) < SHINGLE:
        return np.zeros(0, dtype=np.int64)
    last = len(ids) - SHINGLE + 1
    return sum((ids[place : last + place] * factor for place, factor in enumerate(_FACTORS)), np.zeros(last, np.int64))
