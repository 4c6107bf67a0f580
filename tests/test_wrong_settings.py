"""Wrong settings: each is named before anything starts, with its value unless that is secret, and how to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from hemeroteca.configuration import VARIABLES, find_unknown_variables, read_nightly_cron, read_settings
from hemeroteca.services.preflight import check_databases, check_store
from storage.model.errors import SeedError, ServiceError

SECRET = "pa55word"
FOREIGN = re.compile(
    r"input should|string should|valid |validat|pydantic|\^\[|\\w|extra inputs|function-|\bNone\b", re.I
)
"""Words of the library, patterns and our names of nothing, which no message may have."""

WRONG = [
    ("CRAWL_SLOTS", "many", "must be a whole number, not 'many'; for example HEMEROTECA_CRAWL_SLOTS=4"),
    ("CRAWL_SLOTS", "0", "must be 1 or more, not '0'"),
    ("CRAWL_SLOTS", "1.5", "must be a whole number, not '1.5'"),
    ("CRAWL_SLOTS", "101", "must be 100 or less, not '101'"),
    ("GRACE_SECONDS", "soon", "must be a number, not 'soon'"),
    ("STALL_SECONDS", "0", "must be more than 0, not '0'"),
    (
        "MAX_BODY_BYTES",
        "32 MiB",
        "must be a whole number, not '32 MiB'; for example HEMEROTECA_MAX_BODY_BYTES=67108864",
    ),
    ("DEMO", "maybe", "must be true or false, not 'maybe'; for example HEMEROTECA_DEMO=1"),
    ("TODAY", "yesterday", "must be a date such as 2026-03-01, not 'yesterday'"),
    ("TODAY", "2026-03-01", "is for demo and test homes alone: unset it, or set HEMEROTECA_DEMO=1"),
    ("S3_ADDRESSING", "paths", "must be path, virtual or auto, not 'paths'"),
    (
        "S3_ENDPOINT",
        "minio:9000",
        "'minio:9000' is not an http or https address: write an address such as http://minio",
    ),
    ("S3_ENDPOINT", "http://", "'http://' is not an http or https address"),
    ("S3_ENDPOINT", f"http://me:{SECRET}@minio:9000", "must have no user name or password: set HEMEROTECA_S3_ACCESS"),
    ("S3_ENDPOINT", f"me:{SECRET}@minio:9000", "'minio:9000' is not an http or https address"),
    ("S3_BUCKET", "s3://news/2026", "'s3://news/2026' is not a bucket name: write only the name"),
    ("S3_SECRET_KEY", SECRET, "is set without HEMEROTECA_S3_ACCESS_KEY: set both, or neither"),
    ("S3_ACCESS_KEY", "KEY", "is set without HEMEROTECA_S3_SECRET_KEY: set both, or neither"),
    ("CATALOG", f"mysql://me:{SECRET}@db/x", "'mysql' is neither PostgreSQL nor a SQLite file: write postgresql+psyco"),
    ("CATALOG", SECRET, "is neither PostgreSQL nor a SQLite file"),
    ("COORDINATION", "sqlite://", "'sqlite' is neither PostgreSQL nor a SQLite file"),
    ("NIGHTLY_CRON", "61 3 * * *", "'61 3 * * *' is not a cron line, or its day never comes; write minute, hour, day"),
    ("NIGHTLY_CRON", "0 3 31 2 *", "'0 3 31 2 *' is not a cron line, or its day never comes"),
    ("NIGHTLY_CRON", "3 o'clock", "has 2 fields, not 5; write minute, hour, day of the month"),
    ("NIGHTLY_CRON", "* * * * * *", "has 6 fields, not 5"),
    ("CA_FILE", "/nowhere/ca.pem", "/nowhere/ca.pem is not a file: name one that can be read"),
    ("SPOOL_LOW_BYTES", "99999999999", "99999999999 must be less than HEMEROTECA_SPOOL_HIGH_BYTES, 17179869184"),
    ("AIRFLOW_KEPT_DAYS", "7", "must be 31 or more, not '7'"),
]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but a home."""
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HEMEROTECA_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(("name", "value", "said"), WRONG, ids=lambda value: str(value)[:20])
def test_a_wrong_setting_is_named_with_its_value_and_its_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"HEMEROTECA_{name}", value)
    with pytest.raises(SeedError) as wrong:
        read_settings()
    line = str(wrong.value)
    assert line.startswith(f"HEMEROTECA_{name}: ") and said in line
    assert "\n" not in line and SECRET not in line and not FOREIGN.search(line)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("S3_PREFIX", "news", "news/"),
        ("S3_PREFIX", "/a/b/", "a/b/"),
        ("S3_PREFIX", "/", ""),
        ("S3_ENDPOINT", "http://minio:9000/", "http://minio:9000"),
        ("S3_ENDPOINT", "", None),
        ("S3_BUCKET", "", None),
        ("GRACE_SECONDS", "", 90.0),
        ("NIGHTLY_CRON", "", ""),
        ("NIGHTLY_CRON", "@daily", "@daily"),
        ("NIGHTLY_CRON", "30 1 * * mon-fri", "30 1 * * mon-fri"),
    ],
)
def test_what_is_meant_plainly_is_made_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, kept: object
) -> None:
    monkeypatch.setenv(f"HEMEROTECA_{name}", value)
    assert getattr(read_settings(), name.lower()) == kept


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CRAWL_SLOTS", "GRACE_SECONDS", "LOG_BYTES"):
        monkeypatch.setenv(f"HEMEROTECA_{name}", "x")
    with pytest.raises(SeedError) as wrong:
        read_settings()
    assert len(str(wrong.value).splitlines()) == 3


def test_a_misspelt_variable_is_found_and_the_right_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMEROTECA_CONTAKT", "me@example.org")
    monkeypatch.setenv("HEMEROTECA_SHARED", "/data")
    monkeypatch.setenv("HEMEROTECA_XYZ", "1")
    assert find_unknown_variables() == [
        "HEMEROTECA_CONTAKT: no such setting, so it does nothing; did you mean HEMEROTECA_CONTACT?",
        "HEMEROTECA_XYZ: no such setting, so it does nothing",
    ]


def test_the_dags_name_a_wrong_cron_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMEROTECA_NIGHTLY_CRON", "at night")
    with pytest.raises(SeedError, match="HEMEROTECA_NIGHTLY_CRON: 'at night' has 2 fields, not 5"):
        read_nightly_cron()


def test_a_database_whose_address_cannot_be_read_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEMEROTECA_CATALOG", f"postgresql://me:{SECRET}@db:port/x")
    with pytest.raises(SeedError, match="HEMEROTECA_CATALOG: is not a database address: write") as wrong:
        check_databases(read_settings())
    assert SECRET not in str(wrong.value)


class Answer(BaseHTTPRequestHandler):
    """Leads each request elsewhere."""

    def do_HEAD(self) -> None:
        self.send_response(302)
        self.send_header("Location", "https://s3.example.org/news")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def redirecting() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_endpoint_that_sends_elsewhere_is_named_with_where_to(redirecting: str) -> None:
    settings = read_settings(s3_endpoint=redirecting, s3_bucket="news", s3_access_key="a", s3_secret_key="b")
    with pytest.raises(SeedError) as wrong:
        check_store(settings)
    assert str(wrong.value) == (
        f"HEMEROTECA_S3_ENDPOINT: {redirecting} redirects to https://s3.example.org: use that address"
    )


def test_nothing_at_the_endpoint_is_no_wrong_setting() -> None:
    with pytest.raises(ServiceError, match="HEMEROTECA_S3_ENDPOINT: http://127.0.0.1:9 does not answer"):
        check_store(read_settings(s3_endpoint="http://127.0.0.1:9", s3_bucket="news"))
