"""What a crawl process tells its parent: one JSON object a line on stdout, at most two a second for each source.

    {"event": "progress", "source_id": "…", "crawl_id": "…", "discovered": 12, "counts": {"captured": 9}}

Other events: ``ended``, with the ``reason`` of ended.json, ``stopped``, for the ``reason`` disk_full, and ``failed``:
the source did not come to its end.
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
    """The line of one source."""

    def __init__(self, crawl: Crawl, book: Book, out: TextIO = sys.stdout) -> None:
        self._crawl = crawl
        self.book = book
        self._out = out
        self._reported = 0.0

    def report(self) -> None:
        """Say how far the source is, unless that was said just now."""
        now = time.monotonic()
        if now - self._reported >= _INTERVAL_SECONDS:
            self._reported = now
            self._write("progress", {})

    def end(self, event: str, reason: str | None = None) -> None:
        self._write(event, {"reason": reason} if reason else {})

    def _write(self, event: str, more: dict[str, str]) -> None:
        line = {
            "event": event,
            "source_id": self._crawl.source_id,
            "crawl_id": self._crawl.id,
            "discovered": len(self.book),
            "counts": self.book.counts(),
            **more,
        }
        with suppress(OSError, ValueError):  # a parent that is gone must not stop the crawl before its signal does
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()
