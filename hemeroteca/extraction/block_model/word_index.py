"""The words of a page's blocks as numbers, to measure how much of each block stands in another text."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.page.word_separator import WordSeparator

SHINGLE_WORDS = 3
_CELL_BORDER = "|"
"""What trafilatura writes between the cells of a table."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts without spaces between words: each of their characters counts as a word."""
_SEPARATOR = WordSeparator(re.compile(rf"\w|{_UNSPACED.pattern}").match)
_FACTORS = (1, 1_000_003, 1_000_003**2)


class WordIndex:
    """The words of a page's blocks as numbers, one block after the other. No text contains a line break.

    A shingle is a run of three words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        self.word_ids, self.word_counts = self._number_words("\n".join(texts))
        starts = np.concatenate(([0], np.cumsum(self.word_counts)))
        self.line_keys = _cut_lines(self.word_ids, starts)
        """One a block: equal for blocks of the same words."""
        self._block_of_word = np.repeat(np.arange(len(texts)), self.word_counts)
        in_one_block = self._block_of_word[: 1 - SHINGLE_WORDS] == self._block_of_word[SHINGLE_WORDS - 1 :]
        self._block_of_shingle = self._block_of_word[: len(in_one_block)][in_one_block]
        shingles = _build_shingles(self.word_ids)[in_one_block]
        self._shingles, self._which_shingle = np.unique(shingles, return_inverse=True)
        self._shingle_counts = np.maximum(self.word_counts - SHINGLE_WORDS + 1, 1)
        self._overlaps: dict[str, Floats] = {}
        self._short_blocks = np.flatnonzero(self.word_counts < SHINGLE_WORDS)

    def measure_overlap(self, text: str) -> Floats:
        """Return for each block the share of its shingles that are in *text*.

        For a block of fewer than three words it is 1 when the block is a line or a table's cell in *text*, else 0.
        """
        if text not in self._overlaps:
            self._overlaps[text] = self._measure_overlap(text)
        return self._overlaps[text]

    def _measure_overlap(self, text: str) -> Floats:
        shares = np.zeros(len(self.word_counts))
        if not text:
            return shares
        ids, counts = self._number_words(text.replace(_CELL_BORDER, "\n"))
        found = np.zeros(len(self._shingles) + 1, dtype=np.bool_)
        of_text = _build_shingles(ids)
        if len(self._shingles):
            indices = np.searchsorted(self._shingles, of_text)
            found[indices[self._shingles.take(indices, mode="clip") == of_text]] = True
        weights = found[self._which_shingle]
        shares = np.bincount(self._block_of_shingle, weights=weights, minlength=len(shares)) / self._shingle_counts
        starts = np.concatenate(([0], np.cumsum(counts)))
        short_lines = np.flatnonzero(counts < SHINGLE_WORDS)
        lines = {ids[starts[line] : starts[line + 1]].tobytes() for line in short_lines.tolist()}
        for index in self._short_blocks.tolist():
            shares[index] = self.line_keys[index] in lines
        return shares

    def measure_news(self, order: NDArray[np.int64]) -> Floats:
        """Return for each block of *order* the share of its shingles that no block before it in *order* has."""
        rank = np.full(len(self.word_counts), len(self.word_counts))
        rank[order] = np.arange(len(order))
        in_order = np.argsort(rank[self._block_of_shingle], kind="stable")
        _, first = np.unique(self._which_shingle[in_order], return_index=True)
        news = np.zeros(len(in_order))
        news[in_order[first]] = 1.0
        counts = np.bincount(self._block_of_shingle, weights=news, minlength=len(rank))
        return np.asarray(counts / self._shingle_counts)

    def count_among(self, words: frozenset[str]) -> Floats:
        """Return for each block how many of its words are among *words*."""
        chosen = np.zeros(len(self._numbers) + 1, dtype=np.bool_)
        chosen[[self._numbers[word] for word in words & self._numbers.keys()]] = True
        counts = np.bincount(self._block_of_word, weights=chosen[self.word_ids], minlength=len(self.word_counts))
        return np.asarray(counts, dtype=np.float64)

    def find_line_key(self, text: str) -> bytes:
        """Return the key that a block of the words of *text* has in ``line_keys``."""
        return self._number_words(text)[0].tobytes()

    def _number_words(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the words of *text* as numbers, and how many words each of its lines has."""
        lowered = text.lower()
        if not lowered.isascii():
            lowered = _UNSPACED.sub(r" \g<0> ", lowered)
        lines = [line.split() for line in _SEPARATOR.blank(lowered).split("\n")]
        counts = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        words = map(self._numbers.__getitem__, itertools.chain.from_iterable(lines))
        return np.fromiter(words, dtype=np.int64, count=counts.sum()), counts


def _cut_lines(ids: NDArray[np.int64], starts: NDArray[np.int64]) -> list[bytes]:
    """Return the numbers of each line as bytes."""
    content = ids.tobytes()
    offsets = (starts * ids.itemsize).tolist()
    return [content[start:end] for start, end in itertools.pairwise(offsets)]


def _build_shingles(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each run of three words as one number."""
    if len(ids) < SHINGLE_WORDS:
        return np.zeros(0, dtype=np.int64)
    count = len(ids) - SHINGLE_WORDS + 1
    parts = (ids[start : count + start] * factor for start, factor in enumerate(_FACTORS))
    return sum(parts, np.zeros(count, np.int64))
