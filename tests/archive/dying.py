"""Processes that die in the middle of what they do in the bucket, and answers that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from storage.objects import Store


class Died(BaseException):
    """The end of a process as far as its code can tell: nothing catches it."""


@contextmanager
def dying(store: Store, number: int, answered: bool, operation: str = "PutObject") -> Iterator[None]:
    """Die at the *operation* of this *number*, from 0: before it is sent, or once it is *answered*."""
    numbers = count()

    def die(**_: Any) -> None:
        if next(numbers) == number:
            raise Died

    with listening(store, f"{'after' if answered else 'before'}-call.s3.{operation}", die):
        yield


@contextmanager
def losing_answers(store: Store) -> Iterator[list[str]]:
    """Have the client send every PutObject a second time, as it does when the first answer was lost.

    Yields the paths that were sent twice.
    """
    twice: list[str] = []

    def again(attempts: int, response: Any, **_: Any) -> int | None:
        if attempts == 1 and response is not None and response[0].status_code == 200:
            twice.append(response[0].url)
            return 0  # seconds to wait
        return None

    with listening(store, "needs-retry.s3.PutObject", again, first=True):
        yield twice


@contextmanager
def refused_puts(store: Store) -> Iterator[None]:
    """Have the server refuse every PutObject, as with keys that were taken back: 403."""

    def spoil(request: Any, **_: Any) -> None:
        request.headers["Authorization"] = request.headers["Authorization"][:-1] + b"?"

    with listening(store, "before-send.s3.PutObject", spoil):
        yield


@contextmanager
def counting_gets(store: Store) -> Iterator[list[str | None]]:
    """Yield the Range header (None: the whole object) of each GetObject that is sent."""
    ranges: list[str | None] = []

    def note(request: Any, **_: Any) -> None:
        asked = request.headers.get("Range")
        ranges.append(asked.decode() if isinstance(asked, bytes) else asked)

    with listening(store, "before-send.s3.GetObject", note):
        yield ranges


@contextmanager
def listening(store: Store, event: str, listener: Any, first: bool = False) -> Iterator[None]:
    events = store._client.meta.events
    (events.register_first if first else events.register)(event, listener)
    try:
        yield
    finally:
        events.unregister(event, listener)
