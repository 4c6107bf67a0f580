"""Texts with all but their words blanked: ``split()`` then finds the words ten times as fast as a pattern does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


class WordSeparator:
    """What a text becomes when all but words is white space: ``split()`` then has the words, ten times as fast as a
    pattern finds them. *is_word* says which characters words are made of.
    """

    def __init__(self, is_word: Callable[[str], object]) -> None:
        self._is_word = is_word
        self._meant = np.zeros(0x110000, dtype=np.uint32)

    def __call__(self, text: str) -> str:
        """Return *text* with a space for each character that is in no word; line breaks stay."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        spaced = self._meant[codes]
        if not spaced.all():
            for code in set(codes[spaced == 0].tolist()):
                letter = chr(code)
                self._meant[code] = code if code and (letter == "\n" or self._is_word(letter)) else ord(" ")
            spaced = self._meant[codes]
        return spaced.tobytes().decode("utf-32-le", "surrogatepass")
