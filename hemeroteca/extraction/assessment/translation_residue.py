"""Translation residue: bracketed fragments that machine translation left in another language than the text."""

from __future__ import annotations

import re

from hemeroteca.extraction.metadata.language import are_different_languages, detect_language

MAX_FRAGMENTS = 50

_BRACKETED = re.compile(r"\[([^\[\]\n]{8,200})\]")
_MIN_CERTAINTY = 0.5


def find_translation_residue(text: str, language: str | None) -> tuple[str, ...]:
    """Return the bracketed fragments of *text* that are not in *language*, brackets included.

    A name or a single word does not tell a language: a fragment needs two words that begin in lower case.
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
    return sure >= _MIN_CERTAINTY and are_different_languages(other, language)
