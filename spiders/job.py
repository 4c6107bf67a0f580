"""JOB.json: the work of a crawl process, and what it leaves in the spool. Imports no Scrapy.

{spool}/{crawl}/{nonce}/
    lock              flock of whoever works on this attempt
    attempt.json      AttemptNote: what is tried, and by which process
    {crawl}-{nonce}-{serial}.warc.gz.open     being written; without .open: whole and synced
    {crawl}-{nonce}-{serial}.warc.gz.stored.json   the bucket has it: its process then removes the file
    discovered.jsonl  one Outcome a line during the crawl, at most a second late; the later one of a URL counts:
                      each URL when it is discovered (``failed: interrupted``), and when it ends without an exchange
    items.jsonl       one ScrapedItem a line, as it was scraped; only where there are items
    ledger.jsonl      one Outcome a line, written when the source ends
    ended.json        EndNote, written last: this source is finished and may be committed
"""

from __future__ import annotations

from pathlib import Path

from storage.model.base import Record, UtcTime
from storage.model.crawl import Attempt, Crawl, Gap
from storage.model.limits import CrawlLimits
from storage.model.source import Source

REFUSED = 2
"""Exit status of a crawl process whose job cannot be run: trying again does not help."""
ITEMS_FILE = "items.jsonl"
DISK_FULL = 4
"""Exit status of a crawl process that stopped because the spool's disk has no room."""
STOP_GRACE_SECONDS = 60.0
"""How long a crawl process that is asked to stop may take for what it is at."""


class CrawlTask(Record):
    """One source of a shard. ``known`` and ``adopted`` are files that the process reads.

    ``known`` is the source's file of what the archive holds of it (storage.known); ``adopted`` has one
    Outcome a line (JSON): articles an earlier attempt acknowledged, not to be fetched again.
    ``urls`` are wanted beside what is discovered; with ``only_urls`` nothing is discovered at all. With
    ``ignore_robots``, which a person said, what robots.txt forbids is asked for too.
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
    ignore_robots: bool = False

    @property
    def directory(self) -> Path:
        """Where the attempt is."""
        return self.spool / self.crawl.id / self.attempt.nonce


class Job(Record):
    """One process's work. ``connect_to`` entries are curl's ``HOST1:PORT1:HOST2:PORT2`` (empty: any).

    ``tasks`` are begun at once. ``further`` ones are written to that file while the process runs, one a line (JSON), an
    empty line after the last: so none waits for the preparations of all.
    ``backoff_seconds`` is the first pause of a host in trouble. The coordination database comes by the environment
    (HEMEROTECA_COORDINATION), never in this file.
    """

    tasks: tuple[CrawlTask, ...]
    further: Path | None = None
    contact: str
    operator: str | None = None
    software_version: str
    software_commit: str | None = None
    connect_to: tuple[str, ...] = ()
    ca_file: Path | None = None
    stop_grace_seconds: float = STOP_GRACE_SECONDS
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
    pending: int | None = None
    """How many URLs of the source are to be asked for again."""
