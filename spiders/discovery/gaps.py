"""Gaps: times in which a source may have announced articles that no crawl saw.

There is one when a discovery that lists only the newest articles (a feed) no longer lists anything that the archive
holds: entries may have come and gone since it was last read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

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
        dates = [one.announced for one in articles if one.announced]
        if any(self._known.find(one.url) for one in articles):
            if traits.bridges_gaps:
                self._bridges.append(max(dates, default=_UNDATED))
            return
        last = self._known.find(url)
        if not traits.can_have_gap or last is None or not articles:
            return
        since, oldest = read_moment(last.last_fetched or last.date), min(dates, default=None)
        if oldest is None or oldest > since:
            self._open.append(Gap(url=url, since=since, until=oldest))

    def find_open(self) -> tuple[Gap, ...]:
        """Return the gaps that no other document bridges by listing known articles and newer ones."""
        return tuple(gap for gap in self._open if not any(newest >= gap.since for newest in self._bridges))
