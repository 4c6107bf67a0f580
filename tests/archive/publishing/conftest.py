"""Fixtures of nights that lack something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.two_papers import BucketOf, Night, copy_night, crawl_evidence
from tests.conftest import S3Server


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
