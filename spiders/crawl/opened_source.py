"""A source during its crawl: its attempt's directory, WARC files, book of outcomes and leases, opened and closed.

The same for every spider: `newspaper` reads a card's discoveries (spiders.crawl.source_crawl), a Scrapy spider makes
requests of its own (spiders.plain).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import structlog

import spiders.settings as defaults
from spiders.crawl.attempt import AttemptDirectory, read_outcome_lines
from spiders.crawl.crawl_context import CrawlContext, Download
from spiders.crawl.left_pending import LeftPending
from spiders.crawl.progress_lines import Progress
from spiders.crawl.spool_space import SpoolSpace
from spiders.job import CrawlTask, EndNote, Job
from spiders.manners.backoff import Pauses
from spiders.manners.turns import Turns
from spiders.parsing.limited_reader import LimitedReader
from spiders.policy.scope import Verdict
from spiders.wire.recorder import Recorder, utc_now
from storage.captures.payloads import Payloads
from storage.captures.writer import FileLimits, WarcFiles, WarcWriter, describe_crawler
from storage.coordination import Coordination
from storage.known import Known
from storage.model.crawl import Gap
from storage.model.errors import DiskFullError
from storage.warc.fields import id_series

log = structlog.get_logger()

_PLACES = frozenset(
    {"CONTACT", "COORDINATION", "USER_AGENT", "SEEDS", "HOME_SEEDS", "CRAWL_SPOOL", "CAPTURE_CONNECT_TO"}
)
"""Settings that differ between machines, or that are in the job."""


class ProcessParts(NamedTuple):
    """What the sources of a crawl process share."""

    recorder: Recorder
    turns: Turns
    spool: SpoolSpace
    reader: LimitedReader


@asynccontextmanager
async def share_parts(job: Job, coordination: str | None, recorder: Recorder) -> AsyncIterator[ProcessParts]:
    """Open what the sources of *job* share; *coordination* is the address of that database (None: no leases)."""
    pauses = Pauses(job.backoff_seconds, random.random)
    turns = Turns(Coordination.open(coordination) if coordination else None, utc_now, pauses)
    spool = SpoolSpace((task.spool for task in job.tasks), job.limits, recorder)
    watching = asyncio.create_task(spool.watch())
    try:
        with LimitedReader() as reader:
            yield ProcessParts(recorder, turns, spool, reader)
    finally:
        watching.cancel()
        turns.close()


class OpenedSource:
    """One source that is being crawled."""

    def __init__(
        self, parts: ProcessParts, context: CrawlContext, directory: AttemptDirectory, progress: Progress
    ) -> None:
        self.parts = parts
        self.context = context
        self.directory = directory
        self.progress = progress
        self.is_ended = False
        """Its ended.json is written."""

    async def end(self, unfinished: Verdict, gaps: Iterable[Gap] = ()) -> None:
        """End the source: what has not ended ends as *unfinished*. Raises StorageError; then it has no ended.json."""
        context, book = self.context, self.context.book
        source_id, crawl_id = context.task.source.id, context.task.crawl.id
        late = context.clock() >= context.until
        book.end_all(unfinished)
        self.parts.recorder.close(source_id)
        leases = await context.turns.end(context.holder)
        note = EndNote(
            reason="budget" if late else "finished",
            ended=context.clock(),
            gaps=tuple(gaps),
            leases=tuple((lease.host, lease.fence) for lease in leases),
            pending=book.left_pending.count() if book.left_pending else None,
        )
        self.directory.end(book.lines(), note)
        self.is_ended = True
        self.progress.end("ended", note.reason)
        log.info("source ended", crawl_id=crawl_id, reason=note.reason, **book.counts())


@asynccontextmanager
async def open_source(
    parts: ProcessParts, job: Job, task: CrawlTask, progress: Progress, download: Download
) -> AsyncIterator[OpenedSource]:
    """Open the source of *task*. At the end its WARC files are closed, and unless it has ended, its leases given back.

    Raises StorageError.
    """
    directory = await asyncio.to_thread(AttemptDirectory, task)
    parts.spool.attempts.add(directory.path)
    holder = f"{task.crawl.id}/{task.attempt.nonce}"
    progress.book.journal = directory.journal.note
    warc = _make_writer(job, task, directory)
    parts.recorder.open(task.source.id, warc)
    opened = None
    try:
        until = utc_now() + timedelta(seconds=task.source.time_budget_seconds)
        with closing(await asyncio.to_thread(Known, task.known)) as known:  # it may wait for who changes the file
            warc.payloads = _find_payloads(task, known)
            progress.book.left_pending = LeftPending(task, known)
            context = CrawlContext(
                task=task,
                holder=holder,
                book=progress.book,
                known=known,
                turns=parts.turns,
                reader=parts.reader,
                download=download,
                clock=utc_now,
                until=until,
            )
            opened = OpenedSource(parts, context, directory, progress)
            yield opened
    finally:
        try:
            parts.recorder.close(task.source.id)
            if opened is None or not opened.is_ended:
                await parts.turns.abandon(holder)
        finally:
            parts.spool.attempts.discard(directory.path)
            directory.release()


def disk_is_full(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(DiskFullError) is not None
    return isinstance(error, DiskFullError)


def _make_writer(job: Job, task: CrawlTask, directory: AttemptDirectory) -> WarcWriter:
    limits = FileLimits(job.limits.warc_max_bytes, job.limits.warc_max_seconds)
    files = WarcFiles(directory.path, directory.warc_name, _describe(job, task), limits)
    return WarcWriter(task.crawl, files, utc_now, id_series(uuid4()))


def _find_payloads(task: CrawlTask, known: Known) -> Payloads:
    payloads = Payloads(task.directory, known)
    for outcome in read_outcome_lines(task.adopted):
        if outcome.purpose == "article":  # the other documents are fetched again
            payloads.add(outcome)
    return payloads


def _describe(job: Job, task: CrawlTask) -> dict[str, str]:
    """Return what the WARC files of a source say about who made them and how."""
    settings = {name: value for name, value in vars(defaults).items() if name.isupper() and name not in _PLACES}
    decisive = [task.source.digest(), job.limits.digest(), job.contact, settings]
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    return describe_crawler(job.contact, job.software_version, job.software_commit, job.operator, digest)
