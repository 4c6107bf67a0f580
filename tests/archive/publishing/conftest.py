"""Fixtures of nights that lack something, and of a small bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from storage.objects import S3Settings, Store
from tests.archive.homes import make_home, open_home
from tests.archive.publishing.harmed_bucket import Bucket
from tests.archive.two_papers import BucketOf, Night, copy_night, crawl_evidence
from tests.conftest import S3Server
from tests.data.bucket_1 import put_bucket_1


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> dict[str, bytes]:
    return crawl_evidence(tmp_path_factory.mktemp("whole") / "home", s3_server.new_prefix())


@pytest.fixture
def bucket_of(evidence: dict[str, bytes], s3_server: S3Server, tmp_path: Path) -> Iterator[BucketOf]:
    """Make a bucket of the evidence, without keys that begin so."""
    made: list[Night] = []

    def make(*without: str) -> Night:
        made.append(copy_night(evidence, tmp_path / "home", s3_server.new_prefix(), *without))
        return made[0]

    yield make
    made[0].archive.close()


@pytest.fixture
def bucket(s3_settings: S3Settings) -> Bucket:
    put_bucket_1(Store(s3_settings))
    return Bucket(s3_settings)


@pytest.fixture
def harmed(tmp_path: Path, s3_settings: S3Settings, bucket: Bucket) -> Iterator[Archive]:
    """An archive with a new catalog, whose *bucket* a test harms."""
    archive = open_home(make_home(tmp_path / "home"), s3_settings, date(2026, 11, 30))
    yield archive
    archive.close()
