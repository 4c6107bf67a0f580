"""Fixtures of every area: a real S3 server and a PostgreSQL server, and places of its own in them for each test."""

from __future__ import annotations

import itertools
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyarrow.fs import S3FileSystem

from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.coordination import Coordination
from storage.objects import S3Settings, Store
from tests.drills.results import DrillResult, write_table
from tests.shared import CountCases
from tests.storage.postgres import new_database, running_postgres


def pytest_configure() -> None:
    """Let what tests start heed Ctrl-C as in a terminal: a script's ``make test &`` has every process ignore it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class S3Server:
    """The session's SeaweedFS; ``settings`` names its default bucket."""

    def __init__(self, settings: S3Settings) -> None:
        assert settings.endpoint_url and settings.access_key and settings.secret_key
        self.settings = settings
        self.endpoint = settings.endpoint_url
        self.access_key = settings.access_key
        self.secret_key = settings.secret_key
        self._numbers = itertools.count(1)

    def new_prefix(self) -> S3Settings:
        """Return the settings of an empty place in the default bucket: a bucket costs a volume, a prefix nothing."""
        return self.settings.replace(prefix=f"test-{next(self._numbers)}/")

    def new_bucket(self) -> S3Settings:
        """Make an empty bucket and return its settings."""
        settings = self.settings.replace(bucket=f"test-{next(self._numbers)}")
        Store(settings).ensure_bucket()
        return settings


def s3_client(settings: S3Settings) -> Any:
    """Return a plain boto3 client of a bucket's server: what tests do to objects past the archive's own rules."""
    assert settings.secret_key
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key.get_secret_value(),
    )


def table_dataset(settings: S3Settings, table: str) -> tuple[str, S3FileSystem]:
    """Return where the nights of a table lie, and the file system that plain pyarrow reads them from."""
    assert settings.secret_key
    filesystem = S3FileSystem(
        access_key=settings.access_key,
        secret_key=settings.secret_key.get_secret_value(),
        endpoint_override=settings.endpoint_url,
        region=settings.region,
    )
    return f"{settings.bucket}/{settings.prefix}tables/{table}/", filesystem


def replace_object(settings: S3Settings, key: str, content: bytes) -> None:
    """Put other bytes in the place of an object, past create-only; what the store says of it stays as it was."""
    client, place = s3_client(settings), {"Bucket": settings.bucket, "Key": settings.prefix + key}
    client.put_object(**place, Body=content, Metadata=client.head_object(**place)["Metadata"])


def flip_bit(settings: S3Settings, key: str, at: int) -> None:
    """Flip a bit of the byte *at* of an object, at rest."""
    client = s3_client(settings)
    content = bytearray(client.get_object(Bucket=settings.bucket, Key=settings.prefix + key)["Body"].read())
    content[at] ^= 1
    replace_object(settings, key, bytes(content))


def open_uploads(settings: S3Settings) -> list[str]:
    """Return the keys of a bucket's multipart uploads that were never completed."""
    found = s3_client(settings).list_multipart_uploads(Bucket=settings.bucket, Prefix=settings.prefix)
    return [upload["Key"] for upload in found.get("Uploads", ())]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name gzip by its place alone: its bytes have the time in them, and each worker must find the same tests."""
    return argname if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with use_embedded_s3(Home(tmp_path_factory.mktemp("s3"))) as settings:
        yield S3Server(settings)


@pytest.fixture
def s3_settings(s3_server: S3Server) -> S3Settings:
    return s3_server.new_prefix()


@pytest.fixture
def store(s3_settings: S3Settings) -> Store:
    return Store(s3_settings)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a running PostgreSQL server's first database."""
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a catalog or for coordination, once in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    return new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def coordination(database_url: str) -> Iterator[Coordination]:
    opened = Coordination.open(database_url.replace("catalog.sqlite", "coordination.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def count_cases(record_property: Callable[[str, object], None]) -> CountCases:
    """Count cases of a suite as run, if this test passes: ``count_cases("robots/allow", 427)``."""
    return lambda suite, cases, what="": record_property("cases", (suite, cases, what))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    _write_suites(terminalreporter)
    _write_drills(terminalreporter)


def _write_suites(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cases of each shared suite the tests that passed have counted."""
    counted: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.getreports("passed"):
        for suite, cases, what in (value for name, value in report.user_properties if name == "cases"):
            counted[suite, what] += cases
    for (suite, what), cases in sorted(counted.items()):
        terminalreporter.write_line(f"suite {suite}: {cases} cases" + (f", {what}" if what else ""))


def _write_drills(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of the drills that were run. Here, because who deals tests out to processes loads no other."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.getreports(name)]
    results = [DrillResult(**found) for one in reports for name, found in one.user_properties if name == "drill"]
    for line in write_table(results):
        terminalreporter.write_line(line)
