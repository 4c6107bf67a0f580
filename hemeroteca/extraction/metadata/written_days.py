"""Days as texts write them: in numbers, or with the name of a month, in the languages and calendars of newspapers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from hemeroteca.extraction.metadata.calendars import (
    BUDDHIST_YEARS,
    PERSIAN_YEARS,
    convert_buddhist,
    convert_era,
    convert_minguo,
    convert_persian,
    find_persian_month,
)
from hemeroteca.extraction.metadata.date_style import DateStyle
from hemeroteca.extraction.metadata.month_names import find_month, find_other_month, fold_name, is_date_word

_AMERICAN_ZONE = re.compile(r"\b(?:E|C|M|P|AK|H)[SD]?T\b")
_YEAR = r"(?:1[34]\d\d|19\d\d|20\d\d|2[4-6]\d\d)"
_DAY_TEXT_YEAR = re.compile(rf"(?<!\d)(\d{{1,2}})([^\d\n]{{1,40}}?)({_YEAR})(?!\d)")
_YEAR_TEXT_DAY = re.compile(rf"(?<!\d)({_YEAR})([^\d\n]{{1,40}}?)(\d{{1,2}})(?!\d|:\d)")
_DAY_TEXT_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2})([^\d\n/:]{3,20}?)['’]?(\d\d)(?![\d:.])")
_WORDS_BEFORE = re.compile(r"[^\d\n]{2,40}\Z")
_WORDS_AFTER = re.compile(r"[^\d\n]{2,40}")
_NUMBERED_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})[\s,/-]*(?:tháng|thg|th)\.?\s*(\d{1,2})[\s,/-]*(?:năm\s*)?((?:19|20)\d\d)(?!\d)", re.IGNORECASE
)
"""Vietnamese months are numbers."""

_NUMBERED_MONGOLIAN = re.compile(r"((?:19|20)\d\d)\s*оны\s*(\d{1,2})\s*-?\s*р\s*сарын\s*(\d{1,2})")
_YEAR_FIRST = re.compile(rf"(?<!\d)({_YEAR})\s?[年년./-]\s?(\d{{1,2}})\s?[月월./-]\s?(\d{{1,2}})(?:\s?[日일]|T|(?!\d))")
_NUMBERS = re.compile(rf"(?<![A-Za-z\d.,/-])(\d{{1,2}})\s?([./-])\s?(\d{{1,2}})\s?\2\s?({_YEAR}|\d\d)(?![\d])")
_ERA = re.compile(r"(令和|平成|昭和|大正|明治)\s?(元|\d{1,2})\s?[年./-]\s?(\d{1,2})\s?[月./-]\s?(\d{1,2})\s?日?")
_ERA_LETTER = re.compile(
    r"(?<![A-Za-z])([RHSTM])\.?\s?(\d{1,2})\s?[年./-]\s?(\d{1,2})\s?[月./-]\s?(\d{1,2})(?!\d)\s?日?"
)
_MINGUO = re.compile(r"(?:民國|民国)\s?(\d{2,3})\s?[年./-]\s?(\d{1,2})\s?[月./-]\s?(\d{1,2})\s?日?")
_MINGUO_BARE = re.compile(r"(?<![\d./-])(1[0-4]\d)[./年-](\d{1,2})[./月-](\d{1,2})(?![\d./-])日?")
_ROMAN = r"(I{1,3}|IV|VI{0,3}|IX|XI{0,2})"
_DAY_ROMAN_YEAR = re.compile(rf"(?<![\w.,/-])(\d{{1,2}})([./-]\s?|\s){_ROMAN}(?:[./-]\s?|\s)((?:19|20)\d\d)(?!\d)")
_YEAR_ROMAN_DAY = re.compile(rf"(?<![\w.,/-])((?:19|20)\d\d)([./-]\s?|\s){_ROMAN}(?:[./-]\s?|\s)(\d{{1,2}})(?!\d)")
_ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN_LANGUAGES = frozenset(
    {"pl", "hu", "ro", "cs", "sk", "sl", "hr", "sr", "bs", "bg", "lt", "lv", "et", "uk", "ru", "it"}
)
"""Where months are written in Roman numerals with nothing but spaces beside them; with full stops they are anywhere."""

_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_HAN_DIGITS = {**{sign: number for number, sign in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0}
_TWO_DIGIT_PIVOT = 70
"""A year of two digits from this on is of the 20th century."""


class FoundDay(NamedTuple):
    """A day in a text, and where it begins and ends; ``other`` and ``numeric`` are those of ``WrittenDate``."""

    begin: int
    end: int
    day: date
    other: date | None = None
    numeric: tuple[date, date] | None = None


def find_days(text: str, style: DateStyle) -> list[FoundDay]:
    """Return the days in *text* in order; of two that overlap, the one whose pattern says more."""
    found: list[FoundDay] = []
    for finder in (_find_of_eras, _find_numbered_months, _find_roman, _find_named, _find_numeric):
        for one in finder(text, style):
            if all(one.begin >= other.end or one.end <= other.begin for other in found):
                found.append(one)
    return sorted(found)


def _find_of_eras(text: str, style: DateStyle) -> Iterator[FoundDay]:
    """Yield days of East Asian eras, and those in Chinese numerals."""
    is_taiwan = "TW" in style.locale.upper()
    if text.isascii() and style.language != "ja" and not is_taiwan:
        return
    for era in [_ERA, _ERA_LETTER] if style.language == "ja" else [_ERA]:
        for match in era.finditer(text):
            with suppress(ValueError):
                yield FoundDay(*match.span(), convert_era(match[1], match[2], int(match[3]), int(match[4])))
    for minguo in [_MINGUO, _MINGUO_BARE] if is_taiwan else [_MINGUO]:
        for match in minguo.finditer(text):
            with suppress(ValueError):
                yield FoundDay(*match.span(), convert_minguo(int(match[1]), int(match[2]), int(match[3])))
    for match in _HAN_DATE.finditer(text):
        with suppress(ValueError):
            year, month, day = map(_read_han, match.groups())
            yield FoundDay(*match.span(), date(year, month, day))


def _read_han(numerals: str) -> int:
    """Return the number: digits one by one, or with 十 for ten."""
    if "十" not in numerals:
        return int("".join(str(_HAN_DIGITS[sign]) for sign in numerals))
    tens, _, ones = numerals.partition("十")
    return 10 * (_HAN_DIGITS[tens] if tens else 1) + (_HAN_DIGITS[ones] if ones else 0)


def _find_numbered_months(text: str, style: DateStyle) -> Iterator[FoundDay]:
    for match in _NUMBERED_MONTH.finditer(text) if not text.isascii() or "th" in text.lower() else ():
        with suppress(ValueError):
            yield FoundDay(*match.span(), date(int(match[3]), int(match[2]), int(match[1])))
    for match in _NUMBERED_MONGOLIAN.finditer(text):
        with suppress(ValueError):
            yield FoundDay(*match.span(), date(int(match[1]), int(match[2]), int(match[3])))


def _find_roman(text: str, style: DateStyle) -> Iterator[FoundDay]:
    """Yield days whose month is a Roman numeral: ``12.IV.2024``, ``12 IV 2024``, ``2024. IV. 12.``"""
    for pattern, year, day in ((_DAY_ROMAN_YEAR, 4, 1), (_YEAR_ROMAN_DAY, 1, 4)):
        for match in pattern.finditer(text):
            if match[2].isspace() and style.language not in _ROMAN_LANGUAGES:
                continue
            with suppress(ValueError):
                yield FoundDay(
                    *match.span(), date(int(match[year]), _ROMAN_MONTHS.index(match[3]) + 1, int(match[day]))
                )


def _find_named(text: str, style: DateStyle) -> Iterator[FoundDay]:
    """Yield days whose month has a name: the words between two numbers, or beside them, are nothing but the name."""
    for match in _DAY_TEXT_YEAR.finditer(text):
        yield from _read_named(text, match, style, (match[3], match[1]))
    for match in _YEAR_TEXT_DAY.finditer(text):
        yield from _read_named(text, match, style, (match[1], match[3]))
    for match in _DAY_TEXT_SHORT_YEAR.finditer(text) if style.language else ():
        name = _cut_words(match[2], style)
        if len(name) > 1:
            year = _widen_year(int(match[3]), style)
            yield from _make_named(match.span(), (str(year), match[1]), name, style)


def _read_named(text: str, match: re.Match[str], style: DateStyle, year_and_day: tuple[str, str]) -> Iterator[FoundDay]:
    """Yield the day of two numbers with the month between them; else before the day, or after it."""
    name = _cut_words(match[2], style)
    begin, end = match.span()
    if not name and not _strip_words(match[2], style):
        if year_and_day[0] == match[1]:
            after = _WORDS_AFTER.match(text[end:])
            name = _find_name_at_start(after[0], style) if after else ""
            end += 1
        else:
            before = _WORDS_BEFORE.search(text[:begin])
            name, at = _find_name_at_end(before[0], style) if before else ("", 0)
            begin = before.start() + at if before else begin
    if name:
        yield from _make_named((begin, end), year_and_day, name, style)


def _make_named(
    place: tuple[int, int], year_and_day: tuple[str, str], name: str, style: DateStyle
) -> Iterator[FoundDay]:
    year, day = map(int, year_and_day)
    persian, month = find_persian_month(name), find_month(name, style.language)
    with suppress(ValueError):
        if persian and year in PERSIAN_YEARS:
            yield FoundDay(*place, convert_persian(year, persian, day))
        elif month and year in BUDDHIST_YEARS:
            yield FoundDay(*place, convert_buddhist(year, month, day))
        elif month and 1900 <= year < 2100:
            second = find_other_month(name, month, style.language)
            yield FoundDay(*place, date(year, month, day), date(year, second, day) if second else None)


def _is_month(name: str, style: DateStyle) -> bool:
    return bool(name) and (find_month(name, style.language) or find_persian_month(name)) is not None


def _cut_words(text: str, style: DateStyle) -> str:
    """Return the month's name that *text* is but for words of dates around it, else an empty string."""
    words = fold_name(text).split()
    for begin in range(min(len(words), 4)):
        for end in range(len(words), max(begin, len(words) - 4), -1):
            if all(is_date_word(word, style.language) for word in words[:begin] + words[end:]):
                name = " ".join(words[begin:end])
                if _is_month(name, style):
                    return name
    months = {find_month(word, style.language) for word in words}  # أيار/مايو
    return words[0] if len(words) == 2 and len(months) == 1 and None not in months else ""


def _strip_words(text: str, style: DateStyle) -> str:
    """Return *text* without words of dates."""
    return " ".join(word for word in fold_name(text).split() if not is_date_word(word, style.language))


def _find_name_at_end(text: str, style: DateStyle) -> tuple[str, int]:
    """Return the month's name that *text* ends with, and where about it begins."""
    words = fold_name(text).split()
    while words and is_date_word(words[-1], style.language) and not _is_month(words[-1], style):
        words.pop()
    for count in (3, 2, 1):
        name = " ".join(words[-count:])
        if len(words) >= count and _is_month(name, style):
            return name, max(0, len(text) - len(name) - 2)
    return "", 0


def _find_name_at_start(text: str, style: DateStyle) -> str:
    words = fold_name(text).split()
    while words and is_date_word(words[0], style.language) and not _is_month(words[0], style):
        words.pop(0)
    return next((name for count in (3, 2, 1) if _is_month(name := " ".join(words[:count]), style)), "")


def _find_numeric(text: str, style: DateStyle) -> Iterator[FoundDay]:
    for match in _YEAR_FIRST.finditer(text):
        with suppress(ValueError):
            when = _convert_numeric(int(match[1]), int(match[2]), int(match[3]), style)
            if when:
                yield FoundDay(*match.span(), when)
    for match in _NUMBERS.finditer(text):
        with suppress(ValueError):
            if len(match[4]) == 2:
                yield from _read_two_digits(match, style)
            else:
                yield from _read_year_last(match, style)


def _read_year_last(match: re.Match[str], style: DateStyle) -> Iterator[FoundDay]:
    one, second, year = int(match[1]), int(match[3]), int(match[4])
    is_day_first, is_open = _choose_order(one, second, match, style)
    day, month = (one, second) if is_day_first else (second, one)
    when = _convert_numeric(year, month, day, style)
    if when:
        swapped = _convert_numeric(year, day, month, style) if day <= 12 and day != month else None
        yield _make_numeric(match, when, swapped, is_day_first, is_open)


def _make_numeric(match: re.Match[str], day: date, swapped: date | None, is_day_first: bool, is_open: bool) -> FoundDay:
    if swapped is None:
        return FoundDay(*match.span(), day)
    return FoundDay(
        *match.span(), day, swapped if is_open else None, (day, swapped) if is_day_first else (swapped, day)
    )


def _choose_order(one: int, second: int, match: re.Match[str], style: DateStyle) -> tuple[bool, bool]:
    """Return whether the first number is the day, and whether it could be the other way round."""
    if one > 12 or second > 12:
        return second <= 12, False
    is_open = match[2] == "/" and not style.sure
    if is_open and style.language in ("", "en") and _AMERICAN_ZONE.search(match.string):
        return False, False
    return not style.is_month_first or match[2] == ".", is_open


def _convert_numeric(year: int, month: int, day: int, style: DateStyle) -> date | None:
    """Return the day, of another calendar only where the language has it. Raises ValueError for none."""
    if year in PERSIAN_YEARS:
        return convert_persian(year, month, day) if style.language in ("fa", "ps", "ckb") else None
    if year in BUDDHIST_YEARS:
        return convert_buddhist(year, month, day) if style.language == "th" else None
    return date(year, month, day)


def _read_two_digits(match: re.Match[str], style: DateStyle) -> Iterator[FoundDay]:
    """Yield the day of a year of two digits, in the order of its language. Raises ValueError for none."""
    if not style.language:
        return
    values = dict(zip(style.order, (int(match[1]), int(match[3]), int(match[4])), strict=True))
    month, day, year = values["m"], values["d"], _widen_year(values["y"], style)
    if month > 12:
        month, day = day, month
    swapped = date(year, day, month) if day <= 12 and day != month and style.order != "ymd" else None
    is_open = match[2] == "/" and not style.sure
    yield _make_numeric(match, date(year, month, day), swapped, style.order == "dmy", is_open)


def _widen_year(year: int, style: DateStyle) -> int:
    """Return the year of two digits in full; in Thai that of the Buddhist era where that is of our time."""
    if style.language == "th" and year >= 40:
        return 2500 + year - 543
    return year + (2000 if year < _TWO_DIGIT_PIVOT else 1900)
