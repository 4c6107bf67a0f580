"""Trees as arrays give the same scores as the trees themselves."""

from __future__ import annotations

import tracemalloc

import numpy as np

from benchmarks.extraction.lightgbm_export import average_trees
from hemeroteca.extraction.block_model.boosted_trees import LEAVES, BoostedTrees

TWO_TREES = BoostedTrees(
    feature=np.array([0, 1, 1], dtype=np.int16),
    threshold=np.array([0.5, 2.0, -1.0], dtype=np.float32),
    left=np.array([0b011, 0b001, 0b01], dtype=np.uint16),
    right=np.array([0b100, 0b010, 0b10], dtype=np.uint16),
    first=np.array([0, 2], dtype=np.int32),
    value=np.array(
        [1.0, 2.0, 4.0] + [0.0] * (LEAVES - 3) + [-0.5, 0.5] + [0.0] * (LEAVES - 2), dtype=np.float32
    ),
)  # fmt: skip


def test_each_row_falls_into_one_leaf_a_tree_and_their_values_add_up() -> None:
    rows = np.array([[0.0, 0.0], [0.0, 3.0], [0.6, 0.0], [0.5, 2.0], [9.0, -2.0]], dtype=np.float32)
    expected = np.array([1.0 + 0.5, 2.0 + 0.5, 4.0 + 0.5, 1.0 + 0.5, 4.0 - 0.5])
    assert np.allclose(TWO_TREES.predict(rows), 1 / (1 + np.exp(-expected)))


def test_rows_by_the_thousand_take_the_memory_of_some() -> None:
    rows = np.random.default_rng(1).normal(size=(20_001, 2)).astype(np.float32)
    many = BoostedTrees(
        feature=np.tile(TWO_TREES.feature, 500),
        threshold=np.tile(TWO_TREES.threshold, 500),
        left=np.tile(TWO_TREES.left, 500),
        right=np.tile(TWO_TREES.right, 500),
        first=(TWO_TREES.first + 3 * np.arange(500, dtype=np.int32)[:, None]).ravel(),
        value=np.tile(TWO_TREES.value, 500),
    )
    tracemalloc.start()
    found = many.predict(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000
    assert np.array_equal(found[[0, 1, 700, 20_000]], many.predict(rows[[0, 1, 700, 20_000]]))
    assert len(many.predict(rows[:0])) == 0


def test_what_each_column_pushed_leads_from_the_trees_mean_to_the_rows_leaves() -> None:
    rows = np.array([[0.0, 3.0], [0.6, -2.0]], dtype=np.float32)
    pushed = TWO_TREES.measure_contributions(rows)
    mean = 7 / 3 + 0.0
    assert np.allclose(mean + pushed.sum(axis=1), [2.0 + 0.5, 4.0 - 0.5])
    assert pushed[1, 0] > 0 > pushed[1, 1]


def test_the_mean_of_models_has_the_mean_of_their_scores() -> None:
    rows = np.array([[0.0, 3.0], [0.6, -2.0]], dtype=np.float32)
    other = TWO_TREES._replace(value=TWO_TREES.value * np.float32(3.0))
    logits = np.array([2.0 + 0.5, 4.0 - 0.5])
    assert np.allclose(average_trees([TWO_TREES, other]).predict(rows), 1 / (1 + np.exp(-2 * logits)))
