"""Raw replay: the archived bytes, whatever they are, as an answer that cannot act."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from hemeroteca.web.raw_replay import Replay, make_replay
from storage.captures.stored_records import Response
from storage.model.capture import Capture
from storage.warc.http import parse_head
from tests.storage.committed import DraftCrawl

BODY = b"<p>Good morning</p>" * 50
WEB = "http://archive.test:8481/web/20260301020000id_/"


def capture_of(**facts: object) -> Capture:
    return DraftCrawl(1).captured("http://faro.test/news/one.html", "AAAA").replace(**facts)


def replay(
    payload: bytes = BODY, *headers: str, status: str = "200 OK", accepted: str = "gzip", range_: str | None = None
) -> Replay:
    head = parse_head(
        "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", *headers, "", ""]).encode("latin-1")
    )
    return make_replay(capture_of(), Response(head, payload), accepted, range_, WEB)


def header(found: Replay, name: str) -> str | None:
    values = [value.decode("latin-1") for own, value in found.headers if own.decode() == name]
    assert len(values) <= 1
    return values[0] if values else None


def test_the_body_is_the_payload_and_the_headers_are_under_other_names() -> None:
    found = replay(BODY, "Set-Cookie: session=1", "Link: </a>; rel=preload", "Content-Security-Policy: default-src *")
    assert (found.status, found.body) == (200, BODY)
    assert header(found, "x-archive-orig-set-cookie") == "session=1"
    assert {name for name, _ in found.headers if not name.startswith(b"x-archive-orig-")} == {
        b"content-type", b"content-length", b"content-security-policy", b"x-content-type-options",
        b"referrer-policy", b"cross-origin-opener-policy", b"accept-ranges",
    }  # fmt: skip
    policy = header(found, "content-security-policy") or ""
    assert policy.startswith("sandbox; default-src 'none';")


@pytest.mark.parametrize(
    ("coding", "payload", "accepted", "sent", "body"),
    [
        ("gzip", gzip.compress(BODY), "gzip, deflate", "gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY), "identity", None, BODY),
        ("br", brotli.compress(BODY), "gzip, deflate", None, BODY),
        ("deflate", zlib.compress(BODY), "gzip", None, BODY),
        ("gzip, br", brotli.compress(gzip.compress(BODY)), "gzip, br", None, BODY),
        ("gzip", BODY, "gzip", None, BODY),
        ("nonsense", BODY, "gzip", None, BODY),
    ],
    ids=["gzip", "gzip refused", "br", "deflate", "both", "no gzip", "unknown"],  # gzip has its time in it
)
def test_every_content_coding_can_be_read(
    coding: str, payload: bytes, accepted: str, sent: str | None, body: bytes
) -> None:
    found = replay(payload, f"Content-Encoding: {coding}", accepted=accepted)
    assert header(found, "content-encoding") == sent
    assert gzip.decompress(found.body) == BODY if sent else found.body == body


@pytest.mark.parametrize(
    ("range_", "status", "body", "said"),
    [
        ("bytes=0-9", 206, BODY[:10], f"bytes 0-9/{len(BODY)}"),
        ("bytes=940-", 206, BODY[940:], f"bytes 940-{len(BODY) - 1}/{len(BODY)}"),
        ("bytes=-5", 206, BODY[-5:], f"bytes {len(BODY) - 5}-{len(BODY) - 1}/{len(BODY)}"),
        ("bytes=900-99999", 206, BODY[900:], f"bytes 900-{len(BODY) - 1}/{len(BODY)}"),
        ("bytes=99999-", 416, b"", f"bytes */{len(BODY)}"),
        ("bytes=0-1,5-6", 200, BODY, None),
        ("bytes=-", 200, BODY, None),
        ("lines=1-2", 200, BODY, None),
    ],
)
def test_one_range_is_answered(range_: str, status: int, body: bytes, said: str | None) -> None:
    found = replay(range_=range_)
    assert (found.status, found.body, header(found, "content-range")) == (status, body, said)
    assert header(found, "content-length") == str(len(body))


@pytest.mark.parametrize(
    ("location", "led_to"),
    [
        ("/two.html", "http://faro.test/two.html"),
        ("https://other.test/a?b=c", "https://other.test/a?b=c"),
        ("two.html", "http://faro.test/news/two.html"),
    ],
)
def test_an_archived_redirect_leads_into_the_archive(location: str, led_to: str) -> None:
    found = replay(b"", f"Location: {location}", status="301 Moved")
    assert (found.status, header(found, "location")) == (301, WEB + led_to)


def test_an_archived_error_is_what_it_was_and_one_that_http_has_not_is_502() -> None:
    assert replay(status="404 Not Found").status == 404
    assert replay(status="999 Request denied").status == 502


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("text/html; charset=utf-8", True),
        ("image/png", True),
        ("image/svg+xml", False),
        ("application/javascript", False),
    ],
)
def test_what_no_page_needs_is_offered_as_a_file(media_type: str, shown: bool) -> None:
    head = parse_head(f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode())
    found = make_replay(capture_of(), Response(head, BODY), "", None, WEB)
    assert (header(found, "content-disposition") is None) is shown


def test_hostile_headers_neither_split_the_answer_nor_fill_it() -> None:
    found = replay(BODY, "X-\x01Bad: a", "X-Good: a\x00b\x0bc", *(f"X-{n}: {n}" for n in range(500)))
    assert len(found.headers) < 100
    assert not [value for pair in found.headers for value in pair if any(byte < 9 or 10 <= byte < 32 for byte in value)]
