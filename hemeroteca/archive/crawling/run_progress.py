"""How far a run has got: what its crawl processes last printed about each source, and whether they wait for disk."""

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


class SourceProgress(BaseModel):
    """One line that a crawl process printed: how many URLs of a source ended in which state so far."""

    event: Literal["progress", "ended", "stopped", "failed"] = "progress"
    source_id: str
    crawl_id: str = ""
    counts: dict[str, int]
    reason: str | None = None


def read_progress(archive: Archive, run: RunRef) -> list[SourceProgress]:
    """Return the last line of each source of *run* that has begun on this machine, by source."""
    found: dict[str, SourceProgress] = {}
    files = run_directory(archive.settings, run).glob("*.progress.ndjson")
    for path in sorted(files, key=lambda path: path.stat().st_mtime):
        found |= {line.source_id: line for line in _read_tail(path)}
    return [line for _, line in sorted(found.items())]


def read_failures(path: Path) -> dict[str, str]:
    """Return by crawl id why sources failed, as far as a crawl process printed it into the file *path*."""
    lines = _read_tail(path) if path.exists() else []
    return {line.crawl_id: line.reason for line in lines if line.event == "failed" and line.reason}


def find_disk_shortage(settings: Settings) -> str | None:
    """Return why crawls wait for space on the home's disk, and what comes of it; None when there is enough.

    They look at the same number (spiders.crawl.spool_space), and resume when twice as much is free.
    """
    wanted = settings.limits.disk_free_bytes
    if shutil.disk_usage(settings.home).free >= wanted:
        return None
    least, enough = format_bytes(wanted), format_bytes(2 * wanted)
    return (
        f"full, less than {least} free for {settings.home}: make room. Crawls wait until {enough} are "
        "free; what fails until then is tried again, at most three times"
    )


def format_bytes(count: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _read_tail(path: Path) -> list[SourceProgress]:
    """Return the last lines of a file, without those that are cut."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        lines = file.read().split(b"\n")
    found = []
    for line in lines:
        try:
            found.append(SourceProgress.model_validate_json(line))
        except ValidationError:
            continue
    return found
