"""What crosses the wire is what the WARC holds: every way a response can be framed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from spiders.wire.handler import NOT_KEPT
from storage.warc.http import decode_content
from storage.warc.members import mend_warc
from storage.warc.reader import iter_records
from storage.warc.record import WarcMetadata, WarcRequest, WarcResponse, WarcRevisit
from tests.spiders.lab import Lab, run
from tests.spiders.raw_origin import RawOrigin, reply, reply_and_close
from tests.warc_records import of_type

PAGE = b"<!doctype html><p>caf\xc3\xa9 " + b"lorem ipsum " * 300
ZIPPED = gzip.compress(PAGE, mtime=0)


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def counted(body: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"Content-Length: %d" % len(body), b"", body])


WHOLE = {
    "counted": counted(PAGE, b"content-TYPE: text/html", b"Set-Cookie: a=1", b"Set-Cookie: b=2"),
    "empty": counted(b""),
    "gzip": counted(ZIPPED, b"Content-Encoding: gzip"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(PAGE, 700),
    "chunked_gzip": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    + chunked(ZIPPED, 10),
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nDigest: q\r\n\r\n",
    "lf_only": b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
    "folded": b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\nContent-Length: 3\r\n\r\nabc",
    "no_reason": b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc",
    "no_colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 3\r\n\r\nabc",
    "latin_1": b"HTTP/1.1 200 Tr\xe8s bien\r\nX-N: \xf1\r\nContent-Length: 3\r\n\r\nabc",
    "both_framings": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"abc", 3),
    "chunked_by_lf": b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n",
    "two_codings": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunked(ZIPPED, 50),
    "no_coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
    "no_content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "redirect": b"HTTP/1.1 301 Moved\r\nLocation: /counted\r\nContent-Length: 3\r\n\r\nabc",
    "gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nabc",
    "broken": b"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nabc",
}
TO_CLOSE = {
    "to_close": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,
    "other_coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n" + ZIPPED,
    "http_1_0": b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
}


@pytest.fixture
def origin() -> Iterator[RawOrigin]:
    actions = {f"/{name}": reply(answer) for name, answer in WHOLE.items()}
    actions |= {f"/{name}": reply_and_close(answer) for name, answer in TO_CLOSE.items()}
    with RawOrigin(actions) as origin:
        yield origin


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def payloads_that_warcio_doubts(path: Path) -> set[str]:
    """Return the ids of the records whose payload digest `warcio check` calls wrong; it has to find nothing else."""
    check = [str(Path(sys.executable).with_name("warcio")), "check", str(path)]
    said = subprocess.run(check, capture_output=True, text=True).stdout
    assert "block digest failed" not in said
    assert said.count("payload digest failed") == said.count("failed")
    return set(re.findall(r"WARC-Record-ID <(\S+)>", said))


def is_chunked(record: WarcResponse) -> bool:
    """Say whether the payload is not what follows the head: the tools hash chunks, the standard does not."""
    head, payload = record.read_http()
    return head.value(b"transfer-encoding") is not None and not record.block.endswith(b"\n" + payload)


def judge_file(path: Path) -> None:
    """Let stock tools say that the file is good: gzip, FastWARC's verifier of block digests, warcio's reader.

    Payload digests are checked here: both tools hash a chunked body with its chunks, the standard without.
    """
    subprocess.run(["gzip", "-t", path], check=True)
    check = [str(Path(sys.executable).with_name("fastwarc")), "check", str(path)]
    subprocess.run(check, check=True, capture_output=True)
    records = list(iter_records(path))
    doubted = payloads_that_warcio_doubts(path)
    assert doubted <= {record.record_id for record in of_type(records, WarcResponse) if is_chunked(record)}
    with path.open("rb") as stream:
        read = [record.rec_type for record in ArchiveIterator(stream)]
    assert read == [record.type for record in records]
    for record in of_type(records, WarcResponse):
        digest = base64.b32encode(hashlib.sha1(record.read_http()[1]).digest()).decode()
        assert record.payload_digest == f"sha1:{digest}"
    assert mend_warc(path) == 0


def test_every_response_is_stored_byte_for_byte(lab: Lab, origin: RawOrigin) -> None:
    served = WHOLE | TO_CLOSE
    lab.store_all()  # several have the same payload
    fetched = {name: lab.fetch(f"http://127.0.0.1:{origin.port}/{name}") for name in served}
    path = lab.close()
    judge_file(path)
    with path.open("rb") as stream:
        stored = [
            (record.rec_headers.get_header("WARC-Target-URI").rpartition("/")[2], record.raw_stream.read())
            for record in ArchiveIterator(stream, no_record_parse=True)
            if record.rec_type == "response"
        ]
    assert stored == list(served.items())
    states = {name: (got.outcome.state, got.outcome.reason) for name, got in fetched.items()}
    failed = {name: state for name, state in states.items() if state != ("captured", None)}
    assert failed == {"gone": ("failed", "http_410"), "broken": ("failed", "http_500")}
    assert all(got.response is not None for got in fetched.values())


def test_the_request_is_stored_as_it_was_sent(lab: Lab, origin: RawOrigin) -> None:
    lab.fetch(f"http://127.0.0.1:{origin.port}/counted#fragment")
    (request,) = of_type(records := lab.records(), WarcRequest)
    (response,) = of_type(records, WarcResponse)
    assert [request.block] == origin.requests
    assert request.target_uri == response.target_uri == f"http://127.0.0.1:{origin.port}/counted"
    assert request.concurrent_to == (response.record_id,)
    assert response.header("WARC-IP-Address") == "127.0.0.1"
    assert response.header("WARC-Protocol") == "http/1.1"


def test_a_line_end_in_a_validator_starts_no_header(lab: Lab, origin: RawOrigin) -> None:
    request = lab.request(f"http://127.0.0.1:{origin.port}/counted")
    request.headers["If-None-Match"] = b'"a\rX-Evil: 1\r\nX-Worse: 2"'
    run(lab.fetch_request(request))
    lab.close()
    (sent,) = origin.requests
    assert b'\r\nIf-None-Match: "a X-Evil: 1 X-Worse: 2"\r\n' in sent


def test_a_body_that_nobody_reads_is_in_the_record_alone(lab: Lab, origin: RawOrigin) -> None:
    fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/counted", keep_body=False)
    assert (fetched.require_response().body, fetched.require_response().flags) == (b"", [NOT_KEPT])
    (response,) = of_type(lab.records(), WarcResponse)
    assert response.block == WHOLE["counted"]


def test_a_payload_is_the_body_without_its_transfer_coding(lab: Lab, origin: RawOrigin) -> None:
    names = ("counted", "chunked", "to_close", "gzip", "chunked_gzip")
    outcomes = {name: lab.fetch(f"http://127.0.0.1:{origin.port}/{name}").outcome for name in names}
    payload_digests = {name: outcome.payload_digest for name, outcome in outcomes.items()}
    assert payload_digests["counted"] == payload_digests["chunked"] == payload_digests["to_close"]
    assert payload_digests["gzip"] == payload_digests["chunked_gzip"] != payload_digests["counted"]
    assert len({outcome.body_digest for outcome in outcomes.values()}) == 1
    for record in of_type(lab.records(), WarcResponse):
        head, payload = record.read_http()
        assert decode_content(payload, head.headers) == PAGE


def test_connections_are_kept_and_each_response_goes_to_its_own_url(tmp_path: Path) -> None:
    actions = {f"/{n}": reply(counted(b"page %d" % n, b"X-Id: %d" % n)) for n in range(200)}
    lab = Lab(tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=8)
    with RawOrigin(actions) as origin:
        for start in range(0, 200, 8):
            lab.fetch_all([f"http://127.0.0.1:{origin.port}/{n}" for n in range(start, start + 8)])
        assert origin.connections <= 8
    responses = of_type(lab.records(), WarcResponse)
    assert len(responses) == 200
    for record in responses:
        assert record.block.endswith(b"\r\n\r\npage " + record.target_uri.rpartition("/")[2].encode())


def test_interim_responses_are_kept_beside_the_response(tmp_path: Path) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(interim + WHOLE["counted"])}) as origin:
        for _ in range(2):
            assert lab.fetch(f"http://127.0.0.1:{origin.port}/").require_response().body == PAGE
    records = lab.records()
    assert [record.block for record in of_type(records, WarcResponse)] == [WHOLE["counted"]]
    assert len(of_type(records, WarcRevisit)) == 1
    said = [dict(record.block_fields())["interimResponses"] for record in of_type(records, WarcMetadata)]
    assert [json.loads(blocks).encode("latin-1") for blocks in said] == [interim, interim]


def test_a_head_request_has_a_response_without_body(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(answer)}) as origin:
        got = [lab.fetch(f"http://127.0.0.1:{origin.port}/", "HEAD") for _ in range(2)]
        assert origin.connections == 1
    assert [one.outcome.state for one in got] == ["captured", "captured"]
    assert [record.block for record in of_type(lab.records(), WarcResponse)] == [answer, answer]


def test_bytes_after_a_response_belong_to_nobody(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(counted(b"abc") + b"GARBAGE"), "/next": reply(counted(b"def"))}) as origin:
        bodies = [lab.fetch(f"http://127.0.0.1:{origin.port}{path}").require_response().body for path in ("/", "/next")]
    assert bodies == [b"abc", b"def"]
    records = lab.records()
    assert [record.block for record in of_type(records, WarcResponse)] == [counted(b"abc"), counted(b"def")]
    assert dict(of_type(records, WarcMetadata)[0].block_fields())["bytesAfterResponse"] == "7"


def test_a_request_that_dies_with_a_kept_connection_is_not_sent_again_behind_our_back(tmp_path: Path) -> None:
    asked = 0

    def close_on_second(connection: socket.socket) -> bool:
        nonlocal asked
        asked += 1
        return asked != 2 and reply(counted(b"abc"))(connection)

    lab = Lab(tmp_path)
    with RawOrigin({"/": close_on_second}) as origin:
        first, second, third = [lab.fetch(f"http://127.0.0.1:{origin.port}/") for _ in range(3)]
        assert (len(origin.requests), origin.connections) == (3, 2)
    assert first.require_response().body == third.require_response().body == b"abc"
    assert (second.response, second.outcome.status, second.outcome.reason) == (None, None, "connect")
    whole = ["response", "request", "metadata"]
    assert [record.type for record in lab.records()] == [*whole, "request", "metadata", "revisit", "request"]


def test_how_a_url_was_found_is_in_the_metadata_record(lab: Lab, origin: RawOrigin) -> None:
    lab.fetch(f"http://127.0.0.1:{origin.port}/counted")
    records = lab.records()
    fields = dict(of_type(records, WarcMetadata)[0].block_fields())
    assert (fields["kind"], fields["purpose"], fields["via"]) == ("feed", "article", "http://a.test/feed")
    assert of_type(records, WarcMetadata)[0].concurrent_to == (of_type(records, WarcResponse)[0].record_id,)


def test_a_compressed_page_reaches_the_spider_decoded(lab: Lab, origin: RawOrigin) -> None:
    for name in ("gzip", "chunked_gzip"):
        response = lab.fetch(f"http://127.0.0.1:{origin.port}/{name}").require_response()
        assert response.body == PAGE
        assert "Content-Encoding" not in response.headers
        assert "café" in response.text


def test_a_body_that_does_not_decode_reaches_the_spider_as_a_flag(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(counted(b"\x1f\x8bno gzip", b"Content-Encoding: gzip"))}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    assert (fetched.require_response().body, fetched.require_response().flags) == (b"", ["undecodable"])
    assert (fetched.outcome.state, fetched.outcome.flags) == ("captured", ("undecodable",))
    lab.close()
