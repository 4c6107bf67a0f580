"""The URLs of a night that were not captured, each with the reason, from the night's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.reasons import tell_reason
from storage.model.base import Record
from storage.model.night import Night
from storage.model.outcome import STORED
from storage.table_reads import TableRange, open_batches

_COLUMNS = ("source_id", "crawl_id", "url", "state", "reason", "detail", "purpose", "via", "status", "pending")


class MissedUrl(Record):
    """A URL that was not captured, and why; ``meaning`` and ``advice`` are for people."""

    source_id: str
    crawl_id: str
    url: str
    state: str
    reason: str
    detail: str | None
    purpose: str
    via: str | None
    status: int | None
    pending: str | None
    meaning: str
    advice: str


def read_missed(
    archive: Archive, night: Night, source_id: str | None = None, reason: str | None = None
) -> Iterator[MissedUrl]:
    """Yield what failed, was refused or skipped in *night*, in the ledger's order, a batch in memory at a time.

    Raises FixityError for a damaged table.
    """
    for batch in open_batches(archive.store, "ledger", TableRange(night, night, source_id)):
        for row in batch.select(_COLUMNS).to_pylist():
            if row["state"] not in STORED and reason in (None, row["reason"]):
                yield _make(row)


def _make(row: dict[str, Any]) -> MissedUrl:
    told = tell_reason(row["reason"], row["detail"])
    return MissedUrl(**row, meaning=told.meaning, advice=told.advice)
