"""A reader of untrusted documents, within limits: anything but a small one is read in a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self, TypeVar

import structlog

from spiders.discovery.feeds import NotAFeedError
from spiders.parsing.parse_messages import Reply, Request
from spiders.parsing.parsers import Parser
from storage.model.errors import ParserLimitError
from storage.worker_process import Frame, WorkerLostError, WorkerProcess

log = structlog.get_logger()

Found = TypeVar("Found")

MODULE = "spiders.parsing.parse_worker"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ReadLimits(NamedTuple):
    """The limits of one document; up to ``small_bytes`` it is read here, in a thread of its caller."""

    small_bytes: int = 256 * 1024
    cpu_seconds: float = 2.0
    """Enough for any honest one up to some megabytes; larger ones have more (spiders.parsing.parse_worker)."""
    seconds: float = 60.0
    """By the clock: on a busy machine a second of work takes many."""
    memory_bytes: int = 768 * 1024 * 1024
    workers: int = 2


LIMITS = ReadLimits()


class LimitedReader:
    """Reads documents for a whole process; its workers are started when first needed. A context manager.

    Its methods block: they are called in threads.
    """

    def __init__(
        self, limits: ReadLimits = LIMITS, environment: Mapping[str, str] = _NOTHING, module: str = MODULE
    ) -> None:
        self._limits = limits
        self._command = (module, str(limits.memory_bytes), str(limits.cpu_seconds))
        self._environment = environment
        self._closed = False
        self._working: set[WorkerProcess] = set()
        self._idle: SimpleQueue[WorkerProcess | None] = SimpleQueue()
        for _ in range(limits.workers):
            self._idle.put(None)
        # these threads live as long as the workers: the kernel ends a child with the thread that started it
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="parse")

    def read(self, parser: Parser[Found], body: bytes, url: str) -> Found:
        """Return what *parser* finds in *body*. Raises NotAFeedError, ParserLimitError."""
        if len(body) <= self._limits.small_bytes:
            return parser.parse(body, url)
        return self._threads.submit(self._ask, parser, body, url).result()

    def _ask(self, parser: Parser[Found], body: bytes, url: str) -> Found:
        head = Request(parser=parser.name, url=url).model_dump_json().encode()
        worker = self._idle.get()
        try:
            while True:
                used = worker if worker and worker.alive else None
                worker = used or self._start_worker()
                try:
                    return _take(parser, self._exchange(worker, Frame(head, body)))
                except WorkerLostError as error:
                    log.warning("parse worker lost", url=url, reason=str(error))
                    if not used or self._closed or error.reason == "timeout":
                        over = "more time or memory than a document may take"
                        raise ParserLimitError(f"{parser.name}: {over}: {error}") from error
                    # documents before it in the same process may be the cause: once more, in a new one
        finally:
            self._idle.put(worker)

    def _exchange(self, worker: WorkerProcess, frame: Frame) -> Reply:
        """Return the reply of *worker*, which is kept only while it can be trusted. Raises WorkerLostError."""
        try:
            reply = Reply.model_validate_json(worker.ask(frame, self._limits.seconds))
            if reply.over == MemoryError.__name__:
                worker.kill()  # an interpreter that ran out of memory inside a library cannot be trusted
                raise WorkerLostError("memory", f"more than {self._limits.memory_bytes:,} bytes")
            return reply
        finally:
            if not worker.alive:
                self._working.discard(worker)

    def _start_worker(self) -> WorkerProcess:
        worker = WorkerProcess(self._command, self._environment)
        self._working.add(worker)
        if self._closed:  # in the meantime, without this worker
            worker.kill()
        return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill every worker at once, even in the middle of a document."""
        self._closed = True
        for worker in list(self._working):
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._working:
            worker.close()


def _take(parser: Parser[Found], reply: Reply) -> Found:
    if reply.found is not None:
        return parser.form.validate_json(reply.found)
    if reply.not_a_feed is not None:
        raise NotAFeedError(reply.not_a_feed)
    if reply.over is not None:
        raise ParserLimitError(f"{parser.name}: {reply.over}")
    raise RuntimeError(f"{parser.name}: {reply.error}")
