"""Exchanges made by hand, for tests of how they are written."""

from __future__ import annotations

import base64
import hashlib
import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from storage.captures.exchange import Exchange, ExchangeFacts, Failure, Truncation
from storage.captures.writer import DEFAULT_LIMITS, FileLimits, WarcFiles, WarcWriter, describe_crawler
from storage.known import KnownCapture, write_moment
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome

URL = "https://faro.hemeroteca.test/noticia"
NAME = "faro-20261124-nightly-0badcafe-00000.warc.gz"
REQUEST = b"GET /noticia HTTP/1.1\r\nHost: faro.hemeroteca.test\r\n\r\n"
PAGE = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello'
CRAWL = Crawl(
    id="faro-20261124-nightly",
    source_id="faro",
    night=date(2026, 11, 24),
    trigger="nightly",
    started=datetime(2026, 11, 24, 3, tzinfo=UTC),
)
FACTS = ExchangeFacts(kind="article", purpose="article")


class Ticking:
    """A clock that is a second later each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 3, 0, 0, 123456, UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def sha1(block: bytes) -> str:
    """Return the digest of *block* as WARC has it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()


def good(path: Path) -> bool:
    """Say whether gzip and FastWARC's verifier find nothing wrong with the file."""
    tools = (["gzip", "-t"], [str(Path(sys.executable).with_name("fastwarc")), "check"])
    return all(subprocess.run([*tool, str(path)], capture_output=True).returncode == 0 for tool in tools)


def exchange(
    answer: bytes, failure: Failure | None = None, truncated: Truncation | None = None, facts: ExchangeFacts = FACTS
) -> Exchange:
    """Return an ended exchange over plain HTTP that sent REQUEST and received *answer*."""
    made = Exchange(URL.replace("https", "http"), "GET", facts, Ticking())
    made.begin("127.0.0.1")
    made.sent(REQUEST)
    made.received(answer)
    made.end(failure, truncated)
    return made


def writer(
    directory: Path, limits: FileLimits = DEFAULT_LIMITS, clock: Callable[[], datetime] | None = None
) -> WarcWriter:
    ids = itertools.count(1)
    info = describe_crawler("archive@hemeroteca.test", "0.1.0", "c0ffee")
    files = WarcFiles(directory, "faro-20261124-nightly-0badcafe-{:05d}.warc.gz".format, info, limits)
    return WarcWriter(CRAWL, files, clock or Ticking(), lambda: f"urn:uuid:{next(ids):032x}")


def known_of(outcome: Outcome) -> KnownCapture:
    """Return what the archive knows of the URL of *outcome* after that was committed."""
    assert outcome.record_id and outcome.fetched_at and outcome.payload_digest
    return KnownCapture(
        url=outcome.url,
        record_id=outcome.record_id,
        target_uri=outcome.url,
        date=write_moment(outcome.fetched_at),
        payload_digest=outcome.payload_digest,
        body_digest=outcome.body_digest,
        etag=outcome.etag,
        last_modified=outcome.last_modified,
        looks=1,
        last_night="2026-11-24",
    )
