"""Fixtures of the archive's tests: the demo newspapers with their ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.demo import Newspapers
from storage.objects import S3Settings
from tests.archive.cleaned import CleanedNight, work
from tests.archive.held_newspapers import HeldNewspapers
from tests.archive.homes import FIRST, Origin, demo_card, make_home, open_home
from tests.conftest import S3Server


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    ledger = tmp_path / "origin.jsonl"
    with HeldNewspapers(ledger=ledger, night=FIRST) as newspapers:
        yield Origin(newspapers, ledger)


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> Iterator[Archive]:
    """The archive of El Faro alone, which is slow enough to be caught in the middle."""
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.01))
    archive = open_home(home, s3_settings, connect_to=origin.newspapers.connect_to)
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[list[CleanedNight]]:
    """Two nights in a row of the demo's German paper, for whoever only reads them."""
    home = make_home(tmp_path_factory.mktemp("nights") / "home", demo_card("anzeiger"))
    s3 = s3_server.new_prefix()
    with Newspapers(night=FIRST) as newspapers:
        passed = []
        for day in (0, 1):
            night = FIRST + timedelta(days=day)
            newspapers.set_night(night)
            archive = open_home(home, s3, night, connect_to=newspapers.connect_to)
            passed.append(work(archive))
        yield passed
        for one in passed:
            one.archive.close()
