"""JOB.json: what a crawl process is told, and what it leaves in the spool. Imports no Scrapy.

{spool}/{crawl}/{nonce}/
    lock              flock of whoever works on this attempt
    attempt.json      AttemptNote: what is tried, and by which process
    {crawl}-{nonce}-{serial}.warc.gz.open     being written; without .open: whole and synced
    {crawl}-{nonce}-{serial}.warc.gz.stored.json   the bucket has it: its process then removes the file
    discovered.jsonl  one Outcome a line while it is crawled, a second late at most; of two on one URL the later counts:
                      each URL as it is entered (``failed: interrupted``), and ends without an exchange
    ledger.jsonl      one Outcome a line, written when the source ends
    ended.json        EndNote, written last: this source is finished and may be committed
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from storage.model.base import Record, UtcTime
from storage.model.crawl import Attempt, Crawl, Gap
from storage.model.source import Source

DISK_FULL = 4
"""Exit status of a crawl process that stopped because the spool's disk has no room."""

_MIB = 1024 * 1024


class CrawlTask(Record):
    """One source of a shard. ``known`` and ``adopted`` are files that the process reads.

    ``known`` is a SQLite file (storage.known) of what the archive holds of this source; ``adopted`` has one
    Outcome a line (JSON): articles an earlier attempt acknowledged, not to be fetched again.
    ``urls`` are wanted beside what is discovered; with ``only_urls`` nothing is discovered at all.
    """

    crawl: Crawl
    source: Source
    attempt: Attempt
    spool: Path
    known: Path | None = None
    adopted: Path | None = None
    urls: tuple[str, ...] = ()
    only_urls: bool = False
    page_budget: int | None = None
    fresh: bool = False

    @property
    def directory(self) -> Path:
        """Where the attempt lies."""
        return self.spool / self.crawl.id / self.attempt.nonce


class CrawlLimits(Record):
    """How much a crawl takes.

    A body is cut at ``max_body_bytes``; a WARC file is closed at ``warc_max_bytes`` or ``warc_max_seconds``. When the
    WARC files in the spool come to ``spool_high_bytes``, or its disk has less than ``disk_free_bytes`` left, nothing is
    asked for until they are down to ``spool_low_bytes``, and the disk has twice as much.
    """

    max_body_bytes: int = Field(default=32 * _MIB, ge=1)
    warc_max_bytes: int = Field(default=256 * _MIB, ge=1)
    warc_max_seconds: float = Field(default=600.0, gt=0)
    spool_high_bytes: int = Field(default=16 * 1024 * _MIB, ge=1)
    spool_low_bytes: int = Field(default=8 * 1024 * _MIB, ge=0)
    disk_free_bytes: int = Field(default=256 * _MIB, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> CrawlLimits:
        if self.spool_low_bytes >= self.spool_high_bytes:
            raise ValueError("spool_low_bytes must be less than spool_high_bytes")
        return self


class Job(Record):
    """One process's work. ``connect_to`` entries are curl's ``HOST1:PORT1:HOST2:PORT2`` (empty: any).

    ``backoff_seconds`` is the first pause of a host in trouble. The coordination database comes by the environment
    (HEMEROTECA_COORDINATION), never in this file.
    """

    tasks: tuple[CrawlTask, ...]
    contact: str
    operator: str | None = None
    software_version: str
    software_commit: str | None = None
    connect_to: tuple[str, ...] = ()
    ca_file: Path | None = None
    stop_grace_seconds: float = 60.0
    backoff_seconds: float = 60.0
    limits: CrawlLimits = CrawlLimits()


class AttemptNote(Record):
    """``attempt.json``. ``pid_started`` is field 22 of /proc/PID/stat: with the pid it names one process."""

    crawl: Crawl
    source: Source
    attempt: Attempt
    pid: int | None = None
    pid_started: int | None = None


class EndNote(Record):
    """``ended.json``: the source ended, for *reason* (finished, budget), with leases to give back."""

    reason: str
    ended: UtcTime
    gaps: tuple[Gap, ...] = ()
    leases: tuple[tuple[str, int], ...] = ()
    """(host key, fencing number) of the article hosts, held until the manifest is put."""
