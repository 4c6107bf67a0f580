"""Gradient-boosted trees as plain arrays, so that no training library is needed at run time.

All nodes of all trees are evaluated at once, and each rules out some leaves of its tree; the first leaf left is the
result (QuickScorer: Lucchese et al., SIGIR 2015). Trees have at most 16 leaves: each is one bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAVES = 16
_ROWS_AT_ONCE = 512
"""Each takes some bytes for every node: 30 kB with the models of today."""

_FIRST_BIT = np.array([(number & -number).bit_length() - 1 for number in range(1 << LEAVES)], dtype=np.int8)


class BoostedTrees(NamedTuple):
    """Trees over the columns of a feature table, their nodes one after the other."""

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

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability (0 to 1) of each row. A page of 50,000 lines takes no more memory than one of some."""
        parts = range(0, max(len(rows), 1), _ROWS_AT_ONCE)
        return np.concatenate([self._predict_part(rows[start : start + _ROWS_AT_ONCE]) for start in parts])

    def _predict_part(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        leaf = self._find_leaves(self._compare(rows)) + LEAVES * np.arange(len(self.first))[:, None]
        return np.asarray(1.0 / (1.0 + np.exp(-self.value[leaf].sum(axis=0, dtype=np.float64))))

    def measure_contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how much each column contributed to the score of each row (Saabas 2014).

        Each node on a row's path contributes the difference between the mean of the leaves on the side taken and the
        mean of all leaves below the node.
        """
        above = self._compare(rows)
        tree = np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(self.feature))))
        values = self.value.reshape(-1, LEAVES)[tree]
        of_left, of_right, of_both = (_mean(values, bits) for bits in (self.left, self.right, self.left | self.right))
        moved = np.where(above, of_right[:, None], of_left[:, None]) - of_both[:, None]
        on_path = (self.left | self.right)[:, None] >> self._find_leaves(above)[tree] & 1
        found = np.zeros((rows.shape[1], len(rows)))
        np.add.at(found, self.feature, moved * on_path)
        return found.T

    def _compare(self, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        return np.asarray(np.ascontiguousarray(rows.T).take(self.feature, axis=0) > self.threshold[:, None])

    def _find_leaves(self, above: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Return for each tree and row the leaf that the row ends in."""
        ruled_out = above * self.left[:, None]
        return _FIRST_BIT[~np.bitwise_or.reduceat(ruled_out, self.first, axis=0)]


def _mean(values: NDArray[np.float32], bits: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return for each node the mean of the leaf *values* of its tree that are in *bits*."""
    chosen = bits[:, None] >> np.arange(LEAVES) & 1
    return np.asarray((values * chosen).sum(axis=1, dtype=np.float64) / chosen.sum(axis=1))
