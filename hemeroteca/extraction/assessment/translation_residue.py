"""What machine translation leaves: bracketed fragments in another language than the text around them."""

from __future__ import annotations

import re

from hemeroteca.extraction.metadata.language import are_different_languages, detect_language

MAX_FRAGMENTS = 50

_BRACKETED = re.compile(r"\[([^\[\]\n]{8,200})\]")
_SURE = 0.5


def find_translation_residue(text: str, language: str | None) -> tuple[str, ...]:
    """Return the bracketed fragments of *text* that are in another language than *language*, brackets included.

    Names say nothing of a language, nor does one word: at least two words, not all in capitals, are needed.
    """
    found = []
    for match in _BRACKETED.finditer(text):
        words = [word for word in match[1].split() if word.isalpha()]
        if language and sum(word[0].islower() for word in words) >= 2 and _is_foreign(match[1], language):
            found.append(match[0])
            if len(found) == MAX_FRAGMENTS:
                break
    return tuple(dict.fromkeys(found))


def _is_foreign(fragment: str, language: str) -> bool:
    other, sure = detect_language(fragment, least=8)
    return sure >= _SURE and are_different_languages(other, language)
