"""The open WARC writers of a crawl process, one for each source.

It hangs on the crawler: ``crawler.recorder = Recorder()`` before the engine starts (a runner after
``create_crawler``, or the spider's ``from_crawler``); spiders.wire.handler writes every exchange through it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spiders.policy.conditional_requests import find_distrust
from spiders.wire.signals import find_page_facts
from storage.captures.exchange import Exchange
from storage.captures.writer import WarcWriter
from storage.model.errors import StorageError
from storage.model.outcome import Outcome

if TYPE_CHECKING:
    from storage.known import KnownCapture


def utc_now() -> datetime:
    return datetime.now(UTC)


class Recorder:
    """``open`` a source before its first request, ``close`` it after its last; *clock* times the exchanges."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self._writers: dict[str, WarcWriter] = {}

    def open(self, source_id: str, writer: WarcWriter) -> None:
        self._writers[source_id] = writer

    def close(self, source_id: str) -> list[Path]:
        """Sync and name the source's files and return them; none when it is not open. Later exchanges are refused."""
        writer = self._writers.pop(source_id, None)
        return writer.close() if writer else []

    def rotate(self, only_old: bool) -> None:
        """Close the file of each source that has one open, or only those that are old; the next exchange opens another.

        Raises StorageError.
        """
        for writer in self._writers.values():
            writer.rotate(only_old)

    def directory_of(self, source_id: str) -> Path | None:
        """Return the directory of the source's files; None when it is not open."""
        writer = self._writers.get(source_id)
        return writer.directory if writer else None

    def write(self, source_id: str, exchange: Exchange, known: KnownCapture | None) -> Outcome:
        """As ``WarcWriter.write``; also raises StorageError when the source is not open."""
        writer = self._writers.get(source_id)
        if writer is None:
            raise StorageError(f"{source_id}: no open WARC for {exchange.url}")
        exchange.page = find_page_facts(exchange)
        exchange.distrust = find_distrust(exchange, known)
        return writer.write(exchange, known)
