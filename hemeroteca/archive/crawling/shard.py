"""Crawling a shard: one process fetches, this one commits each source as it ends.

    {home}/runs/{digest of the run}/shard-{n}-{k}.job.json, .progress.ndjson, .log

The process's death fails the shard's task; a source's failure does not. Trouble of one source in the store is kept from
its siblings: the task fails after them, to be tried again.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from pydantic import ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import HeldAttempt, begin_attempt, mend_attempt, release, take_attempts
from hemeroteca.archive.crawling.commit import commit_crawl, upload_closed
from hemeroteca.archive.crawling.late import commit_late
from hemeroteca.archive.crawling.plan import PlannedCrawl, RunRef, read_shard
from hemeroteca.configuration import CHECKOUT, DEMO_CONTACT, Settings
from spiders.job import DISK_FULL, CrawlLimits, CrawlTask, Job
from storage import keys
from storage.model.errors import CrawlDiedError, DiskFullError, FencedError, FixityError, SeedError, StorageError
from storage.spool import attempt_lock

log = structlog.get_logger()

POLL_SECONDS = 0.2
UPLOAD_SECONDS = 2.0
STORE_PATIENCE_SECONDS = 3600.0
MOST_PROCESSES = 4
STOP_GRACE_SECONDS = 60.0

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # resolved before the fork: the child only makes the call
_KEPT_SECRET = "HEMEROTECA_COORDINATION"


class _Try:
    """One source of a running process: the predecessors' attempts it adopts, and whether it ended and was handled."""

    def __init__(self, planned: PlannedCrawl, task: CrawlTask, predecessors: list[HeldAttempt]) -> None:
        self.planned = planned
        self.task = task
        self.predecessors = predecessors
        self.handled = False
        self.disk_full = False
        self.upload_at = 0.0
        """When, by the monotonic clock, it is looked for files that it closed."""


class _Child:
    """One crawl process and the sources it crawls."""

    def __init__(self, process: subprocess.Popen[bytes], tries: list[_Try]) -> None:
        self.process = process
        self.tries = tries


def crawl_shard(archive: Archive, shard: str, last_try: bool) -> None:
    """Crawl what of the shard is not committed yet; with *last_try* each source in a process of its own.

    Raises CrawlDiedError when a process ended before its sources did, DiskFullError when that is because the spool's
    disk is full: what it acknowledged is adopted next time.
    """
    run, number, planned = read_shard(archive, shard)
    tries: list[_Try] = []
    again: list[str] = []
    try:
        for crawl in planned:
            with _contained(crawl.crawl.id, again):
                tries += _begin(archive, crawl)
        _run(archive, (run, number), [[one] for one in tries] if last_try else [tries], again)
    finally:
        for one in tries:
            release(one.predecessors)
    again += [one.task.crawl.id for one in tries if not one.handled]
    if any(one.disk_full for one in tries):
        raise DiskFullError(f"{archive.settings.spool}: no room; not crawled to their end: {', '.join(again)}")
    if again:
        raise CrawlDiedError(f"these were not crawled to their end: {', '.join(again)}")


def run_directory(settings: Settings, run: RunRef) -> Path:
    return settings.home / "runs" / hashlib.sha256(run.key.encode()).hexdigest()[:16]


@contextmanager
def _contained(crawl_id: str, again: list[str]) -> Iterator[None]:
    """Keep a source's trouble from its siblings: its id goes to *again*, unless a person has to look at it first."""
    try:
        yield
    except FixityError as error:
        log.error("crawl not committed", crawl_id=crawl_id, reason=str(error))
    except StorageError as error:
        log.warning("crawl not committed", crawl_id=crawl_id, reason=str(error))
        again.append(crawl_id)


def _begin(archive: Archive, planned: PlannedCrawl) -> list[_Try]:
    """Begin the next attempt, or commit what a predecessor finished; none when nothing is left to fetch."""
    if archive.store.stat(keys.crawl_manifest(planned.crawl)):
        commit_late(archive, planned.crawl.id)
        return []
    predecessors = take_attempts(archive, planned, archive.settings.grace_seconds)
    try:
        finished = next((held for held in predecessors if held.end), None)
        if finished is None:
            return [_Try(planned, begin_attempt(archive, planned, predecessors), predecessors)]
    except BaseException:
        release(predecessors)
        raise
    _commit(archive, planned, finished, [held for held in predecessors if held is not finished])
    return []


def _commit(archive: Archive, planned: PlannedCrawl, winner: HeldAttempt, others: list[HeldAttempt]) -> None:
    """Commit a crawl that ended, late if another try was first; gives the attempts' locks back."""
    try:
        try:
            commit_crawl(archive, planned.source, planned.crawl, winner, others)
        except (FencedError, FixityError):
            raise
        except StorageError as error:
            if not _outlast(archive, error):
                raise
            commit_crawl(archive, planned.source, planned.crawl, winner, others)
    except FencedError as error:
        log.warning("crawl fenced", crawl_id=planned.crawl.id, reason=str(error))
        release([winner, *others])
        commit_late(archive, planned.crawl.id)
    finally:
        release([winner, *others])


def _outlast(archive: Archive, error: StorageError) -> bool:
    """Wait while the bucket is away; say whether it answers within STORE_PATIENCE_SECONDS."""
    until = time.monotonic() + STORE_PATIENCE_SECONDS
    log.warning("store did not answer", reason=str(error))
    while time.monotonic() < until:
        try:
            archive.store.stat("manifests/")
            return True
        except StorageError:
            time.sleep(UPLOAD_SECONDS)
    return False


def _run(archive: Archive, shard: tuple[RunRef, int], groups: list[list[_Try]], again: list[str]) -> None:
    run, number = shard
    waiting = [(place, tries) for place, tries in enumerate(groups) if tries]
    running: list[_Child] = []
    try:
        while waiting or running:
            while waiting and len(running) < MOST_PROCESSES:
                place, tries = waiting.pop(0)
                base = run_directory(archive.settings, run) / f"shard-{number:03d}-{place:03d}-{os.getpid()}"
                running.append(_start(archive, base, tries))
            time.sleep(POLL_SECONDS)
            ended = [child for child in running if child.process.poll() is not None]
            for child in running:
                _commit_ended(archive, child, again)
                _upload_closed(archive, child)
            for child in ended:
                log.info("crawl process ended", pid=child.process.pid, status=child.process.returncode)
                for one in child.tries:
                    one.disk_full = child.process.returncode == DISK_FULL and not one.handled
            running = [child for child in running if child not in ended]
    finally:
        for child in running:
            _stop(child.process)


def _start(archive: Archive, base: Path, tries: list[_Try]) -> _Child:
    base.parent.mkdir(parents=True, exist_ok=True)
    job = base.with_suffix(".job.json")
    job.write_text(_job(archive, tries).model_dump_json())
    with base.with_suffix(".progress.ndjson").open("ab") as progress, base.with_suffix(".log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "spiders.run", str(job)],
            cwd=CHECKOUT,
            env=_environment(archive),
            stdin=subprocess.DEVNULL,
            stdout=progress,
            stderr=output,
            start_new_session=True,  # out of the group that Airflow kills 5 s after it asks a task to stop
            preexec_fn=_stop_with_parent,
        )
    log.info("crawl process started", pid=process.pid, sources=len(tries), log=base.with_suffix(".log").name)
    return _Child(process, tries)


def _job(archive: Archive, tries: list[_Try]) -> Job:
    settings = archive.settings
    contact = settings.contact or (DEMO_CONTACT if settings.demo else "")
    if not contact:
        raise SeedError("HEMEROTECA_CONTACT: set an address at which publishers can reach you, to crawl")
    return Job(
        tasks=tuple(one.task for one in tries),
        contact=contact,
        operator=settings.operator or None,
        software_version=archive.software.version,
        software_commit=archive.software.commit,
        connect_to=tuple(entry for entry in settings.connect_to.split(",") if entry),
        ca_file=settings.ca_file,
        limits=_limits(settings),
        stop_grace_seconds=STOP_GRACE_SECONDS,
    )


def _limits(settings: Settings) -> CrawlLimits:
    try:
        given = {name: getattr(settings, name) for name in CrawlLimits.model_fields}
        return CrawlLimits.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SeedError(f"HEMEROTECA_SPOOL_LOW_BYTES: {error.errors()[0]['msg']}") from None


def _environment(archive: Archive) -> dict[str, str]:
    """The crawl process gets the coordination address and no other secret: neither Airflow's nor the bucket's."""
    secret = ("AIRFLOW", "_AIRFLOW", "AWS_", "HEMEROTECA_S3_", "HEMEROTECA_CATALOG")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    return environment | {_KEPT_SECRET: archive.settings.coordination_url(), "PYTHONUNBUFFERED": "1"}


def _stop_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_GRACE_SECONDS + 5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _commit_ended(archive: Archive, child: _Child, again: list[str]) -> None:
    """Commit each source that has ended and given its lock back; the process may go on with others."""
    for one in child.tries:
        directory = one.task.directory
        if one.handled or not (directory / "ended.json").exists():
            continue
        lock = attempt_lock(directory)
        if not lock.acquire():
            continue
        one.handled = True
        with _contained(one.task.crawl.id, again):
            mend_attempt(directory)
            _commit(archive, one.planned, HeldAttempt(one.task.attempt, directory, lock), one.predecessors)


def _upload_closed(archive: Archive, child: _Child) -> None:
    """Store what running sources have closed; they remove it. A bucket that is away is asked again later."""
    for one in child.tries:
        if one.handled or time.monotonic() < one.upload_at or child.process.poll() is not None:
            continue
        one.upload_at = time.monotonic() + UPLOAD_SECONDS
        try:
            upload_closed(archive, one.planned.crawl, one.task.directory)
        except StorageError as error:
            log.warning("warc not stored", crawl_id=one.task.crawl.id, reason=str(error))
        except FixityError as error:
            one.upload_at = math.inf  # a person is called when the source is committed
            log.error("warc not stored", crawl_id=one.task.crawl.id, reason=str(error))
