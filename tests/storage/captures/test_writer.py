"""An exchange becomes records: together or not at all, and readable by anyone."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import RFC_4122, UUID, uuid4

import pytest
from warcio.archiveiterator import ArchiveIterator

from storage.captures.exchange import Exchange, ExchangeFacts, Failure, TlsSession
from storage.captures.writer import FileLimits
from storage.model.errors import StorageError
from storage.warc.fields import id_series
from storage.warc.reader import iter_records, read_member
from storage.warc.record import Warcinfo, WarcMetadata, WarcRequest, WarcResponse, WarcTargetRecord
from tests.storage.exchanges import FACTS, NAME, PAGE, REQUEST, URL, Ticking, exchange, good, sha1, writer
from tests.warc_records import as_type, of_type


def test_a_file_begins_with_who_made_it(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    first, *others = iter_records(path)
    assert path.name == NAME == first.header("WARC-Filename")
    assert (first.type, first.offset) == ("warcinfo", 0)
    assert dict(as_type(first, Warcinfo).block_fields()) == {
        "software": "hemeroteca/0.1.0 (commit c0ffee)",
        "operator": "archive@hemeroteca.test",
        "contact": "archive@hemeroteca.test",
        "version": "0.1.0",
        "commit": "c0ffee",
        "robots": "classic",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    assert {as_type(record, WarcTargetRecord).warcinfo_id for record in others} == {first.record_id}


def test_an_exchange_is_response_request_and_metadata(tmp_path: Path) -> None:
    facts = ExchangeFacts(
        kind="redirect", purpose="article", via="http://a.test/feed\r\nX: y", redirected_from=("http://a.test/1", "http://a.test/2"),
        announced=Ticking().now,
    )  # fmt: skip
    warc = writer(tmp_path)
    made = exchange(PAGE, facts=facts)
    written = warc.write(made, None)
    (path,) = warc.close()
    assert good(path)
    _, response, request, metadata = iter_records(path)
    assert isinstance(response, WarcResponse)
    assert isinstance(request, WarcRequest)
    assert isinstance(metadata, WarcMetadata)
    assert (response.block, request.block) == (PAGE, REQUEST)
    assert response.block_digest == sha1(PAGE)
    assert response.payload_digest == sha1(b"hello") == written.payload_digest
    assert written.body_digest == hashlib.sha256(b"hello").hexdigest()
    assert request.concurrent_to == metadata.concurrent_to == (response.record_id,)
    assert {record.target_uri for record in (response, request, metadata)} == {written.url}
    assert {record.date for record in (response, request, metadata)} == {made.begun}
    assert metadata.block_fields() == [
        ("kind", "redirect"),
        ("purpose", "article"),
        ("via", "http://a.test/feed%0D%0AX: y"),
        ("redirectedFrom", "http://a.test/1"),
        ("redirectedFrom", "http://a.test/2"),
        ("announced", "2026-11-24T03:00:00.123456Z"),
        ("fetchTimeMs", "1000"),
        ("wireBytes", str(len(PAGE))),
        ("bodyDigest", written.body_digest),
    ]


def test_the_records_of_an_exchange_are_members_that_say_nothing_of_when_they_were_packed(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    written = [warc.write(exchange(PAGE.replace(b"hello", b"hell%d" % n)), None) for n in range(5)]
    stored = (path := warc.close()[0]).read_bytes()
    responses = of_type(iter_records(path), WarcResponse)
    for n, (outcome, record) in enumerate(zip(written, responses, strict=True)):
        member = stored[record.offset : record.offset + record.length]
        assert member[4:8] == b"\0\0\0\0", "the gzip header holds no time"
        assert read_member(member)._replace(offset=record.offset) == record
        assert (record.record_id, record.target_uri, record.date) == (
            outcome.record_id,
            outcome.url,
            outcome.fetched_at,
        )
        assert record.read_http()[1] == b"hell%d" % n


def test_no_response_leaves_request_and_reason(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    outcome = warc.write(exchange(b"", Failure("connect", "reset\r\nWARC-Type: x")), None)
    assert (outcome.state, outcome.reason, outcome.status, outcome.record_id) == ("failed", "connect", None, None)
    never = Exchange(URL, "GET", FACTS, Ticking())
    never.end(Failure("dns", ""))
    assert warc.write(never, None).reason == "dns"
    (path,) = warc.close()
    assert good(path)
    _, request, metadata, alone = iter_records(path)
    assert isinstance(request, WarcRequest)
    assert isinstance(metadata, WarcMetadata) and isinstance(alone, WarcMetadata)
    assert metadata.concurrent_to == (request.record_id,)
    assert (request.header("WARC-IP-Address"), request.header("WARC-Protocol")) == ("127.0.0.1", "http/1.1")
    assert dict(metadata.block_fields())["fetchError"] == "reset%0D%0AWARC-Type: x"
    assert (alone.header("WARC-Concurrent-To"), alone.header("WARC-IP-Address")) == (None, None)
    assert dict(alone.block_fields())["reason"] == "dns"


def test_a_request_that_waited_for_a_failed_handshake_was_not_sent(tmp_path: Path) -> None:
    made = Exchange(URL, "GET", FACTS, Ticking())
    made.begin("127.0.0.1")
    made.sent(REQUEST)
    made.end(Failure("tls"))
    warc = writer(tmp_path)
    warc.write(made, None)
    assert [record.type for record in iter_records(warc.close()[0])] == ["warcinfo", "metadata"]


def test_the_tls_session_is_named(tmp_path: Path) -> None:
    made = Exchange(URL, "GET", FACTS, Ticking())
    made.begin("::1")
    made.tls = TlsSession("tls/1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
    made.sent(REQUEST)
    made.received(PAGE)
    made.end()
    warc = writer(tmp_path)
    warc.write(made, None)
    _, response, *concurrent = iter_records(warc.close()[0])
    names = ("WARC-IP-Address", "WARC-Protocol", "WARC-Cipher-Suite")
    assert [value for name, value in response.headers if name in names] == [
        "::1", "http/1.1", "tls/1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ]  # fmt: skip
    assert [record.header(name) for record in concurrent for name in names] == [None] * 6, "said once an exchange"


def test_record_ids_differ_in_what_counts_them_alone() -> None:
    one, other = id_series(uuid4()), id_series(uuid4())
    ids = [UUID(one()) for _ in range(300)]
    assert {(found.version, found.variant) for found in ids} == {(8, RFC_4122)}
    assert [found.int - ids[0].int for found in ids] == list(range(300))
    assert UUID(other()).int >> 32 != ids[0].int >> 32


def test_a_body_on_disk_is_stored_like_one_in_memory(tmp_path: Path) -> None:
    body = os.urandom(3 << 20)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(body, 1)
    warc = writer(tmp_path)
    written = warc.write(exchange(answer), None)
    assert written.body_digest == hashlib.sha256(body).hexdigest()
    (path,) = warc.close()
    with path.open("rb") as stream:
        stored = [record.raw_stream.read() for record in ArchiveIterator(stream, no_record_parse=True)]
    assert stored[1] == answer


def test_files_are_closed_by_size_and_by_age(tmp_path: Path) -> None:
    clock = Ticking()
    warc = writer(tmp_path, FileLimits(max_bytes=2000, max_age_seconds=1000), clock)
    files = []
    for count in range(6):
        if count == 4:
            clock.now = clock.now.replace(hour=4)
        warc.write(exchange(PAGE), None)
        (being_written,) = tmp_path.glob("*.open")
        files.append(being_written.name[-18:-13])
    assert files == ["00000", "00000", "00001", "00001", "00002", "00002"]
    paths = warc.close()
    assert [path.name[-13:-8] for path in paths] == ["00000", "00001", "00002"]
    assert all(good(path) for path in paths)
    assert list(tmp_path.glob("*.open")) == []


def test_a_writer_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    assert writer(tmp_path).close() == []
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond *size* bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode  # or a torn module stays in the checkout
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)


@pytest.mark.parametrize("body_bytes", [900_000, 2_000_000], ids=["in memory", "on disk"])
def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, body_bytes: int) -> None:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    open_file = tmp_path / f"{NAME}.open"
    before = open_file.read_bytes()
    with files_up_to(len(before) + 300_000), pytest.raises(StorageError):
        warc.write(exchange(b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(body_bytes)), None)
    assert open_file.read_bytes() == before
    warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    assert path.read_bytes().startswith(before)
    assert good(path)
