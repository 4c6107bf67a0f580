"""An exchange that fails keeps what arrived and says why; nothing is made up."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from storage.model.errors import StorageError
from storage.warc.record import WarcMetadata, WarcRecord
from tests.spiders.lab import Fetched, Lab
from tests.spiders.raw_origin import Action, RawOrigin, reply, reply_and_close, reply_and_reset
from tests.spiders.wire.test_handler import counted, judge_file
from tests.warc_records import as_type, of_type

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def fetch_one(directory: Path, action: Action, **settings: object) -> tuple[Fetched, list[WarcRecord]]:
    lab = Lab(directory, **settings)
    with RawOrigin({"/": action}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    records = lab.records()
    judge_file(directory / "t-00000.warc.gz")
    return fetched, records


def metadata_of(records: list[WarcRecord]) -> dict[str, str]:
    (metadata,) = of_type(records, WarcMetadata)
    return dict(metadata.block_fields())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HEAD + b"half of it", "connect"),
        (CHUNKED + b"5\r\nhello\r\n5\r\nwor", "connect"),
        (CHUNKED + b"5\r\nhello\r\n", "connect"),
        (CHUNKED + b"5\r\nhello\r\nXYZ\r\nmore", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "protocol"),
    ],
)
def test_a_response_that_is_cut_is_stored_as_far_as_it_came(tmp_path: Path, answer: bytes, reason: str) -> None:
    fetched, records = fetch_one(tmp_path, reply_and_close(answer))
    assert [record.type for record in records] == ["response", "request", "metadata"]
    assert records[0].block == answer
    assert records[0].truncated == "disconnect"
    assert metadata_of(records)["reason"] == reason
    assert "bodyDigest" not in metadata_of(records)
    outcome = fetched.outcome
    assert (outcome.state, outcome.reason, outcome.flags) == ("failed", reason, ("truncated",))


def test_a_reset_connection_is_not_the_end_of_a_response(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nhalf of it"
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply_and_reset(answer)}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    records = lab.records()
    assert records[0].block == answer
    assert fetched.outcome.flags == ("truncated",)
    assert (fetched.outcome.state, fetched.outcome.reason) == ("failed", "connect")


def test_a_body_that_takes_too_long_is_stored_as_far_as_it_came(tmp_path: Path) -> None:
    lab = Lab(tmp_path, DOWNLOAD_TIMEOUT=0.5)
    with RawOrigin({}) as origin:
        origin.actions["/"] = origin.hold(HEAD + b"slowly")
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    records = lab.records()
    assert records[0].block == HEAD + b"slowly"
    assert records[0].truncated == "time"
    assert fetched.response is None
    assert (fetched.outcome.status, fetched.outcome.reason) == (200, "timeout")


def test_no_answer_in_time_keeps_the_request_and_the_reason(tmp_path: Path) -> None:
    lab = Lab(tmp_path, DOWNLOAD_TIMEOUT=0.3)
    with RawOrigin({}) as origin:
        origin.actions["/"] = origin.hold()
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
        sent = list(origin.requests)
    records = lab.records()
    assert [record.type for record in records] == ["request", "metadata"]
    assert [records[0].block] == sent
    assert as_type(records[1], WarcMetadata).concurrent_to == (records[0].record_id,)
    assert metadata_of(records)["reason"] == "timeout"
    assert (fetched.outcome.status, fetched.outcome.reason) == (None, "timeout")


@pytest.mark.parametrize(
    ("action", "reason"),
    [(reply_and_close(b""), "connect"), (reply_and_reset(b""), "connect")],
    ids=["closed", "reset"],
)
def test_a_connection_that_ends_without_a_byte_has_no_response(tmp_path: Path, action: Action, reason: str) -> None:
    fetched, records = fetch_one(tmp_path, action)
    assert [record.type for record in records] == ["request", "metadata"]
    assert (fetched.outcome.status, fetched.outcome.reason, fetched.outcome.wire_bytes) == (None, reason, 0)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\nabc",
        b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 O",
    ],
)
def test_what_is_no_http_is_kept_in_the_metadata_record_alone(tmp_path: Path, garbage: bytes) -> None:
    fetched, records = fetch_one(tmp_path, reply_and_close(garbage))
    assert [record.type for record in records] == ["request", "metadata"]
    fields = metadata_of(records)
    assert json.loads(fields["unparsed"]).encode("latin-1") == garbage
    assert fields["reason"] == fetched.outcome.reason
    assert fetched.outcome.reason == ("connect" if garbage == b"HTTP/1.1 200 O" else "protocol")
    assert fetched.response is None


def test_a_flood_of_headers_is_cut_off(tmp_path: Path) -> None:
    def flood(connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Flood: yes\r\n" * 1000)

    fetched, records = fetch_one(tmp_path, flood)
    assert [record.type for record in records] == ["request", "metadata"]
    assert fetched.outcome.status is None
    assert fetched.outcome.wire_bytes < 1_000_000


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_body_beyond_the_limit_is_cut_and_says_so(tmp_path: Path, head: bytes) -> None:
    answer = head + b"x" * 900_000
    fetched, records = fetch_one(tmp_path, reply_and_close(answer), DOWNLOAD_MAXSIZE=10_000)
    assert records[0].truncated == "length"
    assert records[0].block.startswith(head)
    assert answer.startswith(records[0].block)
    assert fetched.outcome.reason == "length"
    assert len(records[0].block) - len(head) > 10_000, "what there was room for is there"


def test_a_port_where_nobody_listens_leaves_only_a_metadata_record(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    lab = Lab(tmp_path)
    fetched = lab.fetch(f"http://127.0.0.1:{port}/")
    records = lab.records()
    assert [record.type for record in records] == ["metadata"]
    assert metadata_of(records)["reason"] == fetched.outcome.reason == "connect"


def test_a_name_without_address_is_a_dns_failure(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    fetched = lab.fetch("http://no-such-name.invalid/")
    records = lab.records()
    assert [record.type for record in records] == ["metadata"]
    assert metadata_of(records)["reason"] == fetched.outcome.reason == "dns"


def test_a_header_cannot_write_lines_into_the_warc(tmp_path: Path) -> None:
    evil = b"HTTP/1.1 200 OK\r\nETag: a\rWARC-Type: evil\x00\r\nContent-Type: a/b\x0b\r\nContent-Length: 3\r\n\r\nabc"
    _, records = fetch_one(tmp_path, reply(evil))
    assert records[0].block == evil
    assert [record.type for record in records] == ["response", "request", "metadata"]


def test_an_exchange_of_a_source_that_is_closed_is_refused(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(counted(b"abc"))}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/", source_id="other")
    assert isinstance(fetched.error, StorageError)
    lab.recorder.close("src")
