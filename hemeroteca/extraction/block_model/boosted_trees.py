"""Boosted trees as plain arrays, and their sum over the rows of a table: no training library at run time.

All nodes of all trees are asked at once, and each says which leaves its answer leaves open; what is open after all of
a tree's nodes is its leaf (Lucchese et al., QuickScorer, SIGIR 2015). Trees have 16 leaves at most: a leaf is a bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAVES = 16

_FIRST_BIT = np.array([(number & -number).bit_length() - 1 for number in range(1 << LEAVES)], dtype=np.int8)


class BoostedTrees(NamedTuple):
    """Trees over the columns of a table, their nodes one after the other."""

    feature: NDArray[np.int16]
    """Which column a node asks."""
    threshold: NDArray[np.float32]
    """The node's left leaves are open to a row whose value is not above it."""
    left: NDArray[np.uint16]
    """The leaves below it that are open to no other row: bit n is leaf n of its tree, from the left."""
    right: NDArray[np.uint16]
    """The leaves below it that are open to a row whose value is above."""
    first: NDArray[np.int32]
    """The first node of each tree; every tree has one."""
    value: NDArray[np.float32]
    """What each leaf adds, ``LEAVES`` to a tree."""

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return for each row the probability (0 to 1) that the trees add up to."""
        leaf = self._leaves(self._above(rows)) + LEAVES * np.arange(len(self.first))[:, None]
        return np.asarray(1.0 / (1.0 + np.exp(-self.value[leaf].sum(axis=0, dtype=np.float64))))

    def push(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return for each row and column how far the column moved the row's sum.

        A node on the row's way moves it from the mean of the leaves below to the mean of those that stay open.
        """
        above = self._above(rows)
        tree = np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(self.feature))))
        values = self.value.reshape(-1, LEAVES)[tree]
        of_left, of_right, of_both = (_mean(values, bits) for bits in (self.left, self.right, self.left | self.right))
        moved = np.where(above, of_right[:, None], of_left[:, None]) - of_both[:, None]
        on_way = (self.left | self.right)[:, None] >> self._leaves(above)[tree] & 1
        found = np.zeros((rows.shape[1], len(rows)))
        np.add.at(found, self.feature, moved * on_way)
        return found.T

    def _above(self, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        return np.asarray(np.ascontiguousarray(rows.T).take(self.feature, axis=0) > self.threshold[:, None])

    def _leaves(self, above: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Return for each tree and row the leaf that is left."""
        shut = above * self.left[:, None]
        return _FIRST_BIT[~np.bitwise_or.reduceat(shut, self.first, axis=0)]


def _mean(values: NDArray[np.float32], bits: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return for each node the mean of those of its tree's leaf *values* that *bits* has."""
    chosen = bits[:, None] >> np.arange(LEAVES) & 1
    return np.asarray((values * chosen).sum(axis=1, dtype=np.float64) / chosen.sum(axis=1))
