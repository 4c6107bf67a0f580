"""Real parts that the tests share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from hemeroteca.services.seaweed import embedded_s3
from storage.objects import S3Settings, Store

_numbers = count()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Settings]:
    """A SeaweedFS of this session's own."""
    with embedded_s3(tmp_path_factory.mktemp("home")) as settings:
        yield settings


@pytest.fixture
def store(s3_server: S3Settings) -> Store:
    """An empty part of the bucket."""
    return Store(s3_server.replace(prefix=f"test-{next(_numbers)}/", secret_key=s3_server.secret_key))
