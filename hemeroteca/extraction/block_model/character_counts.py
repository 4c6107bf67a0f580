"""The characters of texts, all looked at at once: those of a page's lines by kind, and which of them words are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.phrases import CAPITAL, SENTENCE_END

_KINDS: dict[str, Callable[[str], bool]] = {
    "end": SENTENCE_END.__contains__,
    "colon": ":：".__contains__,
    "stop": ".?!".__contains__,
    "full_stop": "。".__contains__,
    "space": " ".__contains__,
    "comma": ",，、".__contains__,
    "quote": "\"“„«‘'「–—-".__contains__,
    "lower": str.islower,
    "bullet": "•·►▶»→-–|*©".__contains__,
    "capital": lambda letter: CAPITAL.match(letter) is not None,
    "digit": str.isdecimal,
    "bar": "|{<".__contains__,
}
_BIT = {kind: 1 << place for place, kind in enumerate(_KINDS)}
_KNOWN = 1 << len(_KINDS)
_BITS = np.zeros(0x110000, dtype=np.uint16)
"""What each character is, filled in as characters are met: few of them are in use."""


class CharacterCounts:
    """The characters of *lines*, none of which is empty."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lengths = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        self._starts = np.concatenate(([0], np.cumsum(self.lengths)[:-1]))
        self._bits = _bits_of("".join(lines))

    def count(self, *kinds: str) -> Floats:
        """Return for each line how many of its characters are of any of *kinds*."""
        return self._sums(self._bits & _mask(kinds) > 0)

    def count_within(self, most: int, kind: str) -> Floats:
        """Return for each line how many of its first *most* characters are of *kind*."""
        place = np.arange(len(self._bits)) - np.repeat(self._starts, self.lengths)
        return self._sums((self._bits & _BIT[kind] > 0) & (place < most))

    def count_pairs(self, first: str, second: str) -> Floats:
        """Return for each line how many of its characters are of kind *first* with one of *second* behind."""
        pairs = self._bits & _BIT[first] > 0
        pairs[:-1] &= self._bits[1:] & _BIT[second] > 0
        pairs[self._starts + self.lengths - 1] = False
        return self._sums(pairs)

    def begins(self, kind: str) -> Floats:
        """Say which lines begin with a character of *kind*."""
        return (self._bits[self._starts] & _BIT[kind] > 0).astype(np.float64)

    def ends(self, kind: str) -> Floats:
        """Say which lines end with a character of *kind*."""
        return (self._bits[self._starts + self.lengths - 1] & _BIT[kind] > 0).astype(np.float64)

    def _sums(self, chosen: NDArray[np.bool_]) -> Floats:
        return np.add.reduceat(chosen, self._starts, dtype=np.float64)


def _mask(kinds: Sequence[str]) -> int:
    return sum(_BIT[kind] for kind in kinds)


def _bits_of(text: str) -> NDArray[np.uint16]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    bits = _BITS[codes]
    if not bits.all():
        for code in set(codes[bits == 0].tolist()):
            letter = chr(code)
            _BITS[code] = _KNOWN | sum(_BIT[kind] for kind, holds in _KINDS.items() if holds(letter))
        bits = _BITS[codes]
    return bits
