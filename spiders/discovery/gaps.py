"""Gaps: times in which a source may have announced articles that no crawl saw.

There is one when a discovery that lists only the newest articles (a feed) no longer reaches back to one that the
archive holds: entries may have come and gone since it was last read. What is pinned above newer entries, and what has
no date among dated ones, says nothing of how far back a feed reaches.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from spiders.discovery.entries import Entry
from storage.known import Known, read_moment
from storage.model.crawl import Gap
from storage.model.source import DISCOVERY_TRAITS, ReadKind

_UNDATED = datetime.max.replace(tzinfo=UTC)


class Gaps:
    """The gaps that the discoveries of one crawl show; *known* is what the archive holds of the source."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._open: list[Gap] = []
        self._bridges: list[datetime] = []

    def note_document(self, url: str, kind: ReadKind, articles: Sequence[Entry]) -> None:
        """Note which of the source's *articles* the document at *url* announces."""
        traits = DISCOVERY_TRAITS[kind]
        placed = find_placed(articles) if traits.can_have_gap else articles
        dates = [one.announced for one in placed if one.announced]
        if self._reaches_back(placed) if traits.can_have_gap else self._has_known(placed):
            if traits.bridges_gaps:
                self._bridges.append(max(dates, default=_UNDATED))
            return
        last = self._known.find(url)
        if not traits.can_have_gap or last is None or not placed:
            return
        since, oldest = read_moment(last.last_fetched or last.date), min(dates, default=None)
        if oldest is None or oldest > since:
            self._open.append(Gap(url=url, since=since, until=oldest))

    def _has_known(self, articles: Sequence[Entry]) -> bool:
        return any(self._known.find(one.url) for one in articles)

    def _reaches_back(self, placed: Sequence[Entry]) -> bool:
        """Say whether no unknown article is older than all known ones: those may have been given a new date."""
        known: list[datetime] = []
        unknown: list[datetime] = []
        for one in placed:
            (known if self._known.find(one.url) else unknown).append(one.announced or _UNDATED)
        return bool(known) and min(known) <= min(unknown, default=_UNDATED)

    def find_open(self) -> tuple[Gap, ...]:
        """Return the gaps that no other document bridges by listing known articles and newer ones."""
        return tuple(gap for gap in self._open if not any(newest >= gap.since for newest in self._bridges))


def find_placed(articles: Sequence[Entry]) -> Sequence[Entry]:
    """Return the *articles* of a feed that stand where their dates say; all of them where none is dated.

    They are the longest run in the order of their days: newest first, unless more of them follow an older one.
    """
    dated = [one for one in articles if one.announced]
    if not dated:
        return articles
    moments = [one.announced for one in dated if one.announced]
    rising = sum((later > one) - (later < one) for one, later in pairwise(moments))
    return _find_longest_run(dated[::-1] if rising > 0 else dated)


def _find_longest_run(dated: Sequence[Entry]) -> list[Entry]:
    """Return the longest part of *dated* in which no article is of a later day than the one before it."""
    days = [-one.announced.toordinal() for one in dated if one.announced]
    ends: list[int] = []  # of the best run of each length: its last day
    lengths = []
    for day in days:
        length = bisect_right(ends, day)
        ends[length : length + 1] = [day]
        lengths.append(length)
    run: list[Entry] = []
    wanted = len(ends) - 1
    last = None
    for one, day, length in zip(reversed(dated), reversed(days), reversed(lengths), strict=True):
        if length == wanted and (last is None or day <= last):
            run.append(one)
            wanted, last = wanted - 1, day
    return run[::-1]
