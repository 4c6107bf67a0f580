"""The command as a user runs it: a process of its own, with a home and an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hemeroteca.archive.archive import open_archive
from hemeroteca.settings import read_settings
from storage.objects import S3Settings
from tests.storage.committed import Committed

COMMAND = str(Path(sys.executable).parent / "hemeroteca")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return this process's environment with the settings of one home alone."""
    foreign = ("HEMEROTECA_", "AIRFLOW")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return inherited | {"HEMEROTECA_HOME": str(home)} | settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def hemeroteca(home: Path) -> Run:
    """Run one command on ``home``; keyword arguments are settings."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            env=environment(home, **{f"HEMEROTECA_{name.upper()}": value for name, value in settings.items()}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def bucket(s3_settings: S3Settings) -> dict[str, str]:
    """Settings of an empty place in a real bucket."""
    assert s3_settings.secret_key
    return {
        "s3_endpoint": s3_settings.endpoint_url or "",
        "s3_bucket": s3_settings.bucket,
        "s3_prefix": s3_settings.prefix,
        "s3_access_key": s3_settings.access_key or "",
        "s3_secret_key": s3_settings.secret_key.get_secret_value(),
        "s3_addressing": "path",
    }


@pytest.fixture
def publish(home: Path) -> Callable[[Committed], None]:
    """Apply a crawl to the catalog of ``home``."""

    def apply(crawl: Committed) -> None:
        with open_archive(read_settings(home=home)) as archive:
            assert crawl.apply(archive.catalog)

    return apply
