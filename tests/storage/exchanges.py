"""Exchanges made by hand, for tests of what is written of them."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.captures.exchange import Exchange, ExchangeFacts, Failure, Truncation
from storage.captures.outcomes import WrittenCapture
from storage.captures.writer import DEFAULT_LIMITS, FileLimits, WarcWriter, crawl_info
from storage.known import KnownCapture, write_moment

URL = "https://faro.hemeroteca.test/noticia"
NAME = "faro-20261124-nightly-0badcafe-00000.warc.gz"
REQUEST = b"GET /noticia HTTP/1.1\r\nHost: faro.hemeroteca.test\r\n\r\n"
PAGE = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello'
FACTS = ExchangeFacts(kind="article", purpose="article")


class Ticking:
    """A clock that is a second later each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 3, 0, 0, 123456, UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def good(path: Path) -> bool:
    """Say whether gzip and FastWARC's verifier find nothing wrong with the file."""
    check = [str(Path(sys.executable).with_name("fastwarc")), "check", str(path)]
    return all(subprocess.run(tool, capture_output=True).returncode == 0 for tool in (["gzip", "-t", path], check))


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
    info = crawl_info("archive@hemeroteca.test", "0.1.0", "c0ffee")
    name_for = "faro-20261124-nightly-0badcafe-{:05d}.warc.gz".format
    return WarcWriter(directory, name_for, info, clock or Ticking(), lambda: f"urn:uuid:{next(ids):032x}", limits)


def known_of(written: WrittenCapture) -> KnownCapture:
    """Return what the archive knows after *written* was committed."""
    return KnownCapture(
        url=written.target_uri,
        record_id=written.record_id,
        target_uri=written.target_uri,
        date=write_moment(written.date),
        payload_digest=written.payload_digest,
        body_digest=written.body_digest,
        etag=written.etag,
        last_modified=written.last_modified,
        looks=1,
        last_night="2026-11-24",
    )
