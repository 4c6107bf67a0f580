"""Whether a text contains a word: in any case, whole, and within a text that is written without spaces.

A word ends where the next character is no letter, digit, mark or underscore: `casa` is in `Casa-Museo`, not in `casas`.
Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese and Tibetan are searched for the characters alone.
"""

from __future__ import annotations

import re
import unicodedata

_WITHIN_WORDS = "LMN"  # general categories: letters, marks, numbers
_JOINERS = "_\u200c\u200d\u00ad"
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
"""Characters of the scripts in which there is nothing, or no space, between words; Korean appends its particles."""


class WordSearch:
    """One word, or several words that follow one another."""

    def __init__(self, words: str) -> None:
        """Raises ValueError when *words* is blank."""
        parts = fold(words).split()
        if not parts:
            raise ValueError("no word")
        self._pattern = re.compile(r"\s+".join(map(re.escape, parts)))

    def is_in(self, *texts: str | None) -> bool:
        """Say whether any of *texts* contains the words."""
        return any(self._is_in(fold(text)) for text in texts if text)

    def _is_in(self, folded: str) -> bool:
        found = self._pattern.search(folded)
        while found:
            start, end = found.span()
            if _is_boundary(folded, start) and _is_boundary(folded, end):
                return True
            found = self._pattern.search(folded, start + 1)
        return False


def fold(text: str) -> str:
    """Return *text* as it is compared: one form for each character (NFKC), without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_boundary(text: str, place: int) -> bool:
    """Say whether a word may begin or end before the character at *place*."""
    if place in (0, len(text)):
        return True
    before, after = text[place - 1], text[place]
    if _WITHOUT_SPACES.match(before) or _WITHOUT_SPACES.match(after):
        return True
    return not (_is_within_words(before) and _is_within_words(after))


def _is_within_words(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character)[0] in _WITHIN_WORDS
