"""A pool of worker processes that clean pages. One that hangs, crashes or runs out of memory costs one page only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self

import structlog

from hemeroteca.extraction.block_choice.explanation import Explanation
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.messages import Reply, Request, make_request
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError, ServiceError
from storage.worker_process import WorkerLostError, WorkerProcess

log = structlog.get_logger()

MODULE = "hemeroteca.extraction.workers.worker"

_NOTHING: Mapping[str, str] = MappingProxyType({})
_RETRIED_REASONS = frozenset({"worker_died", "memory"})
"""Pages before it in the same process may be the cause: the page is tried once more in a new process."""


class Limits(NamedTuple):
    """The limits of one page: wall seconds, and bytes of address space of its worker."""

    seconds: float = 30.0
    memory_bytes: int = 1024**3


DEFAULT_LIMITS = Limits()


class WorkerPool:
    """*count* worker processes, started when first needed and used for many pages. A context manager.

    They are started by ``subprocess``, so that a daemonic process can have them, in sessions of their own and without
    the secrets in this process's environment. They die with the process that started them.
    """

    def __init__(
        self,
        count: int,
        limits: Limits = DEFAULT_LIMITS,
        module: str = MODULE,
        fold: int | None = None,
        environment: Mapping[str, str] = _NOTHING,
    ) -> None:
        """With *fold* (0 to 4) every page is read by the model that never saw a host of that fold.

        *environment* is this process's: workers get the few variables of it that they may need.
        """
        self._environment = environment
        self._count = count
        self._limits = limits
        self._command = (module, str(limits.memory_bytes), *([] if fold is None else [str(fold)]))
        self._closed = False
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._working: set[_Worker] = set()
        for _ in range(count):
            self._idle.put(None)
        # These threads live as long as the workers: the kernel ends a child with the thread that started it.
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="clean")

    def map(self, jobs: Iterable[tuple[str, Page]]) -> Iterator[tuple[str, CleanText | NoMainTextError]]:
        """Yield the result of each (id, page) when it is there: clean text, or the error that says why there is none.

        At most twice *count* pages are taken in advance. Raises ServiceError when workers do not start at all.
        """
        pending: dict[Future[CleanText | NoMainTextError], str] = {}
        for job_id, page in jobs:
            pending[self._threads.submit(self._clean, job_id, page)] = job_id
            if len(pending) >= 2 * self._count:
                yield from _wait_for_some(pending)
        while pending:
            yield from _wait_for_some(pending)

    def explain(self, page: Page) -> Explanation:
        """Return every block of *page*, kept or dropped and why. Raises NoMainTextError."""
        reply = self._threads.submit(self._ask, page.url or "page", Request(page, is_explained=True)).result()
        if reply.explanation is None:
            raise NoMainTextError(reply.reason, reply.detail)
        return reply.explanation

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill every worker at once, even in the middle of a page."""
        self._closed = True
        for worker in list(self._working):
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            idle = self._idle.get()
            if idle:
                idle.kill()
                idle.close()

    def _clean(self, job_id: str, page: Page) -> CleanText | NoMainTextError:
        reply = self._ask(job_id, Request(page))
        return reply.document or NoMainTextError(reply.reason, reply.detail)

    def _ask(self, job_id: str, request: Request) -> Reply:
        idle = self._idle.get()
        try:
            while True:
                worker = idle or self._start_worker()
                idle = worker
                first = worker.pages == 0
                reply = worker.ask(request)
                if not worker.alive:
                    self._working.discard(worker)
                    idle = None
                    if self._closed:  # killed with all others
                        return reply
                    why = {"reason": reply.reason, "detail": reply.detail}
                    log.warning("extraction worker lost", url=request.page.url or job_id, **why)
                    if reply.reason in _RETRIED_REASONS and not first:
                        continue
                return reply
        finally:
            self._idle.put(idle)

    def _start_worker(self) -> _Worker:
        if self._closed:
            raise ServiceError("extraction workers: closed")
        worker = _Worker(self._command, self._limits, self._environment)
        self._working.add(worker)
        if self._closed:  # in the meantime, without this worker
            worker.kill()
        return worker


class _Worker:
    """One process. ``ask`` gets a reply or kills the process."""

    def __init__(self, command: tuple[str, ...], limits: Limits, environment: Mapping[str, str]) -> None:
        self.pages = 0
        self._limits = limits
        self._process = WorkerProcess(command, environment)
        self.kill, self.close = self._process.kill, self._process.close

    @property
    def alive(self) -> bool:
        return self._process.alive

    def ask(self, request: Request) -> Reply:
        """Return the worker's reply, or one of reason ``timeout`` or ``worker_died``."""
        self.pages += 1
        try:
            reply = Reply.model_validate_json(self._process.ask(make_request(request), self._limits.seconds))
        except WorkerLostError as error:
            return Reply(reason=error.reason, detail=error.detail)
        except ValueError as error:
            self.kill()
            return Reply(reason="worker_died", detail=f"no reply: {error}")
        if reply.reason == "memory":
            self.kill()  # an interpreter that ran out of memory inside a library cannot be trusted
            return Reply(reason="memory", detail=f"more than {self._limits.memory_bytes:,} bytes")
        return reply


def _wait_for_some(
    pending: dict[Future[CleanText | NoMainTextError], str],
) -> Iterator[tuple[str, CleanText | NoMainTextError]]:
    """Wait until some of *pending* has ended, and yield it."""
    for future in wait(pending, return_when=FIRST_COMPLETED).done:
        yield pending.pop(future), future.result()
