"""Everything but the bucket is gone: the archive is made anew from it, there or from a copy somewhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.configuration import Settings, read_settings
from hemeroteca.home import Home as ArchiveHome
from hemeroteca.services.seaweed import use_embedded_s3
from storage.objects import S3Settings
from tests.conftest import S3Server, s3_client
from tests.e2e import invariants
from tests.e2e.home import COMMAND, Home
from tests.e2e.invariants import read_bucket
from tests.e2e.nights import Nights
from tests.storage.catalog_rows import catalog_rows

pytestmark = pytest.mark.e2e


class Derived(NamedTuple):
    """All that is derived: the catalog's rows by table, and the objects below ``tables/``."""

    rows: dict[str, list[tuple[Any, ...]]]
    parts: dict[str, bytes]


def read_derived(settings: Settings) -> Derived:
    with Archive(settings) as archive:
        rows = catalog_rows(settings.catalog_url(), archive.catalog.name)
        return Derived(rows, {key: archive.store.read(key) for key in archive.store.list_keys("tables/")})


@pytest.fixture(scope="module")
def target(s3_server: S3Server) -> S3Settings:
    """An empty bucket of another name at another endpoint."""
    return s3_server.new_bucket()


@pytest.fixture(scope="module")
def lived(stopped: Home, target: S3Settings) -> Derived:
    """What was derived while the archive lived; its evidence is copied to *target*, without metadata."""
    with use_embedded_s3(stopped.settings.home) as settings:
        assert (target.endpoint_url, target.bucket) != (settings.endpoint_url, settings.bucket)
        copy_evidence(settings, target)
        derived = read_derived(stopped.settings)
    assert all(derived.rows[table] for table in ("captures", "documents", "crawls", "url_state"))
    assert len(derived.parts) >= 6
    return derived


@pytest.fixture(scope="module")
def copied(lived: Derived, target: S3Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new home on the copy."""
    return Settings(
        home=ArchiveHome(tmp_path_factory.mktemp("copied") / "home"),
        s3_endpoint=target.endpoint_url,
        s3_bucket=target.bucket,
        s3_access_key=target.access_key,
        s3_secret_key=target.secret_key,
    )


def copy_evidence(source: S3Settings, target: S3Settings) -> None:
    ours, theirs = s3_client(source), s3_client(target)
    for page in ours.get_paginator("list_objects_v2").paginate(Bucket=source.bucket):
        for key in (item["Key"] for item in page["Contents"] if not item["Key"].startswith("tables/")):
            content = ours.get_object(Bucket=source.bucket, Key=key)["Body"].read()
            theirs.put_object(Bucket=target.bucket, Key=key, Body=content)


def test_a_home_of_which_only_the_bucket_is_left_is_made_anew(stopped: Home, lived: Derived, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(stopped.path / "s3", home / "s3", ignore=shutil.ignore_patterns("*.sock"))
    command = [COMMAND, "--demo", "rebuild"]
    said = subprocess.run(command, env=os.environ | {"HEMEROTECA_HOME": str(home)}, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"rebuilt: {len(lived.rows['captures']):,} captures")
    settings = read_settings(home=home, demo=True)
    with use_embedded_s3(ArchiveHome(home)):
        assert_same(read_derived(settings), lived)


def test_a_copy_under_another_endpoint_and_name_gives_the_same(copied: Settings, lived: Derived) -> None:
    with Archive(copied) as archive:
        assert list(archive.store.list_keys("tables/")) == []
        rebuild(archive)
    assert_same(read_derived(copied), lived)


def test_every_response_of_the_newspapers_is_in_exactly_one_record_of_the_copy(
    copied: Settings, nights: Nights
) -> None:
    with Archive(copied) as archive:
        bucket = read_bucket(archive)
        invariants.each_response_is_in_one_record(bucket, nights.served(), nights.cut_short)
        invariants.rows_and_records_are_the_same(bucket, archive)
        invariants.every_document_resolves(bucket, archive)


def assert_same(found: Derived, lived: Derived) -> None:
    assert {name: len(rows) for name, rows in found.rows.items()} == {n: len(rows) for n, rows in lived.rows.items()}
    for table, rows in lived.rows.items():
        assert found.rows[table] == rows, table
    assert found.parts.keys() == lived.parts.keys()
    for key, content in lived.parts.items():
        assert found.parts[key] == content, key
