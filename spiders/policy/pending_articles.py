"""Which pending URLs of a source (storage.pending) a crawl takes: those that are due, or waited too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from storage.known import Known, KnownPending
from storage.model.night import Night
from storage.model.source import Source

MOST_DUE = 2000
"""So many pending URLs are drawn a night, or as many as its budget has; the others keep waiting, without a row."""
MOST_EXPIRED = 20_000
"""So many are given up a night because they were put off for too long."""


def find_oldest(source: Source, night: Night) -> Night | None:
    """Return the day before which what is new to the archive is too old for a crawl of *night*; None for any."""
    return None if source.recent_days is None else night - timedelta(days=source.recent_days)


def is_expired(pending: KnownPending, oldest: Night | None) -> bool:
    """Say whether *pending* was put off for so long that it is given up; never what was asked for."""
    return pending.asks == 0 and oldest is not None and pending.born < str(oldest)


def find_due(
    known: Known, source: Source, night: Night, for_nights: tuple[Night, Night] | None = None
) -> Iterator[KnownPending]:
    """Yield what is due on *night*, the never asked for first; in a backfill what one of its nights left."""
    oldest = None if for_nights else find_oldest(source, night)
    return known.find_pending_due(night, oldest, max(source.nightly_budget, MOST_DUE), for_nights)


def find_expired(known: Known, source: Source, night: Night) -> Iterator[KnownPending]:
    """Yield what is given up on *night* without being asked for."""
    oldest = find_oldest(source, night)
    return known.find_expired(oldest, MOST_EXPIRED) if oldest else iter(())


def share_budget(budget: int, new: int, pending: int) -> tuple[int, int]:
    """Return how many *new* and *pending* articles are fetched: at most half are pending while new ones wait."""
    taken = min(new, max(budget - pending, budget - budget // 2))
    return taken, min(pending, budget - taken)
