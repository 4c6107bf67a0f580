"""The crawl process: it gets its job in a file, is out of reach of Airflow's signals, and knows none of our secrets.

{home}/runs/{digest of the run}/shard-{n}-{k}-{pid}.job.json, .tasks.ndjson (further tasks), .progress.ndjson, .log,
.turn (whose step it was last: spiders.loop_watch)
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling import crawl_guard
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import CHECKOUT, DEMO_CONTACT, Settings
from hemeroteca.home import PRIVATE_UMASK
from spiders.job import STOP_GRACE_SECONDS, CrawlTask, Job
from storage.model.errors import SeedError, disk_error

log = structlog.get_logger()

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # resolved before the fork: the child only makes the call
_KEPT_SECRET = "HEMEROTECA_COORDINATION"


def run_directory(settings: Settings, run: RunRef) -> Path:
    """Return where the files of a run's crawl processes are."""
    return settings.home.runs / name_run_folder(run.key)


def name_run_folder(run: str) -> str:
    return hashlib.sha256(run.encode()).hexdigest()[:16]


class CrawlProcess:
    """A crawl process and its guard, which ends it should this process be killed."""

    def __init__(self, process: subprocess.Popen[bytes], guard: subprocess.Popen[bytes]) -> None:
        self._process, self._guard = process, guard
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return its exit status; None while it runs."""
        status = self._process.poll()
        if status is not None and self._guard.poll() is None:
            self._guard.communicate()
        return status

    def stop(self) -> None:
        """Ask it to stop, if it has not ended, and kill it when it has not after its time of grace."""
        if self.poll() is not None:
            return  # and its guard with it
        with suppress(OSError):
            cast(BinaryIO, self._guard.stdin).write(crawl_guard.ASKED)
        self._process.terminate()
        try:
            self._process.wait(STOP_GRACE_SECONDS + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.poll()


def start_crawl_process(archive: Archive, base: Path, task: CrawlTask, further: Path | None) -> CrawlProcess:
    """Start a process that crawls *task*, and *further* ones as they come; the names of its files begin with *base*.

    Raises StorageError when it cannot be started.
    """
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        if further:
            further.write_bytes(b"")  # an earlier try of this process had it too
        base.with_suffix(".job.json").write_text(_make_job(archive, task, further).model_dump_json())
        process = _start(archive, base)
        guarded = _set_guard(process)
    except OSError as error:
        raise disk_error(f"{base}: crawl process not started", error) from error
    log.info("crawl process started", pid=process.pid, first=task.crawl.id, log=base.with_suffix(".log").name)
    return guarded


def _start(archive: Archive, base: Path) -> subprocess.Popen[bytes]:
    with base.with_suffix(".progress.ndjson").open("ab") as progress, base.with_suffix(".log").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "spiders.run", str(base.with_suffix(".job.json"))],
            cwd=CHECKOUT,
            env=_environment(archive),
            stdin=subprocess.DEVNULL,
            stdout=progress,
            stderr=output,
            start_new_session=True,  # out of the group that Airflow kills 5 s after it asks a task to stop
            preexec_fn=_stop_with_parent,
            umask=PRIVATE_UMASK,
        )


def _set_guard(process: subprocess.Popen[bytes]) -> CrawlProcess:
    """Return *process* with its guard; without one it is ended at once. Raises OSError."""
    try:
        return CrawlProcess(process, _guard(process))
    except OSError:
        process.kill()
        process.wait()
        raise


def _guard(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    handle = os.pidfd_open(process.pid)
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", crawl_guard.__file__, str(handle), str(STOP_GRACE_SECONDS + 5)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=(handle,),
            start_new_session=True,
        )
    finally:
        os.close(handle)


def _make_job(archive: Archive, task: CrawlTask, further: Path | None) -> Job:
    settings = archive.settings
    contact = settings.contact or (DEMO_CONTACT if settings.demo else "")
    if not contact:
        raise SeedError("HEMEROTECA_CONTACT: set it to an address where publishers can reach you, to crawl")
    return Job(
        tasks=(task,),
        further=further,
        contact=contact,
        operator=settings.operator or None,
        software_version=archive.software.version,
        software_commit=archive.software.commit,
        connect_to=tuple(entry for entry in settings.connect_to.split(",") if entry),
        ca_file=settings.ca_file,
        limits=settings.limits,
    )


def _environment(archive: Archive) -> dict[str, str]:
    """The crawl process gets the coordination address and no other secret: neither Airflow's nor the bucket's."""
    address = archive.settings.coordination_url()
    return archive.settings.spider_environment | {_KEPT_SECRET: address, "PYTHONUNBUFFERED": "1"}


def _stop_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
