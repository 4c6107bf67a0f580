"""Keeping troubles apart: a problem with one source does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from storage.model.errors import HemerotecaError, StorageError

log = structlog.get_logger()


class Troubles:
    """What went wrong in a step, each with its place. It is raised once the others are done."""

    def __init__(self) -> None:
        self.found: list[tuple[str, HemerotecaError]] = []

    @contextmanager
    def keep_apart(self, event: str, **place: str) -> Iterator[None]:
        """Keep the error when something fails, and log *event* with its *place*: ``crawl_id``, ``key`` or ``night``."""
        try:
            yield
        except HemerotecaError as error:
            log.error(event, **place, reason=str(error))
            self.found.append((next(iter(place.values())), error))

    def raise_first(self) -> None:
        """Raise what went wrong first; but an error of the store before others, since the step is then tried again."""
        self.raise_store_error()
        for _, error in self.found:
            raise error

    def raise_store_error(self) -> None:
        """Raise an error of the store, if there was one. Trying again does not help against others."""
        for _, error in self.found:
            if isinstance(error, StorageError):
                raise error
