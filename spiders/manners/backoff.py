"""How long a host in trouble is left alone, and how much longer the delay is for a slow one."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

LONGEST_PAUSE_SECONDS = 24 * 3600.0
QUIET_SECONDS = 30 * 60.0
"""After so long without trouble since its last pause, a host starts with short pauses again."""
MOST_SLOWDOWN = 10.0
_JITTER = 0.25


class Pauses(NamedTuple):
    """*first_seconds* is the pause after the first trouble, doubled by each that follows; *chance* gives 0 to 1."""

    first_seconds: float = 60.0
    chance: Callable[[], float] = random.random

    def seconds(self, strikes: int, asked_seconds: float | None) -> float:
        """Return the pause after the last of *strikes*, up to a quarter longer by chance, a day at most.

        What the host asks for is kept, the first time exactly. If that did not help, the pause doubles too.
        """
        doublings = strikes - 1 if asked_seconds is None else strikes - 2
        own = self.first_seconds * 2.0 ** min(doublings, 32) if doublings >= 0 else 0.0
        own *= 1 + _JITTER * self.chance()
        return min(max(own, asked_seconds or 0.0), LONGEST_PAUSE_SECONDS)


PAUSES = Pauses()


def adapt_distance_seconds(slowed: float, answer_seconds: float, is_good: bool) -> float:
    """Return the distance to keep between requests, as Scrapy's AutoThrottle computes it for one request at a time.

    *slowed* is what it was before. An error, which may come fast, does not make it shorter.
    """
    wanted = max(answer_seconds, (slowed + answer_seconds) / 2)
    return wanted if is_good else max(wanted, slowed)


def read_retry_after(value: str, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date. None when it says neither."""
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def find_next_midnight(now: datetime) -> datetime:
    """Return the next midnight (UTC): when the next night begins."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
