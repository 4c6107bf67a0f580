"""Gaps: what a source may have announced between two crawls, when nothing of the one is left in the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from spiders.discovery.entries import Entry
from storage.known import Known, read_moment
from storage.model.crawl import Gap

_UNDATED = datetime.max.replace(tzinfo=UTC)


class Gaps:
    """What the feeds and sitemaps of one crawl leave open; *known* is what the archive holds of the source."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._open: list[Gap] = []
        self._bridges: list[datetime] = []

    def note_document(self, url: str, is_feed: bool, articles: Sequence[Entry]) -> None:
        """Take what the document at *url* announces of the source's articles."""
        dates = [one.announced for one in articles if one.announced]
        if any(self._known.find(one.url) for one in articles):
            self._bridges.append(max(dates, default=_UNDATED))
            return
        last = self._known.find(url)
        if not is_feed or last is None or not articles:
            return
        since, oldest = read_moment(last.last_fetched or last.date), min(dates, default=None)
        if oldest is None or oldest > since:
            self._open.append(Gap(url=url, since=since, until=oldest))

    def find_open(self) -> tuple[Gap, ...]:
        """Return the gaps that no other document bridges, with something known and something since the last read."""
        return tuple(gap for gap in self._open if not any(newest >= gap.since for newest in self._bridges))
