"""Dates as texts write them: every month of CLDR's long dates, other calendars, digits, orders."""

from __future__ import annotations

from datetime import date

import babel.localedata
import pytest
from babel import Locale
from babel.dates import format_date

from benchmarks.extraction.cldr_export import build_cldr_file
from hemeroteca.extraction.metadata.calendars import convert_persian
from hemeroteca.extraction.metadata.date_style import UNKNOWN_STYLE, make_date_style
from hemeroteca.extraction.metadata.month_names import CLDR_FILE, WIDELY_READ, read_month_names, read_order
from hemeroteca.extraction.metadata.written_dates import find_written_dates, parse_written_date

LOCALES = [*WIDELY_READ, "de_AT", "en_GB", "es_MX", "pt_PT", "fr_CA", "sr_Latn", "zh_Hant", "ar_LB", "ar_DZ", "bs_Cyrl"]
UNCLEAR = {"hr"}
"""Without its language, listopad is taken for Polish or Czech."""


def write_dates(locale: str) -> list[tuple[str, date]]:
    babel.localedata._cache.clear()  # az of Babel 2.18 overwrites other locales
    parsed = Locale.parse(locale)
    days = [date(2023, month, 5 + month) for month in range(1, 13)]
    return [(format_date(day, width, parsed), day) for width in ("long", "full") for day in days]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_date_of_every_month_is_read_in_every_language(locale: str) -> None:
    style = make_date_style(locale)
    for text, day in write_dates(locale):
        found = parse_written_date(text, style)
        assert found and (found.day, found.other) == (day, None), text
        assert [one.day for _, _, one in find_written_dates(f"Post: {text} 14:30", style)] == [day], text
        unknown = parse_written_date(text, UNKNOWN_STYLE)
        assert unknown and (locale in UNCLEAR or unknown.day == day), text


def test_the_file_of_month_names_is_what_cldr_has() -> None:
    """When this fails, write it again: python -m benchmarks.extraction.cldr_export. A thousand locales take 4 s."""
    assert CLDR_FILE.read_text(encoding="utf-8") == build_cldr_file()


def test_codes_that_pages_use_are_those_of_cldr_too() -> None:
    assert read_month_names("no") == read_month_names("nb")
    assert read_month_names("tl-PH") == read_month_names("fil")
    assert read_month_names("xx") is None
    assert (read_order("en"), read_order("en_GB"), read_order("zh-Hant-TW"), read_order("xx")) == (
        "mdy", "dmy", "ymd", None,
    )  # fmt: skip


DAY = "2024-05-07"


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("07.05.2024 09:30", "tr"),
        ("7. Mai 2024", "de-AT"),
        ("5/7/2024", "en-US"),
        ("7/5/2024", "en-GB"),
        ("7/5/2024", "fr"),
        ("05/07/2024 9:30 AM EST", "en"),
        ("07/05/24", "es"),
        ("5/7/24", "en-US"),
        ("2024-05-07", "en-US"),
        ("7.5.24", "de"),
        ("24.05.07 14:30", "ko"),
        ("24-05-07 14:30", "zh"),
        ("07.V.2024", ""),
        ("7. V. 2024", "cs"),
        ("7 V 2024 r.", "pl"),
        ("2024. V. 7.", "hu"),
        ("2024/V/7", ""),
        ("24/05/07", "ja"),
        ("24. 05. 07.", "hu"),
        ("2024.05.07.", "hu"),
        ("2024/5/7", ""),
        ("2024-5-7T09:30:00+02:00", ""),
        ("2024年5月7日(火)", "ja"),
        ("二〇二四年五月七日", "zh"),
        ("2024년 5월 7일 오후 2:30", "ko"),
        ("7 tháng 5, 2024", "vi"),
        ("Thứ ba, ngày 7 tháng 5 năm 2024", "vi"),
        ("2024 оны 5-р сарын 7", "mn"),
        ("٢٠٢٤/٠٥/٠٧", "ar"),
        ("٧ مايو ٢٠٢٤", "ar"),
        ("7 أيار/مايو 2024", "ar"),
        ("7‏/5‏/2024", "ar"),
        ("७ मई २०२४", "hi"),
        ("৭ মে ২০২৪", "bn"),
        ("7 MAYIS 2024", "tr"),
        ("7 de mayo de 2024", ""),
        ("le 7 mai 2024 à 9h30", ""),
        ("07-MAY-2024", ""),
        ("7 mai '24", "fr"),
        ("7. svibnja 2024. u 10:15", "hr"),
        # other calendars
        ("۱۸ اردیبهشت ۱۴۰۳ - ۱۲:۳۰", "fa"),
        ("18 اردیبهشت 1403", ""),
        ("۱۴۰۳/۰۲/۱۸", "fa"),
        ("۱۴۰۳-۰۲-۱۸T۱۲:۳۰:۰۰", "fa"),
        ("۱۸ ثور ۱۴۰۳", "fa-AF"),
        ("7 พฤษภาคม 2567", "th"),
        ("7 พ.ค. 2567 14:30 น.", ""),
        ("7 พฤษภาคม พ.ศ. 2567", "th"),
        ("7 พ.ค. 67", "th"),
        ("07/05/2567", "th"),
        ("令和6年5月7日", ""),
        ("R6.05.07", "ja"),
        ("R6年5月7日", "ja"),
        ("民國113年5月7日", ""),
        ("113/05/07", "zh-TW"),
        ("113-05-07", "zh-Hant-TW"),
    ],
)
def test_a_day_is_read_as_its_language_writes_it(text: str, locale: str) -> None:
    found = parse_written_date(text, make_date_style(locale))
    assert found and (found.day.isoformat(), found.other) == (DAY, None)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("24.05.07", ""),
        ("1445/10/28", "ar"),
        ("28 شوال 1445", "ar"),
        ("1403/02/18", "en"),
        ("R6.05.07", "en"),
        ("113/05/07", "zh-CN"),
        ("7 V 2024", "en"),
        ("31.II.2024", "pl"),
        ("7.XIII.2024", "pl"),
        ("5 people in May 2020", "en"),
        ("12 2024 march", "en"),
        ("in 2020, 7 people died in May", "en"),
        ("2 hours ago", "en"),
        ("31 февраля 2024", "ru"),
        ("令和99年99月99日", "ja"),
        ("5 " * 200, "en"),
        ("2024 a " * 40, "en"),
    ],
)
def test_what_is_no_full_date_of_the_language_is_none(text: str, locale: str) -> None:
    assert parse_written_date(text, make_date_style(locale)) is None


@pytest.mark.parametrize(
    ("text", "locale", "day", "other"),
    [
        ("05/07/2024", "", "2024-07-05", DAY),
        ("05/07/2024", "en", DAY, "2024-07-05"),
        ("5 listopada 2023", "", "2023-11-05", "2023-10-05"),
        ("5 listopada 2023", "pl", "2023-11-05", None),
        ("05.07.2024", "", "2024-07-05", None),
        ("5/7/24", "en", DAY, "2024-07-05"),
        ("5/13/24", "en", "2024-05-13", None),
        ("25/07/2024", "", "2024-07-25", None),
    ],
)
def test_a_date_of_two_readings_has_both(text: str, locale: str, day: str, other: str | None) -> None:
    found = parse_written_date(text, make_date_style(locale))
    assert found and (found.day.isoformat(), found.other and found.other.isoformat()) == (day, other)


def test_each_of_two_dates_has_its_own_clock() -> None:
    found = list(find_written_dates("Nov. 5, 2019 Updated: Nov. 6, 2019 9:37 a.m.", make_date_style("en-US")))
    assert [(one.day.day, one.clock is not None) for _, _, one in found] == [(5, False), (6, True)]


@pytest.mark.parametrize(
    ("year", "month", "day", "iso"),
    [
        (1403, 1, 1, "2024-03-20"), (1403, 12, 30, "2025-03-20"), (1399, 12, 30, "2021-03-20"),
        (1400, 1, 1, "2021-03-21"), (1379, 10, 12, "2001-01-01"), (1348, 10, 11, "1970-01-01"),
    ],
)  # fmt: skip
def test_persian_days_are_those_of_the_almanac(year: int, month: int, day: int, iso: str) -> None:
    assert convert_persian(year, month, day).isoformat() == iso


def test_a_persian_day_that_is_none_is_refused() -> None:
    for month, day in ((13, 1), (7, 31), (1, 32), (0, 1)):
        with pytest.raises(ValueError):
            convert_persian(1403, month, day)
