"""Gradient-boosted trees as plain arrays, so that no training library is needed at run time.

All nodes of all trees are evaluated at once, and each rules out some leaves of its tree; the first leaf left is the
result (QuickScorer: Lucchese et al., SIGIR 2015). Trees have at most 16 leaves: each is one bit.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAVES = 16
_ROWS_AT_ONCE = 128
"""Each takes some bytes for every node: so many stay in a processor's cache."""

_ALL = (1 << LEAVES) - 1
_FIRST_LEFT = np.array(
    [(left & -left).bit_length() - 1 for left in (~ruled_out & _ALL for ruled_out in range(1 << LEAVES))], dtype=np.int8
)
"""By the leaves that are ruled out, the first that is left."""


class _Lineup(NamedTuple):
    """The nodes of many trees in an order in which they are compared quickly: the first of each tree, the second, ...

    Nodes that compare the same share a test. A tree with fewer nodes has some that rule out nothing.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    test: NDArray[np.int64]
    """By node, the test that it makes: its place in the two above."""
    left: NDArray[np.uint16]
    """By place and tree, the leaves to the left of the node."""


class TreeArrays(NamedTuple):
    """Trees over the columns of a feature table, their nodes one after the other, as they are stored."""

    feature: NDArray[np.int16]
    """The column that a node compares."""
    threshold: NDArray[np.float32]
    """A row whose value is not above it goes to the left of the node."""
    left: NDArray[np.uint16]
    """The leaves to the left of the node: bit n is leaf n of its tree, counted from the left."""
    right: NDArray[np.uint16]
    """The leaves to its right."""
    first: NDArray[np.int32]
    """The first node of each tree."""
    value: NDArray[np.float32]
    """What each leaf adds to the score, ``LEAVES`` for each tree."""


class BoostedTrees(TreeArrays):
    """Trees that score rows of a feature table."""

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability (0 to 1) of each row. A page of 50,000 lines takes no more memory than one of some."""
        parts = range(0, max(len(rows), 1), _ROWS_AT_ONCE)
        return np.concatenate([self._predict_part(rows[start : start + _ROWS_AT_ONCE]) for start in parts])

    def _predict_part(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        leaf = self._find_leaves(rows) + LEAVES * np.arange(len(self.first))[:, None]
        return np.asarray(1.0 / (1.0 + np.exp(-self.value.take(leaf).sum(axis=0, dtype=np.float64))))

    def measure_contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how much each column contributed to the score of each row (Saabas 2014).

        Each node on a row's path contributes the difference between the mean of the leaves on the side taken and the
        mean of all leaves below the node.
        """
        above = rows.T.take(self.feature, axis=0) > self.threshold[:, None]
        tree = np.repeat(np.arange(len(self.first)), self._count_nodes())
        values = self.value.reshape(-1, LEAVES)[tree]
        of_left, of_right, of_both = (_mean(values, bits) for bits in (self.left, self.right, self.left | self.right))
        moved = np.where(above, of_right[:, None], of_left[:, None]) - of_both[:, None]
        on_path = (self.left | self.right)[:, None] >> self._find_leaves(rows)[tree] & 1
        found = np.zeros((rows.shape[1], len(rows)))
        np.add.at(found, self.feature, moved * on_path)
        return found.T

    def _find_leaves(self, rows: NDArray[np.float32]) -> NDArray[np.int8]:
        """Return for each tree and row the leaf that the row ends in."""
        lineup = self._lineup
        above = np.ascontiguousarray(rows.T).take(lineup.feature, axis=0) > lineup.threshold[:, None]
        ruled_out = (above * np.uint16(_ALL)).take(lineup.test, axis=0).reshape(*lineup.left.shape, len(rows))
        ruled_out &= lineup.left[:, :, None]
        return np.asarray(_FIRST_LEFT.take(np.bitwise_or.reduce(ruled_out, axis=0)))

    @cached_property
    def _lineup(self) -> _Lineup:
        tests: dict[tuple[int, float], int] = {}
        compared = zip(self.feature.tolist(), self.threshold.tolist(), strict=True)
        test = np.array([tests.setdefault(one, len(tests)) for one in compared])
        counts = self._count_nodes()
        place = np.arange(counts.max())[:, None]
        node = np.where(place < counts, self.first + place, self.first)
        left = np.where(place < counts, self.left[node], 0).astype(np.uint16)
        feature, threshold = zip(*tests, strict=True)
        return _Lineup(
            np.array(feature, dtype=np.int16), np.array(threshold, dtype=np.float32), test[node].ravel(), left
        )

    def _count_nodes(self) -> NDArray[np.int64]:
        return np.diff(np.append(self.first, len(self.feature)))


def _mean(values: NDArray[np.float32], bits: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return for each node the mean of the leaf *values* of its tree that are in *bits*."""
    chosen = bits[:, None] >> np.arange(LEAVES) & 1
    return np.asarray((values * chosen).sum(axis=1, dtype=np.float64) / chosen.sum(axis=1))
