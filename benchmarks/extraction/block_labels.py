"""The labels of training: which blocks of a page are its gold text, found by words and their order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4
_MOST_PLACES = 6
_ENOUGH = 0.5


def label_blocks(texts: Sequence[str], gold: str) -> NDArray[np.bool_]:
    """Return which of *texts* belong to *gold*: the heaviest chain of them in the order of the gold.

    A text that is on the page twice is taken once, and a short one only where the gold has it between the same
    neighbours.
    """
    words = _TOKEN.findall(gold.lower())
    joined = " " + " ".join(words) + " "
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    places: dict[tuple[str, ...], int] = {}
    for place in range(len(words) - _SHINGLE, -1, -1):
        places[tuple(words[place : place + _SHINGLE])] = place
    candidates = [
        (block, *found)
        for block, text in enumerate(texts)
        for found in _places(_TOKEN.findall(text.lower()), joined, starts, places)
    ]
    chosen = np.zeros(len(texts), dtype=bool)
    chosen[_chain(candidates)] = True
    return chosen


def _places(
    words: list[str], joined: str, starts: list[int], places: dict[tuple[str, ...], int]
) -> list[tuple[int, int, float]]:
    """Return where *words* may be in the gold: first word, end, and how many words of the gold they cover."""
    found: list[tuple[int, int, float]] = []
    if not words:
        return []
    sought = " " + " ".join(words) + " "
    at = joined.find(sought)
    while at >= 0 and len(found) < _MOST_PLACES:
        first = bisect_left(starts, at)
        found.append((first, first + len(words), float(len(words))))
        at = joined.find(sought, at + 1)
    if found or len(words) < _SHINGLE:
        return found
    hits = [places.get(tuple(words[place : place + _SHINGLE])) for place in range(len(words) - _SHINGLE + 1)]
    seen = [hit for hit in hits if hit is not None]
    if len(seen) / len(hits) < _ENOUGH:
        return []
    return [(min(seen), min(seen) + 1, len(words) * len(seen) / len(hits))]


def _chain(candidates: list[tuple[int, int, int, float]]) -> list[int]:
    """Return the blocks of the heaviest chain of (block, first word, end, weight) without overlaps in the gold."""
    ends = np.zeros(len(candidates) + 1, dtype=np.int64)
    best = np.zeros(len(candidates) + 1)
    origin = np.zeros(len(candidates) + 1, dtype=np.int64)
    blocks = np.full(len(candidates) + 1, -1, dtype=np.int64)
    for place, (block, first, end, weight) in enumerate(candidates, 1):
        fits = np.where((ends[:place] <= first) & (blocks[:place] < block), best[:place], -1.0)
        origin[place] = before = int(fits.argmax())
        best[place], ends[place], blocks[place] = fits[before] + weight, end, block
    chosen = []
    place = int(best.argmax())
    while place:
        chosen.append(int(blocks[place]))
        place = int(origin[place])
    return chosen
