"""A catalog for tests, in each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.catalog import Catalog
from storage.coordination import Coordination


@pytest.fixture
def catalog(database_url: str, coordination: Coordination) -> Iterator[Catalog]:
    opened = Catalog.open(database_url, coordination)
    yield opened
    opened.close()
