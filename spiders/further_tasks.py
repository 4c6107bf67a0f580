"""The further tasks of a job, which the parent writes to a file one by one while the crawl process runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from spiders.job import CrawlTask
from storage.model.errors import disk_error

_LOOK_SECONDS = 0.1
_END = b"\n"


def add_task(path: Path, task: CrawlTask) -> None:
    """Append *task* to the file at *path*. Raises StorageError."""
    _append(path, task.model_dump_json().encode() + b"\n")


def end_tasks(path: Path) -> None:
    """Say in the file at *path* that no task follows. Raises StorageError."""
    _append(path, _END)


def _append(path: Path, line: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(line)
    except OSError as error:
        raise disk_error(f"{path}: not written", error) from error


async def read_further_tasks(path: Path | None) -> AsyncIterator[CrawlTask]:
    """Yield the tasks in the file at *path* as they are written, until their end, or that of who writes them."""
    if path is None:
        return
    parent = os.getppid()
    line = b""
    with path.open("rb") as file:
        while os.getppid() == parent:
            line += file.readline()
            if line == _END:
                return
            if line.endswith(b"\n"):
                yield CrawlTask.model_validate_json(line)
                line = b""
            else:
                await asyncio.sleep(_LOOK_SECONDS)
