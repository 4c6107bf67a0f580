"""A week of the documents table in a real store."""

from __future__ import annotations

import pytest

from storage.objects import Store
from tests.storage.analysis.week import put_week


@pytest.fixture
def week(store: Store) -> Store:
    return put_week(store)
