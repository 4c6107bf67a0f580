"""Responses whose end nobody says, and parts that nobody asked for: taken for what they show to be."""

from __future__ import annotations

import gzip
import ssl
from pathlib import Path

import pytest
import trustme

from storage.warc.record import WarcRecord
from tests.spiders.lab import Fetched, Lab
from tests.spiders.raw_origin import RawOrigin, reply, reply_and_reset, reply_without_goodbye
from tests.spiders.wire.test_failure import metadata_of
from tests.spiders.wire.test_handler import judge_file

HOST = "paper.hemeroteca.test"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
PAGE = b"<html><title>News</title><p>" + b"text " * 300 + b"</html>"


def fetch_over_tls(directory: Path, answer: bytes) -> tuple[Fetched, list[WarcRecord]]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    with RawOrigin({"/": reply_without_goodbye(answer)}, context) as origin:
        rules = [f"{HOST}:443:127.0.0.1:{origin.port}"]
        lab = Lab(directory, CAPTURE_CONNECT_TO=rules, CAPTURE_CA_FILE=str(directory / "ca.pem"))
        fetched = lab.fetch(f"https://{HOST}/")
    records = lab.records()
    judge_file(directory / "t-00000.warc.gz")
    return fetched, records


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        PAGE + b"\n<!-- cached --> <!-- 0.01 s -->\n",
        b"<rss><channel></channel></rss>\n",
        b'\xef\xbb\xbf{"version": "https://jsonfeed.org/version/1.1", "items": []}\n',
    ],
)
def test_a_page_that_has_its_end_is_whole_though_tls_ends_without_a_goodbye(tmp_path: Path, body: bytes) -> None:
    fetched, records = fetch_over_tls(tmp_path, HEAD + b"\r\n" + body)
    outcome = fetched.outcome
    assert (outcome.state, outcome.reason, outcome.flags) == ("captured", None, ("unclosed",))
    assert outcome.body_digest
    assert fetched.require_response().body == body
    assert records[0].truncated is None
    assert records[0].block == HEAD + b"\r\n" + body


def test_a_packed_page_has_its_end_when_it_unpacks(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE, mtime=0)
    head = HEAD + b"Content-Encoding: gzip\r\n\r\n"
    assert fetch_over_tls(tmp_path, head + packed)[0].outcome.flags == ("unclosed",)


@pytest.mark.parametrize("body", [PAGE[:-7], PAGE[:-1], gzip.compress(PAGE, mtime=0)[:-9], b"plain text"])
def test_a_page_without_its_end_is_cut_when_tls_ends_without_a_goodbye(tmp_path: Path, body: bytes) -> None:
    fetched, records = fetch_over_tls(tmp_path, HEAD + b"\r\n" + body)
    outcome = fetched.outcome
    assert (outcome.status, outcome.state, outcome.reason, outcome.flags) == (200, "failed", "tls", ("truncated",))
    assert records[0].truncated == "disconnect"
    assert records[0].block.endswith(body)


def test_a_counted_page_is_whole_without_a_goodbye(tmp_path: Path) -> None:
    fetched, _ = fetch_over_tls(tmp_path, HEAD + b"Content-Length: 5\r\n\r\nhello")
    assert (fetched.outcome.state, fetched.outcome.flags) == ("captured", ())


def test_a_page_that_has_its_end_before_a_reset_is_whole(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply_and_reset(HEAD + b"\r\n" + PAGE)}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    lab.close()
    assert (fetched.outcome.state, fetched.outcome.flags) == ("captured", ("unclosed",))


@pytest.mark.parametrize(
    ("head", "missing"),
    [
        (b"Content-Range: bytes 200-1099/1100\r\n", "a part that nobody asked for: bytes 200-1099/1100"),
        (b"Content-Range: bytes 0-4/*\r\n", "a part that nobody asked for: bytes 0-4/*"),
        (b"Content-Range: bytes 0-4/10\r\n", "a part that nobody asked for: bytes 0-4/10"),
        (b"Content-Range: bytes 0-9/10\r\n", "5 bytes of 10"),
        (b"Content-Range: lines 1-2/2\r\n", "a part that nobody asked for: lines 1-2/2"),
        (b"", "a part that nobody asked for: no Content-Range"),
    ],
)
def test_a_part_that_nobody_asked_for_is_no_page(tmp_path: Path, head: bytes, missing: str) -> None:
    answer = b"HTTP/1.1 206 Partial Content\r\n" + head + b"Content-Length: 5\r\n\r\nhello"
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(answer)}) as origin:
        outcome = lab.fetch(f"http://127.0.0.1:{origin.port}/").outcome
    records = lab.records()
    assert (outcome.status, outcome.state, outcome.reason, outcome.flags) == (206, "failed", "length", ("truncated",))
    assert outcome.detail == missing
    assert records[0].block == answer
    assert records[0].truncated is None, "the record has all that was sent"
    assert metadata_of(records)["flag"] == f"truncated: {missing}"


def test_a_part_that_is_all_of_the_page_is_the_page(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 206 Part\r\nContent-Range: BYTES 0-4/5\r\nContent-Length: 5\r\n\r\nhello"
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(answer)}) as origin:
        outcome = lab.fetch(f"http://127.0.0.1:{origin.port}/").outcome
    lab.close()
    assert (outcome.status, outcome.state, outcome.flags) == (206, "captured", ())


@pytest.mark.parametrize(
    ("head", "state"),
    [
        (b"Content-Range: bytes 0-9/10\r\n", "failed"),
        (b"Content-Range: bytes 0-4/5\r\n", "captured"),
        (b"Content-Range: bytes 0-4/*\r\n", "captured"),
        (b"Content-Range: bytes */9\r\n", "captured"),
    ],
)
def test_a_whole_page_that_names_a_range_is_no_shorter_than_that(tmp_path: Path, head: bytes, state: str) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 5\r\n\r\nhello")}) as origin:
        outcome = lab.fetch(f"http://127.0.0.1:{origin.port}/").outcome
    lab.close()
    assert (outcome.state, outcome.flags) == (state, ("truncated",) if state == "failed" else ())
