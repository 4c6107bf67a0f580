"""Names of months, and how dates are ordered, in the languages of CLDR.

``cldr_dates.json`` has what CLDR says, as in Babel 2.18; ``benchmarks/extraction/cldr_export.py`` writes it, and a test
holds it to what Babel has.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

CLDR_FILE = Path(__file__).with_name("cldr_dates.json")

_OTHER_CODES = {"no": "nb", "iw": "he", "in": "id", "tl": "fil", "sh": "sr", "cmn": "zh", "mo": "ro", "ji": "yi"}
"""Codes that pages use, and those that CLDR has."""

_CODES = (
    "en es de fr pt it ru nl pl tr ar fa ja zh ko id vi sv da nb nn fi cs hu ro el bg uk hr sr bs sk sl he th hi bn ca "
    "gl eu et lv lt mk sq be is ga cy mt af sw fil ms ta te ml kn mr gu pa ur ne si my km lo ka hy az kk ky uz tk mn "
    "am so ha yo ig zu ps sd or as yue gd fo fy lb"
)
WIDELY_READ = tuple(_CODES.split())
"""Languages whose names are read on a page of any language, the first before the others."""

_NOT_IN_CLDR = {
    "ar": "5 ايار آيار", "de": "1 jänner 3 mrz", "en": "9 sept", "es": "9 set setiembre", "fr": "2 fev 8 aout",
    "hr": "11 studenog", "id": "2 pebruari 8 agst 11 nopember", "it": "9 sett", "nl": "3 mrt", "sv": "2 feber",
    "sl": (
        "1 januarja 2 februarja 3 marca 4 aprila 5 maja 6 junija 7 julija 8 avgusta 9 septembra 10 oktobra 11 novembra "
        "12 decembra"
    ),
    "sr": (
        "1 јануара januara 2 фебруара februara 3 марта marta 4 априла aprila 5 маја maja 6 јуна juna 7 јула jula "
        "8 августа avgusta 9 септембра septembra 10 октобра oktobra 11 новембра novembra 12 децембра decembra"
    ),
}  # fmt: skip
"""What newspapers write beside what CLDR has: the number of a month, and its names."""

_OTHER_WORDS = "of de del d von m year st nd rd th er o a º ª พศ คศ nam ne n sh hsh میلادی the"
"""What stands within dates beside the words of CLDR."""

_LEAVE_OUT = re.compile(r"[.'’ʼ‘`´\u064b-\u0652\u200c-\u200f\u061c]")
_SPACE_FOR_MARKS = re.compile(r"[\s,;:/()\[\]|–—‑·،、。「」<>\"“”_-]+")


class MonthNames(NamedTuple):
    """The months of one language by their folded names, and the folded words that stand within its dates."""

    months: dict[str, int]
    words: frozenset[str]


@lru_cache(maxsize=8_192)
def fold_name(text: str) -> str:
    """Return *text* in lower case without accents and full stops, its words apart by one space.

    >>> fold_name("Août"), fold_name("7 de  ม.ค.")
    ('aout', '7 de มค')
    """
    plain = text.casefold().replace("ı", "i")
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = unicodedata.normalize("NFC", "".join(one for one in parts if not "\u0300" <= one <= "\u036f"))
    return _SPACE_FOR_MARKS.sub(" ", _LEAVE_OUT.sub("", plain)).strip()


def find_month(name: str, language: str = "") -> int | None:
    """Return the number of the month that the folded *name* is in *language*, else in one that is widely read."""
    own = read_month_names(language)
    return own.months.get(name) if own and name in own.months else _read_all().months.get(name)


def find_other_month(name: str, month: int, language: str = "") -> int | None:
    """Return another month that *name* is too, where *language* does not say which: ``listopad`` is two."""
    own = read_month_names(language)
    return None if own and name in own.months else _list_ambiguous().get(name, {}).get(month)


def is_date_word(word: str, language: str = "") -> bool:
    """Say whether the folded *word* stands between the parts of dates in some language: ``de``, ``of``, ``г``."""
    own = read_month_names(language)
    return word in _read_all().words or bool(own and word in own.words)


@cache
def read_month_names(language: str) -> MonthNames | None:
    """Return the names of *language* (BCP 47), None for one that CLDR does not have."""
    code = language.split("-")[0].lower()
    code = _OTHER_CODES.get(code, code)
    found = _read_file()["languages"].get(code)
    if found is None:
        return None
    months = {name: number for number, names in enumerate(found["months"], start=1) for name in names}
    return MonthNames(_read_others(_NOT_IN_CLDR.get(code, "")) | months, frozenset(found["words"]))


def _read_others(names: str) -> dict[str, int]:
    months: dict[str, int] = {}
    number = 0
    for word in names.split():
        if word.isdigit():
            number = int(word)
        else:
            months[fold_name(word)] = number
    return months


def read_order(locale: str) -> str | None:
    """Return the order of numeric dates in *locale* (``en-GB``): ``dmy``, ``mdy``, ``ymd``; None for one unknown."""
    orders: dict[str, str] = _read_file()["orders"]
    language, *rest = locale.replace("_", "-").split("-")
    language = _OTHER_CODES.get(language.lower(), language.lower())
    parts = [part.title() if len(part) == 4 else part.upper() for part in rest]
    names = ("-".join([language, *parts]), *(f"{language}-{part}" for part in reversed(parts)), language)
    return next((orders[name] for name in names if name in orders), None)


@cache
def _read_all() -> MonthNames:
    """Return the names and words of all languages that are widely read."""
    months: dict[str, int] = {}
    words = set(_OTHER_WORDS.split())
    for language in WIDELY_READ:
        own = read_month_names(language)
        if own:
            months = own.months | months
            words |= own.words
    return MonthNames(months, frozenset(words))


@cache
def _list_ambiguous() -> dict[str, dict[int, int]]:
    """Return the names that are several months, each month with the next language's other one."""
    found: dict[str, list[int]] = {}
    for language in WIDELY_READ:
        own = read_month_names(language)
        for name, number in own.months.items() if own else ():
            if number not in found.setdefault(name, []):
                found[name].append(number)
    return {name: {two[0]: two[1]} for name, two in found.items() if len(two) > 1}


@cache
def _read_file() -> Any:
    return json.loads(CLDR_FILE.read_text(encoding="utf-8"))
