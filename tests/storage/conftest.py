"""Databases for tests: SQLite in a folder, and a PostgreSQL server of the session."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.catalog import Catalog
from storage.coordination import Coordination
from tests.storage.postgres import running_postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a running PostgreSQL server's first database."""
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a catalog or for coordination, once in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    return new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def coordination(database_url: str) -> Iterator[Coordination]:
    opened = Coordination.open(database_url.replace("catalog.sqlite", "coordination.sqlite"))
    yield opened
    opened.close()


def new_database(server_url: str) -> str:
    """Make an empty database in the server of *server_url* and return its address."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return server_url.removesuffix("/postgres") + f"/{name}"


@pytest.fixture
def catalog(database_url: str, coordination: Coordination) -> Iterator[Catalog]:
    opened = Catalog.open(database_url, coordination)
    yield opened
    opened.close()
