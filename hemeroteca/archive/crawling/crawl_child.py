"""A crawl process of a shard, and the crawls it was given: what each adopts, and how far it got."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import HeldAttempt
from hemeroteca.archive.crawling.crawl_process import CrawlProcess, start_crawl_process
from hemeroteca.archive.crawling.plan import PlannedCrawl
from spiders.further_tasks import add_task, end_tasks
from spiders.job import CrawlTask
from storage.model.errors import StoreRefusedError


class SourceCrawl:
    """One crawl of the shard: what a process is to fetch, the earlier attempts it adopts, and how far it got."""

    def __init__(self, planned: PlannedCrawl) -> None:
        self.planned = planned
        self.task: CrawlTask | None = None
        """What is left to fetch."""
        self.predecessors: list[HeldAttempt] = []
        self.is_fetching = False
        self.is_settled = False
        """It is committed, or nothing that a retry does would commit it."""
        self.disk_full = False
        self.refusal: StoreRefusedError | None = None
        self.upload_at = 0.0
        """When, by the monotonic clock, to look next for files that it has closed."""

    @property
    def id(self) -> str:
        return self.planned.crawl.id


class CrawlChild:
    """One crawl process, started for the first crawl that has something to fetch, and the crawls that it was given."""

    def __init__(self, base: Path, crawls: Sequence[SourceCrawl]) -> None:
        self.waiting = list(crawls)
        """Crawls that are not begun yet."""
        self.crawls: list[SourceCrawl] = []
        self.process: CrawlProcess | None = None
        self.progress = base.with_suffix(".progress.ndjson")
        self.turn = base.with_suffix(".turn")
        self._base = base
        self._further = base.with_suffix(".tasks.ndjson") if len(crawls) > 1 else None

    @property
    def is_over(self) -> bool:
        """Nothing of it runs or will."""
        return not self.waiting if self.process is None else self.process.poll() is not None

    def give(self, archive: Archive, crawl: SourceCrawl, task: CrawlTask) -> None:
        """Have *task*, which is that of *crawl*, fetched by the process."""
        if self.process is None:
            self.process = start_crawl_process(archive, self._base, task, self._further)
        elif self._further:
            add_task(self._further, task)
        self.crawls.append(crawl)

    def end_giving(self) -> None:
        """Let the process end with what it was given."""
        if self.process and self._further:
            end_tasks(self._further)
