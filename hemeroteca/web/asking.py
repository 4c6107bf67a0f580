"""Blocking questions to catalog and store, asked in a bounded number of threads, and no longer than a reader waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from storage.model.errors import StorageError

_CHUNK_CHARACTERS = 64 * 1024
_END = object()
T = TypeVar("T")


class Asking:
    """At most *threads* questions at once; each is given *seconds*, then the reader is told to come back."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._seconds = seconds

    async def ask(self, question: Callable[[], T]) -> T:
        """Return the answer. Raises StorageError when it does not come in time."""
        try:
            with anyio.fail_after(self._seconds):
                return await run_sync(question, limiter=self._limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise StorageError(f"no answer within {self._seconds:g} s") from None

    async def stream(self, lines: Iterator[str]) -> AsyncIterator[bytes]:
        """Return *lines* as chunks of UTF-8. What goes wrong before the first chunk is raised here."""
        first = await self.ask(lambda: _take(lines))
        return self._rest(first, lines)

    async def _rest(self, first: str, lines: Iterator[str]) -> AsyncIterator[bytes]:
        chunk = first
        while chunk:
            yield chunk.encode()
            chunk = await self.ask(lambda: _take(lines))


def _take(lines: Iterator[str]) -> str:
    """Return the next lines, about a chunk of them; nothing at the end."""
    taken: list[str] = []
    size = 0
    while size < _CHUNK_CHARACTERS and (line := next(lines, _END)) is not _END:
        assert isinstance(line, str)
        taken.append(line)
        size += len(line)
    return "".join(taken)
