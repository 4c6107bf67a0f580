"""Days of other calendars than the Gregorian, as newspapers write them: Persian, Buddhist, Japanese eras, Minguo.

Islamic and Hebrew dates are not converted. Newspapers that print them print the Gregorian one too, and an Islamic month
begins on another day in Riyadh, Rabat and Islamabad, so that a conversion would often be a day off.
"""

from __future__ import annotations

from datetime import date

from hemeroteca.extraction.metadata.month_names import fold_name

BUDDHIST_YEARS = range(2400, 2700)
PERSIAN_YEARS = range(1300, 1500)

_BUDDHIST = 543
_MINGUO = 1911
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERAS |= {"r": 2018, "h": 1988, "s": 1925, "t": 1911, "m": 1867}
_PERSIAN_MONTHS = {
    fold_name(name): number
    for number, names in enumerate(
        (
            "فروردین حمل وری farvardin", "اردیبهشت ثور غویی ordibehesht", "خرداد جوزا غبرگولی khordad",
            "تیر سرطان چنگاښ tir", "مرداد امرداد اسد زمری mordad", "شهریور سنبله وږی shahrivar",
            "مهر میزان تله mehr", "آبان عقرب لړم aban", "آذر قوس لیندۍ azar", "دی جدی مرغومی dey",
            "بهمن دلو سلواغه bahman", "اسفند حوت کب esfand",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
"""Iran's names, and those of Afghanistan in Dari and Pashto, of the same solar year."""


def find_persian_month(name: str) -> int | None:
    """Return the number of the month that the folded *name* is in the Persian calendar."""
    return _PERSIAN_MONTHS.get(name)


def convert_persian(year: int, month: int, day: int) -> date:
    """Return the day of the Persian (solar Hijri) calendar. Raises ValueError for none.

    The leap years are those of a cycle of 33 years, which is right from 1799 to 2256.

    >>> convert_persian(1403, 2, 18)
    datetime.date(2024, 5, 7)
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError(f"no day of the Persian calendar: {year}-{month}-{day}")
    since = year + 1595
    before = (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(365 * since + since // 33 * 8 + (since % 33 + 3) // 4 + before + day - 355_668 - 366 + 1)


def convert_buddhist(year: int, month: int, day: int) -> date:
    """Return the day of a year of the Buddhist era, as Thailand counts it. Raises ValueError for none."""
    return date(year - _BUDDHIST, month, day)


def convert_era(era: str, year: str, month: int, day: int) -> date:
    """Return the day of a year of a Japanese era; ``元`` is its first. Raises ValueError for none."""
    return date(_ERAS[era.lower()] + (1 if year == "元" else int(year)), month, day)


def convert_minguo(year: int, month: int, day: int) -> date:
    """Return the day of a year of the Republic of China. Raises ValueError for none."""
    return date(_MINGUO + year, month, day)
