"""WARC records of one type, as the class of that type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from storage.warc.record import WarcRecord

RecordT = TypeVar("RecordT", bound=WarcRecord)


def as_type(record: WarcRecord, kind: type[RecordT]) -> RecordT:
    """Return *record*, which must be of *kind*."""
    assert isinstance(record, kind), record.headers
    return record


def of_type(records: Iterable[WarcRecord], kind: type[RecordT]) -> list[RecordT]:
    """Return those of *records* that are of *kind*."""
    return [record for record in records if isinstance(record, kind)]
