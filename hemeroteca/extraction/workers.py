"""Killable worker processes: a page that hangs, crashes or eats memory costs itself only."""

from __future__ import annotations

import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog

from hemeroteca.extraction.frames import Answer, Page, write_page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError

log = structlog.get_logger()

LIMIT_SECONDS = 30.0
START_SECONDS = 60.0  # the first page of a worker waits for its imports
_COMMAND = (sys.executable, "-m", "hemeroteca.extraction.worker")


class Job(NamedTuple):
    """A page to clean. *body* has its content coding undone."""

    id: str
    body: bytes
    content_type: str | None
    url: str


Result = tuple[str, CleanText | NoMainTextError]


class Workers:
    """*count* processes that clean pages, each page within *limit_seconds* of wall time."""

    def __init__(self, count: int, limit_seconds: float = LIMIT_SECONDS, command: tuple[str, ...] = _COMMAND) -> None:
        self._count = count
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for _ in range(count):
            self._idle.put(_Worker(limit_seconds, command))
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="clean")

    def map(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Yield what came of each job, as it comes: a document, or the error that says why there is none."""
        running: set[Future[Result]] = set()
        for job in jobs:
            running.add(self._pool.submit(self._run, job))
            if len(running) >= 2 * self._count:  # no more bodies in memory than keep the workers busy
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in running)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().stop()

    def _run(self, job: Job) -> Result:
        worker = self._idle.get()
        try:
            return job.id, worker.clean(job)
        except NoMainTextError as error:
            return job.id, error
        finally:
            self._idle.put(worker)


class _Worker:
    """One process, started when it is first needed and again after a page killed it."""

    def __init__(self, limit_seconds: float, command: tuple[str, ...]) -> None:
        self._limit_seconds = limit_seconds
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._warm = False

    def clean(self, job: Job) -> CleanText:
        """Return the document of *job*; NoMainTextError ``timeout`` or ``worker_died`` beside those of the page."""
        process = self._process or self._start()
        seconds = self._limit_seconds if self._warm else self._limit_seconds + START_SECONDS
        try:
            write_page(
                _pipe(process.stdin), Page(url=job.url, content_type=job.content_type, size=len(job.body)), job.body
            )
            line = self._read_line(process, seconds)
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self.stop()
            raise NoMainTextError("worker_died", f"status {process.returncode}")
        self._warm = True
        answer = Answer.model_validate_json(line)
        if answer.document is None:
            raise NoMainTextError(answer.reason or "error", answer.detail)
        return answer.document

    def stop(self) -> None:
        """Kill the process; the next page gets another."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None
        self._warm = False

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    def _read_line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        """Return the answer's line; what there is of it when the process died. Kills it after *seconds*."""
        deadline = time.monotonic() + seconds
        line = b""
        stream = _pipe(process.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.stop()
                    raise NoMainTextError("timeout", f"{self._limit_seconds:g} s")
                chunk = stream.read1(1 << 16)
                if not chunk:
                    break
                line += chunk
        return line


def _pipe(stream: Any) -> Any:
    assert stream is not None
    return stream
