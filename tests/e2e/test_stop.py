"""What a stack leaves when it stops: its archive, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.services.seaweed import use_embedded_s3
from hemeroteca.services.stack import read_holder
from storage.files import read_json
from tests.e2e import invariants
from tests.e2e.home import Home
from tests.e2e.invariants import read_bucket
from tests.services.processes import LOOPBACK, living

pytestmark = pytest.mark.e2e

MADE_BY_TESTS = ("today", "demo/ledger.jsonl")
KEEPERS = ("s3/credentials.json", "airflow/secrets.json", "airflow/passwords.json")
"""The files that hold secrets, for their owner alone."""


def secrets_of(home: Path) -> dict[str, bytes]:
    kept = {name: read_json(home / name, dict[str, str]) or {} for name in KEEPERS}
    values = {f"{name}: {field}": value for name, fields in kept.items() for field, value in fields.items()}
    del values["s3/credentials.json: access_key"]  # the identity's name, which the server logs
    return {name: value.encode() for name, value in values.items()}


def files_of(home: Path) -> Iterator[Path]:
    """Yield every file but the secrets' own and the S3 server's volumes."""
    for path in home.rglob("*"):
        if path.is_file() and path.relative_to(home).as_posix() not in KEEPERS and home / "s3/data" not in path.parents:
            yield path


def test_nothing_listened_beyond_loopback(stopped: Home) -> None:
    assert stopped.addresses == {LOOPBACK}


def test_nothing_is_left_running(stopped: Home) -> None:
    assert len(stopped.family) > 10
    assert not living(stopped.family)
    assert read_holder(stopped.settings) is None


def test_the_home_is_its_owners_alone(stopped: Home) -> None:
    paths = [stopped.path, *stopped.path.rglob("*")]
    assert len(paths) > 100
    open_to_others = [path for path in paths if not path.is_symlink() and path.lstat().st_mode & 0o077]
    assert {path.relative_to(stopped.path).as_posix() for path in open_to_others} <= set(MADE_BY_TESTS)


def test_no_secret_is_in_any_log_or_other_file(stopped: Home) -> None:
    secrets = secrets_of(stopped.path)
    assert len(secrets) >= 5
    logs = [path for path in files_of(stopped.path) if path.suffix == ".log"]
    assert len(logs) > 30
    for path in (*files_of(stopped.path), stopped.up_log):
        content = path.read_bytes()
        assert [name for name, secret in secrets.items() if secret in content] == [], path


def test_no_secret_is_in_the_bucket(stopped: Home) -> None:
    secrets = secrets_of(stopped.path)
    with use_embedded_s3(stopped.settings.home), stopped.archive() as archive:
        for key, content in read_bucket(archive).objects.items():
            assert not any(secret in content for secret in secrets.values()), key


def test_the_bucket_holds_no_orphan_and_the_spool_nothing(stopped: Home) -> None:
    with use_embedded_s3(stopped.settings.home), stopped.archive() as archive:
        invariants.nothing_is_orphaned(read_bucket(archive), archive)
