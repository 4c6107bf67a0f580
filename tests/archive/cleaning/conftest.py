"""Fixtures for cleaning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hemeroteca.extraction.workers.pool import WorkerPool


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(2) as workers:
        yield workers
