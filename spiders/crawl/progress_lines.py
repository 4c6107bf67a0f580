"""The progress that a crawl process reports to its parent: JSON lines on stdout, at most two a second for a source.

    {"event": "progress", "source_id": "…", "crawl_id": "…", "discovered": 12, "counts": {"captured": 9}}

Other events: ``ended``, with the ``reason`` of ended.json; ``stopped``, with the ``reason`` disk_full; ``failed``, when
the source did not end.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import TextIO

from spiders.crawl.book import Book
from storage.model.crawl import Crawl

_INTERVAL_SECONDS = 0.5


class Progress:
    """Reports on one source; to nobody when *out* is None."""

    def __init__(self, crawl: Crawl, book: Book, out: TextIO | None = sys.stdout) -> None:
        self._crawl = crawl
        self.book = book
        self._out = out
        self._reported = 0.0

    def report(self) -> None:
        """Write how far the source is, unless that was written less than half a second ago."""
        now = time.monotonic()
        if now - self._reported >= _INTERVAL_SECONDS:
            self._reported = now
            self._write("progress", {})

    def end(self, event: str, reason: str | None = None) -> None:
        self._write(event, {"reason": reason} if reason else {})

    def _write(self, event: str, more: dict[str, str]) -> None:
        if self._out is None:
            return
        line = {
            "event": event,
            "source_id": self._crawl.source_id,
            "crawl_id": self._crawl.id,
            "discovered": len(self.book),
            "counts": self.book.counts(),
            **more,
        }
        with suppress(OSError, ValueError):  # without its parent the crawl continues until a signal stops it
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()
