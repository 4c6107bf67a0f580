"""Export of LightGBM's trees as the arrays of ``block_model.boosted_trees``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hemeroteca.extraction.block_model.boosted_trees import LEAVES, BoostedTrees


def export_trees(booster: Any) -> BoostedTrees:
    """Return the trees of *booster*, which have numeric splits, no missing values and at most ``LEAVES`` leaves."""
    nodes: list[tuple[int, float, int, int]] = []
    first: list[int] = []
    values: list[float] = []
    for tree in booster.dump_model()["tree_info"]:
        leaves: list[float] = []
        split: list[tuple[int, float, int, int]] = []
        _read(tree["tree_structure"], split, leaves)
        first.append(len(nodes))
        nodes += split or [(0, math.inf, 1, 1)]
        values += leaves + [0.0] * (LEAVES - len(leaves))
    feature, threshold, left, right = zip(*nodes, strict=True)
    return BoostedTrees(
        np.array(feature, dtype=np.int16),
        np.array([_below(value) for value in threshold], dtype=np.float32),
        np.array(left, dtype=np.uint16),
        np.array(right, dtype=np.uint16),
        np.array(first, dtype=np.int32),
        np.array(values, dtype=np.float32),
    )


def _read(node: dict[str, Any], split: list[tuple[int, float, int, int]], leaves: list[float]) -> int:
    """Append the leaves below *node*, from the left, and its splits; return these leaves as bits."""
    if "leaf_value" in node:
        leaves.append(node["leaf_value"])
        return 1 << (len(leaves) - 1)
    left = _read(node["left_child"], split, leaves)
    right = _read(node["right_child"], split, leaves)
    split.append((node["split_feature"], node["threshold"], left, right))
    return left | right


def _below(threshold: float) -> np.float32:
    """Return the greatest 32-bit number up to *threshold*: it splits rows, which have 32 bits, in the same way."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def average_trees(models: Sequence[BoostedTrees]) -> BoostedTrees:
    """Return one model whose score, before it is made a probability, is the mean of those of *models*."""
    nodes = np.cumsum([0, *(len(one.feature) for one in models)])
    first = [one.first + before for one, before in zip(models, nodes[:-1], strict=True)]
    columns = {
        name: np.concatenate([getattr(one, name) for one in models])
        for name in ("feature", "threshold", "left", "right")
    }
    value = (np.concatenate([one.value for one in models]) / len(models)).astype(np.float32)
    return BoostedTrees(**columns, first=np.concatenate(first).astype(np.int32), value=value)
