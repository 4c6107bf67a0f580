"""Keeping troubles apart: what goes wrong with one source does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from storage.model.errors import HemerotecaError, StorageError

log = structlog.get_logger()


class Troubles:
    """What went wrong in a step, each with the id of the crawl, or the key. It is raised once the others are done."""

    def __init__(self) -> None:
        self.found: list[tuple[str, HemerotecaError]] = []

    @contextmanager
    def keep_apart(self, event: str, name: str) -> Iterator[None]:
        """Keep the error when what is done for *name* fails, and log *event*."""
        try:
            yield
        except HemerotecaError as error:
            log.error(event, name=name, reason=str(error))
            self.found.append((name, error))

    def raise_first(self) -> None:
        """Raise what went wrong first; but an error of the store before others, for the step is tried again then."""
        self.raise_store_error()
        for _, error in self.found:
            raise error

    def raise_store_error(self) -> None:
        """Raise an error of the store, if there was one. Trying again does not help against others."""
        for _, error in self.found:
            if isinstance(error, StorageError):
                raise error
