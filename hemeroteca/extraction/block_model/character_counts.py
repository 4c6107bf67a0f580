"""Counts of the characters of a page's lines by kind (capitals, digits, commas), for all lines at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.phrases import CAPITAL, SENTENCE_END

_KINDS: dict[str, Callable[[str], bool]] = {
    "end": SENTENCE_END.__contains__,
    "unstopped": lambda character: "\u0e01" <= character <= "\u0edf",
    "colon": ":：".__contains__,
    "stop": ".?!".__contains__,
    "full_stop": "。".__contains__,
    "space": " ".__contains__,
    "comma": ",，、".__contains__,
    "quote": "\"“„«‘'「–—-".__contains__,
    "lower": str.islower,
    "bullet": "•·►▶»→-–|*©".__contains__,
    "capital": lambda character: CAPITAL.match(character) is not None,
    "digit": str.isdecimal,
    "bar": "|{<".__contains__,
}
_SENTENCE_CHARS = 40
_BIT_OF_KIND = {kind: 1 << number for number, kind in enumerate(_KINDS)}
_MET = 1 << len(_KINDS)
_KIND_BITS = np.zeros(0x110000, dtype=np.uint16)
"""The kinds of each character, filled in as characters are met."""


class CharacterCounts:
    """The characters of *lines*, none of which is empty."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lengths = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        self._starts = np.concatenate(([0], np.cumsum(self.lengths)[:-1]))
        self._bits = _read_kinds("".join(lines))

    def count(self, *kinds: str) -> Floats:
        """Return for each line how many of its characters are of any of *kinds*."""
        return self._sum_lines(self._bits & _join_bits(kinds) > 0)

    def count_in_beginning(self, chars: int, kind: str) -> Floats:
        """Return for each line how many of its first *chars* characters are of *kind*."""
        index = np.arange(len(self._bits)) - np.repeat(self._starts, self.lengths)
        return self._sum_lines((self._bits & _BIT_OF_KIND[kind] > 0) & (index < chars))

    def count_pairs(self, first: str, second: str) -> Floats:
        """Return for each line how many of its characters are of kind *first* followed by one of *second*."""
        pairs = self._bits & _BIT_OF_KIND[first] > 0
        pairs[:-1] &= self._bits[1:] & _BIT_OF_KIND[second] > 0
        pairs[self._starts + self.lengths - 1] = False
        return self._sum_lines(pairs)

    def begin_with(self, kind: str) -> Floats:
        """Say which lines begin with a character of *kind*."""
        return (self._bits[self._starts] & _BIT_OF_KIND[kind] > 0).astype(np.float64)

    def end_with(self, kind: str) -> Floats:
        """Say which lines end with a character of *kind*."""
        return (self._bits[self._starts + self.lengths - 1] & _BIT_OF_KIND[kind] > 0).astype(np.float64)

    def end_sentences(self) -> Floats:
        """Say which lines end like a sentence. Thai and Lao have no full stops: there a line must only be long."""
        unstopped = self.end_with("unstopped") * (self.lengths >= _SENTENCE_CHARS)
        return np.maximum(self.end_with("end"), unstopped)

    def _sum_lines(self, chosen: NDArray[np.bool_]) -> Floats:
        return np.add.reduceat(chosen, self._starts, dtype=np.float64)


def _join_bits(kinds: Sequence[str]) -> int:
    return sum(_BIT_OF_KIND[kind] for kind in kinds)


def _read_kinds(text: str) -> NDArray[np.uint16]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    bits = _KIND_BITS[codes]
    if not bits.all():
        for code in set(codes[bits == 0].tolist()):
            character = chr(code)
            _KIND_BITS[code] = _MET | sum(_BIT_OF_KIND[kind] for kind, holds in _KINDS.items() if holds(character))
        bits = _KIND_BITS[codes]
    return bits
