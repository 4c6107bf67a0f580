"""Fixtures of the archive's tests: the demo newspapers with their ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.demo import Newspapers
from storage.objects import S3Settings
from tests.archive.homes import FIRST, Origin, demo_card, make_home, open_home


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    ledger = tmp_path / "origin.jsonl"
    with Newspapers(ledger=ledger, night=FIRST) as newspapers:
        yield Origin(newspapers, ledger)


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> Iterator[Archive]:
    """The archive of El Faro alone, which is slow enough to be caught in the middle."""
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.01))
    archive = open_home(home, s3_settings, connect_to=origin.newspapers.connect_to)
    yield archive
    archive.close()
