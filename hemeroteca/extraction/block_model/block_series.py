"""Numbers along the blocks of a page: of the neighbours, of a stretch, and of where something begins and ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def measure_span(name: str, kept: NDArray[np.bool_], chars: Floats) -> dict[str, Floats]:
    """Say where each block stands between the first and the last that *kept* names."""
    count = len(kept)
    place = np.arange(count)
    chosen = np.flatnonzero(kept)
    first, last = (chosen[0], chosen[-1]) if len(chosen) else (count, -1)
    before = np.concatenate(([0.0], np.cumsum(kept * chars)))
    total = max(before[-1], 1.0)
    previous = np.maximum.accumulate(np.where(kept, place, -1))
    following = np.minimum.accumulate(np.where(kept, place, count + 999)[::-1])[::-1]
    return {
        f"{name}_from_first": (place - first).astype(np.float64),
        f"{name}_to_last": (last - place).astype(np.float64),
        f"{name}_done": before[:-1] / total,
        f"{name}_left": (total - before[1:]),
        f"{name}_since": np.where(previous >= 0, place - previous, 999).astype(np.float64),
        f"{name}_until": np.minimum(following - place, 999).astype(np.float64),
    }


def shift(values: Floats, step: int) -> Floats:
    """Return for each block the value of the one *step* after it, -1 where there is none."""
    found = np.full(len(values), -1.0)
    if abs(step) < len(values):
        if step > 0:
            found[:-step] = values[step:]
        else:
            found[-step:] = values[:step]
    return found


def sum_around(values: Floats, width: int) -> Floats:
    """Return the sums over *width* blocks to each side."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    place = np.arange(len(values))
    return np.asarray(sums[np.minimum(place + width + 1, len(values))] - sums[np.maximum(place - width, 0)])


def number_groups(keys: Sequence[object]) -> NDArray[np.int64]:
    """Return for each key its number in the order of first appearance."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
