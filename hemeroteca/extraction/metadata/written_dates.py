"""Dates as pages write them: ISO 8601, timestamps, and days in any language, with the clock and zone beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

from hemeroteca.extraction.metadata.date_style import UNKNOWN_STYLE, DateStyle
from hemeroteca.extraction.metadata.written_days import find_days

_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "bst": 60, "wet": 0, "west": 60, "cet": 60, "cest": 120, "mez": 60, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "ist": 330, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "akst": -540, "akdt": -480, "hst": -600, "sast": 120, "wat": 60, "cat": 120, "eat": 180, "pkt": 300, "sgt": 480,
    "hkt": 480, "wib": 420, "wita": 480, "wit": 540, "awst": 480, "acst": 570, "brt": -180,
}  # fmt: skip
"""Minutes from UTC. A name with two meanings has the one that most newspapers mean."""

_OTHER_DIGITS = re.compile(r"(?![0-9])\d")
_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
    r"(?:(?:T|\s+|\s*,\s*)([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)(?:[.,]\d{1,9})?)?\s*(Z|[+-]\d\d:?(?:\d\d)?|"
    r"[A-Z]{3,4})?)?"
    r"(?![\d])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])(?:[:h時时时点點시][\s]?|\.(?=\d\d\s?(?:Uhr|Uhr|h\b)))([0-5]\d)(?::[0-5]\d)?\s*[分분]?\s*"
    r"(a\.?m\.?|p\.?m\.?)?\s*(?:Uhr\s*|h\b)?(\(?(?:UTC|GMT)?[+-]\d\d:?\d\d\)?|\(?[A-Z]{3,4}\)?)?(?![\w:])",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"(?:오후|下午|午後|晚上|晚間)\s?\Z")
_TIMESTAMP = re.compile(r"\A(1[0-9]{9})(\d{3})?\Z")


class WrittenDate(NamedTuple):
    """A day, with clock and offset from UTC where they are written too.

    ``other`` is the day that it is too, where the page does not say how it is to be read: 05/07/2024. ``numeric`` are
    the two days of such numbers, read day first and month first, also where the page says which it is.
    """

    day: date
    clock: time | None = None
    offset: timedelta | None = None
    other: date | None = None
    numeric: tuple[date, date] | None = None

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


def write_plainly(text: str) -> str:
    """Return *text* with ASCII digits, and a space for each mark of direction: as long as it was."""
    if text.isascii():
        return text
    return _MARKS.sub(" ", _OTHER_DIGITS.sub(lambda found: str(int(found[0])), text))


def find_written_dates(text: str, style: DateStyle = UNKNOWN_STYLE) -> Iterator[tuple[int, int, WrittenDate]]:
    """Yield each full date in *text*, with a clock beside it, and where it begins and ends.

    *style* says how 3/4/2024 is read, and 24.05.07, which without a language is no date.
    """
    plain = write_plainly(text)
    stamp = _TIMESTAMP.match(plain.strip())
    if stamp:
        instant = datetime.fromtimestamp(int(stamp[1]), UTC)
        yield 0, len(text), WrittenDate(instant.date(), instant.time().replace(microsecond=0), timedelta())
        return
    found = _find_without_clocks(plain, style)
    ends = [*(begin for begin, _, _ in found[1:]), len(plain)]
    for (begin, end, written), following in zip(found, ends, strict=False):
        if written.clock is None:
            clock, offset = _find_clock_beside(plain[:following], begin, end)
            written = written._replace(clock=clock, offset=offset)
        yield begin, end, written


def _find_without_clocks(text: str, style: DateStyle) -> list[tuple[int, int, WrittenDate]]:
    """Return the dates in order: those of ISO 8601, and the days that do not overlap with them."""
    exact = list(_find_iso(text))
    others = [
        (one.begin, one.end, WrittenDate(one.day, other=one.other, numeric=one.numeric))
        for one in find_days(text, style)
        if all(one.begin >= end or one.end <= begin for begin, end, _ in exact)
    ]
    return sorted([*exact, *others], key=lambda one: one[0])


def parse_written_date(text: str, style: DateStyle = UNKNOWN_STYLE) -> WrittenDate | None:
    """Return the first full date in *text*."""
    plain = _ISO.fullmatch(text.strip())  # as most markup has it
    if plain:
        with suppress(ValueError):
            return _read_iso(plain)
    return next((written for _, _, written in find_written_dates(text[:200], style)), None)


def _find_iso(text: str) -> Iterator[tuple[int, int, WrittenDate]]:
    for match in _ISO.finditer(text):
        with suppress(ValueError):
            yield *match.span(), _read_iso(match)


def _read_iso(match: re.Match[str]) -> WrittenDate:
    """Return the date. Raises ValueError for none."""
    year, month, day, hour, minute, second, zone = match.groups()
    clock = time(int(hour), int(minute), int(second or 0)) if hour else None
    return WrittenDate(date(int(year), int(month), int(day)), clock, _parse_offset(zone))


def _find_clock_beside(text: str, begin: int, end: int) -> tuple[time | None, timedelta | None]:
    """Return the clock directly after a date, or else directly before it."""
    after = _CLOCK.search(text[end : end + 30])
    before = None if after else next(reversed(list(_CLOCK.finditer(text[max(0, begin - 25) : begin]))), None)
    match = after or before
    if match is None:
        return None, None
    hour = int(match[1])
    half = (match[3] or "").lower().replace(".", "")
    if not half and 0 < hour < 12 and _AFTERNOON.search((text[end : end + 30] if after else text)[: match.start()]):
        hour += 12
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
