"""Fixtures of the archive's tests: the demo newspapers with their ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.demo import Newspapers
from storage import keys
from storage.manifests import read_manifest
from storage.objects import S3Settings
from tests.archive.cleaned import CleanedNight, work
from tests.archive.copies import Change, CopyOf
from tests.archive.held_newspapers import HeldNewspapers
from tests.archive.homes import FIRST, Origin, demo_card, make_home, open_home
from tests.conftest import S3Server, s3_client

_numbers = count(1)


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


@pytest.fixture
def copy(s3_server: S3Server, tmp_path: Path) -> CopyOf:
    """Copy a night's evidence without its cleaning into an archive of its own, each object as *change* has it."""

    def make(*nights: CleanedNight, change: Change = lambda key, content: content) -> Archive:
        s3 = s3_server.new_prefix()
        client = s3_client(s3)
        for night in nights:
            manifest = keys.crawl_manifest(night.crawl)
            objects = read_manifest(night.archive.store, manifest).objects
            for key in [manifest, *(stored.key for stored in objects)]:
                content = change(key, night.archive.store.read(key))
                if content is not None:
                    client.put_object(Bucket=s3.bucket, Key=s3.prefix + key, Body=content)
        return open_home(make_home(tmp_path / f"copy-{next(_numbers)}", demo_card("anzeiger")), s3)

    return make
