"""Dates as pages write them: ISO 8601, mail dates, timestamps, and days in the languages of newspapers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

_MONTH_NAMES = (
    "january jan januar jänner jän janvier janv janeiro jan. enero ene gennaio gen januari janv. styczeń stycznia "
    "leden ledna "
    "январь января янв січня ocak tammikuu tammikuuta január ianuarie ιανουαρίου siječnja januara januar. gener "
    "xaneiro tháng-1",
    "february feb februar feber février févr fév fevereiro fev febrero febbraio februari luty lutego únor února "
    "февраль февраля "
    "фев лютого şubat helmikuu helmikuuta február februarie φεβρουαρίου veljače februara febr febrer febreiro tháng-2",
    "march mar märz mrz mär mars março marzo maart mrt marzec marca březen března март марта мар березня mart "
    "maaliskuu "
    "maaliskuuta március martie μαρτίου ožujka marta març tháng-3",
    "april apr avril avr abril abr aprile kwiecień kwietnia duben dubna апрель апреля апр квітня nisan huhtikuu "
    "huhtikuuta "
    "április aprilie απριλίου travnja aprila tháng-4",
    "may mai mayo maggio mag maio mei maj maja květen května май мая травня mayıs toukokuu toukokuuta május μαΐου "
    "svibnja "
    "maí maig tháng-5",
    "june jun juni juin junho junio giugno giu czerwiec czerwca červen června июнь июня июн червня haziran kesäkuu "
    "kesäkuuta "
    "június iunie ιουνίου lipnja juna juny xuño tháng-6",
    "july jul juli juillet juil julho julio luglio lug lipiec lipca červenec července июль июля июл липня temmuz "
    "heinäkuu "
    "heinäkuuta július iulie ιουλίου srpnja jula juliol xullo tháng-7",
    "august aug août aout agosto ago augustus augusti sierpień sierpnia srpen srpna август августа авг серпня "
    "ağustos elokuu "
    "elokuuta augusztus αυγούστου kolovoza avgusta agost tháng-8",
    "september sep sept septembre setembro set septiembre settembre wrzesień września září сентябрь сентября сен "
    "вересня eylül "
    "syyskuu syyskuuta szeptember septembrie σεπτεμβρίου rujna septembra setembre tháng-9",
    "october oct oktober okt octobre outubro out octubre ottobre ott październik października říjen října октябрь "
    "октября окт "
    "жовтня ekim lokakuu lokakuuta október octombrie οκτωβρίου listopada-hr oktobra octubre outubro tháng-10",
    "november nov novembre novembro noviembre listopad listopada ноябрь ноября ноя листопада kasım marraskuu "
    "marraskuuta "
    "noiembrie νοεμβρίου studenoga studenog novembra tháng-11",
    "december dec dezember dez décembre déc dezembro diciembre dic dicembre grudzień grudnia prosinec prosince "
    "декабрь декабря "
    "дек грудня aralık joulukuu joulukuuta decembrie δεκεμβρίου prosinca decembra desembre desember des decembro "
    "tháng-12",
)
MONTHS = {
    name.removesuffix("-hr").replace("tháng-", "tháng ").rstrip("."): number
    for number, names in enumerate(_MONTH_NAMES, start=1)
    for name in names.split()
}
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "bst": 60, "wet": 0, "west": 60, "cet": 60, "cest": 120, "mez": 60, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "ist": 330, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
"""Minutes from UTC. A name with two meanings has the one that most newspapers mean."""

_NAME = "|".join(sorted((re.escape(name) for name in MONTHS), key=len, reverse=True))
_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
    r"(?:(?:T|\s+|\s*,\s*)([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)(?:[.,]\d{1,9})?)?\s*(Z|[+-]\d\d:?(?:\d\d)?|"
    r"[A-Z]{3,4})?)?"
    r"(?![\d])",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)([0-3]?\d)(?:st|nd|rd|th|er|º|ª|\.|\.º)?[\s\-./]*(?:de\s+|of\s+|d['’])?({_NAME})\.?,?[\s\-./]*(?:de\s+|"
    rf"del\s+|,\s*)?((?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)({_NAME})\.?[\s\-]*([0-3]?\d)(?:st|nd|rd|th)?\s*,?[\s\-]*((?:19|20)\d\d)(?!\d)", re.IGNORECASE
)
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[年년./]\s?(\d{1,2})\s?[月월./]\s?(\d{1,2})(?:\s?[日일]|(?!\d))")
_NUMBERS = re.compile(r"(?<![\d.,/-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)\d\d|\d\d)(?![\d])")
_CLOCK = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])(?:[:h時시][\s]?|\.(?=\d\d\s?(?:Uhr|Uhr|h\b)))([0-5]\d)(?::[0-5]\d)?\s*[分분]?\s*"
    r"(a\.?m\.?|p\.?m\.?)?\s*(?:Uhr\s*)?(\(?(?:UTC|GMT)?[+-]\d\d:?\d\d\)?|\(?[A-Z]{3,4}\)?)?(?![\w:])",
    re.IGNORECASE,
)
_TIMESTAMP = re.compile(r"\A(1[0-9]{9})(\d{3})?\Z")


class WrittenDate(NamedTuple):
    """A day, with clock and offset from UTC where they are written too."""

    day: date
    clock: time | None = None
    offset: timedelta | None = None

    @property
    def precision(self) -> int:
        """0 for a day, 1 with a clock, 2 with its zone."""
        return 0 if self.clock is None else 1 if self.offset is None else 2

    def format_iso(self) -> str:
        """Return it as ISO 8601, with a clock only where the zone is known."""
        if self.clock is None or self.offset is None:
            return self.day.isoformat()
        return self.to_aware().isoformat().replace("+00:00", "Z")

    def to_aware(self) -> datetime:
        """Return the time with its zone; an unknown clock is midnight, an unknown zone UTC."""
        zone = timezone(self.offset) if self.offset is not None else UTC
        return datetime.combine(self.day, self.clock or time(), zone)


def find_written_dates(text: str, day_first: bool = True) -> Iterator[tuple[int, int, WrittenDate]]:
    """Yield each full date in *text*, with a clock beside it, and where it begins and ends.

    *day_first* says how 3/4/2024 is read.
    """
    stamp = _TIMESTAMP.match(text.strip())
    if stamp:
        instant = datetime.fromtimestamp(int(stamp[1]), UTC)
        yield 0, len(text), WrittenDate(instant.date(), instant.time().replace(microsecond=0), timedelta())
        return
    for begin, end, day, clock, offset in _find_days(text, day_first):
        if clock is None:
            clock, offset = _find_clock_beside(text, begin, end)
        yield begin, end, WrittenDate(day, clock, offset)


def parse_written_date(text: str, day_first: bool = True) -> WrittenDate | None:
    """Return the first full date in *text*."""
    plain = _ISO.fullmatch(text.strip())  # as most markup has it
    if plain:
        year, month, day, hour, minute, second, zone = plain.groups()
        with suppress(ValueError):
            clock = time(int(hour), int(minute), int(second or 0)) if hour else None
            return WrittenDate(date(int(year), int(month), int(day)), clock, _parse_offset(zone))
    return next((written for _, _, written in find_written_dates(text[:200], day_first)), None)


_FoundDay = tuple[int, int, date, time | None, timedelta | None]


def _find_days(text: str, day_first: bool) -> Iterator[_FoundDay]:
    found: list[_FoundDay] = []
    for match in _ISO.finditer(text):
        year, month, day, hour, minute, second, zone = match.groups()
        clock = time(int(hour), int(minute), int(second or 0)) if hour else None
        _add_day(found, match, (year, month, day), clock, _parse_offset(zone))
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2)), (_YEAR_FIRST, (1, 2, 3))):
        for match in pattern.finditer(text):
            _add_day(found, match, tuple(match[place] for place in order), None, None)
    for match in _NUMBERS.finditer(text):
        one, mark, other, year = match.groups()
        swap = int(one) <= 12 and (int(other) > 12 or (mark == "/" and not day_first))
        day, month = (other, one) if swap else (one, other)
        _add_day(found, match, (year if len(year) == 4 else f"20{year}", month, day), None, None)
    yield from sorted(found)


def _add_day(
    found: list[_FoundDay],
    match: re.Match[str],
    parts: tuple[str, ...],
    clock: time | None,
    offset: timedelta | None,
) -> None:
    year, month, day = parts
    try:
        when = date(int(year), MONTHS.get(month.lower()) or int(month), int(day))
    except ValueError:
        return
    if all(match.end() <= one[0] or match.start() >= one[1] for one in found):
        found.append((match.start(), match.end(), when, clock, offset))


def _find_clock_beside(text: str, begin: int, end: int) -> tuple[time | None, timedelta | None]:
    """Return the clock directly after a date, or else directly before it."""
    after = _CLOCK.search(text[end : end + 30])
    before = None if after else next(reversed(list(_CLOCK.finditer(text[max(0, begin - 25) : begin]))), None)
    match = after or before
    if match is None:
        return None, None
    hour = int(match[1])
    half = (match[3] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None, None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(match[2])), _parse_offset(match[4])


def _parse_offset(zone: str | None) -> timedelta | None:
    name = (zone or "").strip("() ").lower()
    if not name:
        return None
    if name in _ZONES:
        return timedelta(minutes=_ZONES[name])
    numbers = re.fullmatch(r"(?:utc|gmt)?([+-])(\d\d):?(\d\d)?", name)
    if not numbers:
        return None
    minutes = int(numbers[2]) * 60 + int(numbers[3] or 0)
    return timedelta(minutes=minutes if numbers[1] == "+" else -minutes) if minutes < 24 * 60 else None
