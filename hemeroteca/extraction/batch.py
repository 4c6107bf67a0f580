"""Extraction of many files: a list of rows that name pages in, a result row for each out, in the same order."""

from __future__ import annotations

import errno
import gzip
import io
import itertools
import json
import math
import mimetypes
import stat
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, StrictInt, StrictStr, ValidationError, field_validator

from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.recurring_lines import (
    SiteMemory,
    keep_newest_pages,
    learn_site_memory,
    list_learnable_lines,
    remember_page,
)
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError, SeedError
from storage.model.remembered import RememberedPage
from storage.model.wrong_values import place_of, reason_of

GZIP_MAGIC = b"\x1f\x8b"

ResultRow = dict[str, Any]


class PageRow(BaseModel):
    """One line of a list. ``path`` is a file, gzip or not. ``fetched`` is UTC if bare, by default now."""

    id: StrictStr | StrictInt
    path: str
    url: str = ""
    fetched: datetime | None = None
    content_type: str | None = None

    @field_validator("fetched")
    @classmethod
    def _make_aware(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def extract_rows(
    lines: Iterable[str], folder: Path, workers: WorkerPool, now: datetime, memory: SiteMemory | None = None
) -> Iterator[ResultRow]:
    """Yield a result row for each line that is not blank, in order: ``id``, then the fields of ``CleanText``.

    For a page without a text ``reason`` and ``detail`` say why. Relative paths are looked up in the working directory,
    then in *folder*, where the list is. *memory* was learned from pages of the same hosts.
    """
    results: dict[int, ResultRow] = {}
    pending: dict[str, tuple[int, str | int]] = {}

    def jobs() -> Iterator[tuple[str, Page]]:
        for number, line in enumerate(line for line in lines if line.strip()):
            found = _read_row(line, folder, now)
            if isinstance(found, dict):
                results[number] = found
                continue
            row, page = found
            job = f"row {number + 1}: {row.path}"
            pending[job] = number, row.id
            yield job, page._replace(memory=memory.find_for_page(row.url)) if memory else page

    due = 0
    for job, found in workers.map(jobs()):
        number, row_id = pending.pop(job)
        results[number] = build_result(row_id, found)
        while due in results:
            yield results.pop(due)
            due += 1
    yield from (results[number] for number in sorted(results))


def extract_rows_with_memory(
    lines: Iterable[str], folder: Path, workers: WorkerPool, now: datetime
) -> Iterator[ResultRow]:
    """Yield what ``extract_rows`` does, with a site memory learned from the pages of the batch.

    All pages are extracted once to learn what recurs on each host, and pages of hosts where something does again.
    """
    rows = [line for line in lines if line.strip()]
    alone = list(extract_rows(rows, folder, workers, now))
    memory = _learn_memory(rows, alone, now)
    recurring = [memory is not None and bool(memory.find_for_page(_read_url(row)).lines) for row in rows]
    again = extract_rows(itertools.compress(rows, recurring), folder, workers, now, memory)
    for first, recurs in zip(alone, recurring, strict=True):
        yield next(again) if recurs else first


def _learn_memory(rows: list[str], alone: list[ResultRow], now: datetime) -> SiteMemory | None:
    hosts: dict[str, list[RememberedPage]] = defaultdict(list)
    for row, found in zip(rows, alone, strict=True):
        if found["text"] and (texts := list_learnable_lines(CleanText.model_construct(**found))):
            page = remember_page(_read_url(row), texts, now.date())
            hosts[page.host].append(page)
    return learn_site_memory(page for pages in hosts.values() for page in keep_newest_pages(pages, now.date()))


def build_result(row_id: str | int, found: CleanText | NoMainTextError) -> ResultRow:
    if isinstance(found, CleanText):
        reason, _, detail = (found.without_text or "").partition(": ")
        why = {"reason": reason, "detail": detail} if reason else {}
        return {"id": row_id, **found.model_dump(mode="json"), **why}
    return build_failure(row_id, found.reason, str(found).removeprefix(found.reason).removeprefix(": "))


def build_failure(row_id: str | float | None, reason: str, detail: str) -> ResultRow:
    """Return the result row of a page without a text. *reason* is one of cleaning's, or ``row`` or ``file``."""
    nothing = CleanText(text="", published_known=f"none: {reason}").model_dump(mode="json")
    return {"id": row_id, **nothing, "reason": reason, "detail": detail}


def read_page_file(path: Path) -> bytes:
    """Return what is in *path*, without gzip. Raises OSError, and what ``decompress`` raises."""
    with path.open("rb") as file:
        return decompress(file.read(MAX_PAGE_BYTES + 1))


def decompress(content: bytes) -> bytes:
    """Return *content*, without gzip. Raises NoMainTextError: undecodable."""
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_PAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NoMainTextError("undecodable", f"gzip: {error}") from error


def check_output_spares_pages(output: Path, lines: Iterable[str], folder: Path) -> None:
    """Raise SeedError when *output* is one of the pages that *lines* name, under any name."""
    for line in lines:
        try:
            row = PageRow.model_validate_json(line)
            same = output.samefile(_find_file(row, folder))
        except (OSError, ValueError):  # no row or no file: ``extract_rows`` says so
            continue
        if same:
            raise SeedError(f"{output}: --output would overwrite the page {row.path}")


def _read_row(line: str, folder: Path, now: datetime) -> tuple[PageRow, Page] | ResultRow:
    """Return the row in *line* with its page, or the result row that says why there is no page."""
    try:
        row = PageRow.model_validate_json(line)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = place_of(wrong["loc"]) or "row"
        return build_failure(_read_id(line), "row", f"{where}: {reason_of(wrong)}")
    try:
        return row, _read_page(row, folder, now)
    except OSError as error:
        return build_failure(row.id, "file", f"{row.path}: {error.strerror}")
    except ValueError as error:  # a path that no file can have
        return build_failure(row.id, "file", f"{row.path!r}: {error}")
    except NoMainTextError as error:
        return build_failure(row.id, error.reason, str(error))


def _find_file(row: PageRow, folder: Path) -> Path:
    path = Path(row.path)
    return path if path.is_absolute() or path.exists() else folder / path


def _read_page(row: PageRow, folder: Path, now: datetime) -> Page:
    path = _find_file(row, folder)
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe might never end, or never begin
        raise OSError(errno.EINVAL, "is no regular file")
    content_type = row.content_type or mimetypes.guess_type(path.name.removesuffix(".gz"))[0]
    return Page(read_page_file(path), content_type, row.url, row.fetched or now)


def _read_id(line: str) -> str | float | None:
    """Return the id of an invalid row, if it is one plain value."""
    named = _read_fields(line).get("id")
    known = isinstance(named, str | int) or (isinstance(named, float) and math.isfinite(named))
    return named if known else None


def _read_url(line: str) -> str:
    url = _read_fields(line).get("url")
    return url if isinstance(url, str) else ""


def _read_fields(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
