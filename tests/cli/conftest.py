"""The command as a user calls it, but in this process: importing everything costs most of a second a call."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest
import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.cli.main import main
from hemeroteca.configuration import read_settings
from storage.catalog.shortfall import settle_new
from storage.objects import S3Settings, Store
from tests.data.bucket_1 import put_bucket_1
from tests.storage.committed import Committed

COMMAND = str(Path(sys.executable).parent / "hemeroteca")


class Said(NamedTuple):
    """How a command ended and what it printed."""

    returncode: int
    output: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.output.decode()


Run = Callable[..., Said]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return this process's environment with the settings of one home alone."""
    foreign = ("HEMEROTECA_", "AIRFLOW")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    named = {f"HEMEROTECA_{name.upper()}": value for name, value in settings.items()}
    return inherited | {"HEMEROTECA_HOME": str(home)} | named


def call(home: Path, *arguments: str, stdin: str = "", **settings: str) -> Said:
    """Run one command on *home* with *settings*, through the entry point of the process."""
    output, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    logging = structlog.get_config()
    status: object = 0
    try:
        with (
            patch.dict(os.environ, environment(home, **settings), clear=True),
            patch.object(sys, "argv", ["hemeroteca", *arguments]),
            patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
            redirect_stdout(output),
            redirect_stderr(errors),
        ):
            main()
    except SystemExit as ended:
        status = ended.code or 0
    finally:
        structlog.configure(**logging)
    output.flush()
    assert isinstance(status, int)
    return Said(status, output.buffer.getvalue(), errors.getvalue())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def hemeroteca(home: Path) -> Run:
    """Run one command on ``home``; keyword arguments are settings."""
    return lambda *arguments, **settings: call(home, *arguments, **settings)


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
def archived(s3_settings: S3Settings, bucket: dict[str, str]) -> dict[str, str]:
    """Settings of a bucket that holds two nights."""
    put_bucket_1(Store(s3_settings))
    return bucket | {"contact": "me@example.org"}


@pytest.fixture
def publish(home: Path) -> Callable[[Committed], None]:
    """Apply a crawl to the catalog of ``home``, which counts as compared with its bucket."""

    def apply(crawl: Committed) -> None:
        with Archive(read_settings(home=home)) as archive:
            assert crawl.apply(archive.catalog)
            settle_new(archive.coordination, archive.catalog.name, None)

    return apply
