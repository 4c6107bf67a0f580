"""Arithmetic along the blocks of a page: neighbours, sums over a window, and where something begins and ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def measure_span(name: str, kept: NDArray[np.bool_], chars: Floats) -> dict[str, Floats]:
    """Return columns, beginning with *name*, for where each block stands between the first and the last of *kept*."""
    count = len(kept)
    index = np.arange(count)
    chosen = np.flatnonzero(kept)
    first, last = (chosen[0], chosen[-1]) if len(chosen) else (count, -1)
    before = np.concatenate(([0.0], np.cumsum(kept * chars)))
    total = max(before[-1], 1.0)
    previous = np.maximum.accumulate(np.where(kept, index, -1))
    following = np.minimum.accumulate(np.where(kept, index, count + 999)[::-1])[::-1]
    return {
        f"{name}_from_first": (index - first).astype(np.float64),
        f"{name}_to_last": (last - index).astype(np.float64),
        f"{name}_done": before[:-1] / total,
        f"{name}_left": (total - before[1:]),
        f"{name}_since": np.where(previous >= 0, index - previous, 999).astype(np.float64),
        f"{name}_until": np.minimum(following - index, 999).astype(np.float64),
    }


def shift(values: Floats, step: int) -> Floats:
    """Return for each block the value of the block *step* after it, -1 where there is none."""
    found = np.full(len(values), -1.0)
    if abs(step) < len(values):
        if step > 0:
            found[:-step] = values[step:]
        else:
            found[-step:] = values[:step]
    return found


def sum_around(values: Floats, width: int) -> Floats:
    """Return for each block the sum over it and *width* blocks to each side."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(len(values))
    return np.asarray(sums[np.minimum(index + width + 1, len(values))] - sums[np.maximum(index - width, 0)])


def number_groups(keys: Sequence[object]) -> NDArray[np.int64]:
    """Return a number for each key, the same for equal keys, in the order of first appearance."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
