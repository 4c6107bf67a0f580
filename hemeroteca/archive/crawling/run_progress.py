"""How a run gets on: what its crawl processes last said of each source."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import Settings

_TAIL_BYTES = 64 * 1024


class Said(BaseModel):
    """One line that a crawl process printed: how many URLs of a source ended in which state so far."""

    event: Literal["progress", "ended", "stopped", "failed"] = "progress"
    source_id: str
    counts: dict[str, int]


def progress(archive: Archive, run: RunRef) -> list[Said]:
    """Return what was last said of each source of *run* that has begun on this machine."""
    found: dict[str, Said] = {}
    files = run_directory(archive.settings, run).glob("*.progress.ndjson")
    for path in sorted(files, key=lambda path: path.stat().st_mtime):
        found |= {said.source_id: said for said in _read_tail(path)}
    return [said for _, said in sorted(found.items())]


def shortage(settings: Settings) -> str | None:
    """Return why crawls wait for room on the home's disk, and what comes of it; None when there is enough.

    They look at the same number (spiders.crawl.spool_space), and go on when twice as much is free.
    """
    wanted = settings.limits.disk_free_bytes
    if shutil.disk_usage(settings.home).free >= wanted:
        return None
    return (
        f"full, less than {size(wanted)} free for {settings.home}: make room. Crawls wait until {size(2 * wanted)} are "
        "free; what fails meanwhile is tried again, at most three times"
    )


def size(count: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _read_tail(path: Path) -> list[Said]:
    """Return what the end of the file says; a line that is cut, first or last, says nothing."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        lines = file.read().split(b"\n")
    said = []
    for line in lines:
        try:
            said.append(Said.model_validate_json(line))
        except ValidationError:
            continue
    return said
