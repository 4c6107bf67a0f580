"""Space in the spool: no request is sent while its disk is full or its limit is reached.

A crawl that paused resumes only below the low mark, once the bucket has taken much: it does not stop and start.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import structlog

from spiders.wire.recorder import Recorder
from storage.model.errors import StorageError
from storage.model.limits import CrawlLimits
from storage.spool import drop_stored

log = structlog.get_logger()

CHECK_SECONDS = 1.0


class SpoolSpace:
    """Checks the *spools* once a second; *attempts* are the directories whose locks this process holds.

    It also removes files that the bucket has, and closes WARC files: old ones, and during a pause all of them.
    """

    def __init__(self, spools: Iterable[Path], limits: CrawlLimits, recorder: Recorder) -> None:
        self.attempts: set[Path] = set()
        self._spools = sorted(set(spools))
        self._limits = limits
        self._recorder = recorder
        self._has_space = asyncio.Event()
        self._has_space.set()

    async def wait(self) -> None:
        """Return when there is space."""
        await self._has_space.wait()

    async def watch(self) -> None:
        """Check until cancelled."""
        while True:
            self.check()
            await asyncio.sleep(CHECK_SECONDS)

    def check(self) -> None:
        try:
            for attempt in self.attempts:
                drop_stored(attempt)
            self._recorder.rotate(only_old=self._has_space.is_set())
        except (OSError, StorageError) as error:  # the next exchange meets it too, and can raise it
            log.warning("spool not kept", reason=str(error))
        held, free = self._held_bytes(), self._free_bytes()
        if self._has_space.is_set():
            if held >= self._limits.spool_high_bytes or free < self._limits.disk_free_bytes:
                self._has_space.clear()
                log.warning("crawl paused", reason="spool_full", spool_bytes=held, free_bytes=free)
        elif self._is_low(held) and free >= 2 * self._limits.disk_free_bytes:
            self._has_space.set()
            log.warning("crawl resumed", spool_bytes=held, free_bytes=free)

    def _is_low(self, held: int) -> bool:
        """Say whether the bucket has taken enough: all it can take, where the rest alone is above the low mark."""
        if held <= self._limits.spool_low_bytes:
            return True
        is_empty = not self._count_bytes("*/*/*.warc.gz") + self._count_bytes("*/*/*.warc.gz.open")
        return is_empty and held < self._limits.spool_high_bytes

    def _held_bytes(self) -> int:
        return self._count_bytes("**/*")

    def _count_bytes(self, pattern: str) -> int:
        size = 0
        for spool in self._spools:
            for path in spool.glob(pattern):
                with suppress(FileNotFoundError):
                    size += path.stat().st_size if path.is_file() else 0
        return size

    def _free_bytes(self) -> int:
        disks = [os.statvfs(spool) for spool in self._spools if spool.exists()]
        return min((disk.f_bavail * disk.f_frsize for disk in disks), default=self._limits.disk_free_bytes * 2)
