"""The watch over the event loop of a crawl process: a loop that uses 30 s of CPU time in one step is ended.

The kernel counts and kills (ITIMER_PROF, SIGPROF), so that code which never lets Python speak is ended too; where it
stands is logged. Whose step it was is in a file, for whoever tries again: that source is crawled alone.

{home}/runs/{digest of the run}/shard-{n}-{k}-{pid}.turn    the crawl id of the last step, padded with zeros
"""

from __future__ import annotations

import asyncio
import faulthandler
import mmap
import signal
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

STALLED = -signal.SIGPROF
"""The exit status of a process that was ended by its watch."""

_BYTES = 256
_TURN_SECONDS = 1.0


class Turn:
    """The steps of one crawl in the loop."""

    def __init__(self, note: mmap.mmap, crawl_id: str) -> None:
        self._note = note
        self._name = crawl_id.encode()[:_BYTES].ljust(_BYTES, b"\0")

    def begin(self) -> None:
        """Note that what runs from now on is this crawl's."""
        self._note[:_BYTES] = self._name

    def take(self, work: Coroutine[Any, Any, Any]) -> _Steps:
        """Return *work* so that each of its steps, and those of the tasks that it begins, are this crawl's."""
        return _Steps(self, _with_turn(self, work))


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def find_turn() -> Turn | None:
    """Return whose turn it is in this task; None when it is nobody's or there is no watch."""
    return _turn.get()


async def _with_turn(turn: Turn, work: Coroutine[Any, Any, Any]) -> Any:
    _turn.set(turn)
    return await work


class _Steps(Coroutine[Any, Any, Any]):
    """A coroutine that says of each of its steps whose it is."""

    def __init__(self, turn: Turn, work: Coroutine[Any, Any, Any]) -> None:
        self._turn, self._work = turn, work

    def send(self, value: Any) -> Any:
        self._turn.begin()
        return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        self._turn.begin()
        return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._work.__await__()


class LoopWatch:
    """The watch of this process; *path* gets whose turn it is."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._seconds = seconds
        with path.open("w+b") as file:
            file.write(bytes(_BYTES))
            file.flush()
            self._note = mmap.mmap(file.fileno(), _BYTES)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch *loop*, from its first turn on."""
        faulthandler.register(signal.SIGPROF, chain=True)  # then the signal does what it does by default: it kills
        loop.set_task_factory(self.make_task)
        loop.call_soon(self._renew, loop)

    def make_turn(self, crawl_id: str) -> Turn:
        return Turn(self._note, crawl_id)

    @staticmethod
    def make_task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        """Return the task of *work*: one begun in a crawl's turn is that crawl's."""
        turn = _turn.get()
        if turn is not None and not isinstance(work, _Steps):
            work = _Steps(turn, work)
        return asyncio.Task(work, loop=loop, **options)

    def _renew(self, loop: asyncio.AbstractEventLoop) -> None:
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        loop.call_later(_TURN_SECONDS, self._renew, loop)


def name_turn_file(job_file: Path) -> Path:
    """Return where the process of *job_file* notes whose turn it is."""
    return job_file.with_name(job_file.name.removesuffix(".json").removesuffix(".job") + ".turn")


def read_turn(path: Path) -> str | None:
    """Return the crawl whose step was the last one; None where there was none."""
    try:
        return path.read_bytes().rstrip(b"\0").decode() or None
    except (OSError, UnicodeDecodeError):
        return None
