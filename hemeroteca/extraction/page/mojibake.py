"""Mojibake: text that was read in a wrong encoding, told by what no language writes within a word."""

from __future__ import annotations

import re

MOJIBAKE_AT = 0.05
"""From this share of the characters beyond ASCII on, a text was read wrongly. Of 1,600 right texts none has .04."""
_FEWEST = 3
"""Fewer such places may be a slip of the pen."""

MAX_CHARS = 200_000

_REST = r"[\u0080-\u00bfŒœŠšŸŽž‚-„†-‰‹›€™˜ƒ“”•…–—]"
"""What Windows shows for the second and third bytes of a character in UTF-8."""

_ODD = re.compile(
    r"[\ufffd\u0080-\u009f\ue000-\uf8ff]"  # no character, a control character, one of private use
    r"|(?<=[^\W\d_])[¡-©«¬®-³µ¶¸»-¿‚ƒ„†‡ˆ‰‹›€™˜]+(?=[^\W\d_])"  # a sign within a word
    r"|(?<=[^\W\d_])[\u2500-\u259f]+|[\u2500-\u259f]{1,8}(?=[^\W\d_])"  # a part of a frame beside a letter
    r"|[À-ÖØ-öø-ÿ]{4,}"  # accents alone: Cyrillic, Greek, Thai or Chinese read as Western European
    r"|(?<=[а-яёђ-џґ])[А-ЯЁЂ-ЏҐ]|(?<=[α-ωά-ώ])[Α-Ω]"  # capitals within a word: KOI8 read as Windows' Cyrillic
    r"|(?<=[A-Za-z])[а-яё]|(?<=[а-яё])[A-Za-zÀ-ÿ]"  # two alphabets in a word
    r"|[\uff61-\uff9f]{2,}"  # half-width kana: EUC read as Shift_JIS
    rf"|[×Â-Þ]{_REST}|[à-ï]{_REST}{{2}}"  # UTF-8 read as Western European
)

_BEYOND_ASCII = re.compile(r"[!-~]*[^\x00-\x7f][^\x00-\x20]*")
"""What stands between ASCII's spaces with such a character in it."""


def measure_mojibake(text: str) -> float:
    """Return which share of the characters of *text* beyond ASCII stands as in no language, 0 to 1."""
    start = text[:MAX_CHARS]
    beyond = len(start) - len(start.encode("ascii", "ignore"))
    return min(1.0, _count_odd(start) / beyond) if beyond else 0.0


def measure_legibility(text: str) -> float:
    """Return 1 for a text without mojibake, at most .7 for one with some quotation marks of it, .1 for nothing else."""
    if text.isascii() or measure_mojibake(text) <= MOJIBAKE_AT:
        return 1.0
    start = text[:MAX_CHARS]
    return max(0.1, 0.7 - _count_odd(start) / len(start))


def _count_odd(text: str) -> int:
    words = " ".join(_BEYOND_ASCII.findall(text))  # each pattern has a character beyond ASCII, and no space
    odd = [len(found[0]) for found in _ODD.finditer(words)]
    return sum(odd) if len(odd) >= _FEWEST else 0
