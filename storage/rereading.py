"""Reading again: a mismatch, or an object that does not come, is believed only if it stays that way."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import structlog

from storage.model.errors import DiskFullError, FixityError, MissingObjectError, StorageError, StoreRefusedError
from storage.objects import Store

log = structlog.get_logger()

READ_AGAIN = 3
"""How often what does not match is read again before it counts as damaged."""
LOST_SECONDS = 60.0
"""For how long a store may fail to give an object that it lists, before the object counts as lost.

SeaweedFS lists what it lost in a power cut, and answers 500 for ever.
"""
LOST_FOR_SECONDS = 600.0
"""For how long it then counts as lost before the store is asked again."""

T = TypeVar("T")


class Rereader:
    """Reads the objects of a store, again where it must. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lost: dict[str, float] = {}
        """When an object was found lost, by the monotonic clock: it may be put back from a copy."""

    @cached_property
    def _spare(self) -> Store:
        return self._store.connect_anew()

    def read(self, key: str, read: Callable[[Store], T]) -> T:
        """Return what *read* reads from the object at *key*.

        Raises FixityError for what is damaged or lost, MissingObjectError, and StorageError when the store is away.
        """
        began = time.monotonic()
        while began - self._lost.get(key, -LOST_FOR_SECONDS) >= LOST_FOR_SECONDS:
            try:
                return self._read_matching(read)
            except (DiskFullError, StoreRefusedError):
                raise
            except StorageError as error:
                self._store.stat(key)  # raises when the store does not answer at all
                log.warning("object not given", key=key, reason=str(error))
                if time.monotonic() - began >= LOST_SECONDS:
                    self._lost[key] = began
        raise FixityError(f"{key}: is lost: the store lists it but did not return it for {LOST_SECONDS:.0f} s")

    def _read_matching(self, read: Callable[[Store], T]) -> T:
        store = self._store
        for tries_left in reversed(range(READ_AGAIN + 1)):
            try:
                return read(store)
            except FixityError as error:
                if not tries_left or isinstance(error, MissingObjectError):
                    raise
                log.warning("read again", reason=str(error), tries_left=tries_left)
                store = self._spare
        raise AssertionError
