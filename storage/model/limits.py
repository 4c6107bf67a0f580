"""The limits of a crawl: the one place for these numbers, which settings may change."""

from __future__ import annotations

from pydantic import Field, model_validator

from storage.model.base import Record

_MIB = 1024 * 1024


class CrawlLimits(Record):
    """The limits of a crawl.

    A body is cut at ``max_body_bytes``; a WARC file is closed at ``warc_max_bytes`` or ``warc_max_seconds``. When all
    that is in the spool comes to ``spool_high_bytes``, or its disk has less than ``disk_free_bytes`` left, nothing is
    asked for until it is down to ``spool_low_bytes``, or holds no WARC file, and the disk has twice as much. A process
    whose event loop uses ``stall_seconds`` of CPU time without a turn is ended.
    """

    max_body_bytes: int = Field(default=32 * _MIB, ge=1)
    warc_max_bytes: int = Field(default=256 * _MIB, ge=1)
    warc_max_seconds: float = Field(default=600.0, gt=0)
    spool_high_bytes: int = Field(default=16 * 1024 * _MIB, ge=1)
    spool_low_bytes: int = Field(default=8 * 1024 * _MIB, ge=0)
    disk_free_bytes: int = Field(default=256 * _MIB, ge=0)
    stall_seconds: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> CrawlLimits:
        if self.spool_low_bytes >= self.spool_high_bytes:
            raise ValueError("spool_low_bytes must be less than spool_high_bytes")
        return self
