"""Backfills: which articles belong to the requested nights, and which pages may list them.

An article belongs to the day in its address, else to the day that a discovery gives it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from storage.captures.exchange import ExchangeFacts

_DATED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[/_.-]|&?m+(?:onth)?=)?(0[1-9]|1[0-2])"
    r"(?:(?:[/_.-]|&?d+(?:ay)?=)?(0[1-9]|[12]\d|3[01]))?(?!\d)",
    re.IGNORECASE,
)


class NightRange(NamedTuple):
    """From the first to the last night, both included."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def days(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


def belongs_to(nights: NightRange, url: str, facts: ExchangeFacts) -> bool:
    """Say whether an article belongs to *nights*; for any other document, whether it may list one that does."""
    dates = find_dates(url)
    if facts.purpose != "article":
        stale = facts.announced is not None and facts.announced.date() < nights.first
        return not stale and (dates is None or (dates.first <= nights.last and nights.first <= dates.last))
    if dates and dates.first == dates.last:
        return dates.first in nights
    return facts.announced is not None and facts.announced.date() in nights


def find_dates(url: str) -> NightRange | None:
    """Return the last day or month in *url*, as its first and last day; None when there is none."""
    found = [match for match in _DATED.finditer(url) if _is_day(match)]
    if not found:
        return None
    year, month = int(found[-1][1]), int(found[-1][2])
    if day := found[-1][3]:
        return NightRange(date(year, month, int(day)), date(year, month, int(day)))
    return NightRange(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def make_archive_url(address: str, night: date) -> str:
    """Return the address of the archive page of *night*, as the card's placeholders say."""
    return address.replace("{yyyy}", f"{night:%Y}").replace("{mm}", f"{night:%m}").replace("{dd}", f"{night:%d}")


def _is_day(match: re.Match[str]) -> bool:
    return not match[3] or int(match[3]) <= monthrange(int(match[1]), int(match[2]))[1]
