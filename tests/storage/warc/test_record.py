"""A record is of the class of its type, and has what the standard gives that type."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from storage.model.errors import FixityError
from storage.warc.reader import read_member
from storage.warc.record import CLASSES, WarcRecord, WarcRequest, WarcResponse, WarcRevisit

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def record(record_type: str, block: bytes, *fields: str) -> WarcRecord:
    named = [f"WARC-Type: {record_type}", f"Content-Length: {len(block)}", *fields]
    return read_member(gzip.compress("\r\n".join(["WARC/1.1", *named, "", ""]).encode() + block + b"\r\n\r\n"))


@pytest.mark.parametrize("record_type", CLASSES)
def test_each_type_has_a_class_of_its_own(record_type: str) -> None:
    found = record(record_type, b"")
    assert type(found) is CLASSES[record_type]
    assert (found.type, found.content_length) == (record_type, 0)
    assert len(set(CLASSES.values())) == len(CLASSES)


def test_a_type_that_the_standard_does_not_name_is_read_too() -> None:
    assert type(record("screenshot", b"png")) is WarcRecord


def test_a_response_has_a_payload_and_a_revisit_cannot_have_one() -> None:
    response, revisit = record("response", HEAD + b"hello"), record("revisit", HEAD)
    assert isinstance(response, WarcResponse)
    assert isinstance(revisit, WarcRevisit)
    assert response.read_http() == (response.read_http_head(), b"hello")
    assert revisit.read_http_head() == response.read_http_head()
    assert not hasattr(revisit, "read_http")


def test_a_revisit_names_the_record_that_has_its_payload() -> None:
    names = ("WARC-Refers-To: <urn:uuid:1>", "warc-refers-to-target-uri: http://a.test/", "WARC-Refers-To-Date: ")
    revisit = record("revisit", HEAD, *names[:2], names[2] + "2026-11-24T03:00:00Z")
    assert isinstance(revisit, WarcRevisit)
    assert (revisit.refers_to, revisit.refers_to_target_uri) == ("urn:uuid:1", "http://a.test/")
    assert revisit.refers_to_date == datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_what_a_record_may_have_is_none_where_it_is_missing() -> None:
    revisit = record("revisit", HEAD)
    assert isinstance(revisit, WarcRevisit)
    assert {revisit.refers_to, revisit.refers_to_target_uri, revisit.refers_to_date, revisit.payload_digest} == {None}
    assert {revisit.content_type, revisit.block_digest, revisit.truncated, revisit.warcinfo_id} == {None}
    assert revisit.concurrent_to == ()


def test_a_record_may_be_concurrent_to_several() -> None:
    request = record("request", b"", "WARC-Concurrent-To: <urn:a>", "WARC-Concurrent-To: <urn:b>")
    assert isinstance(request, WarcRequest)
    assert request.concurrent_to == ("urn:a", "urn:b")


@pytest.mark.parametrize("name", ["record_id", "date", "target_uri"])
def test_what_a_record_must_have_is_missed_by_name(name: str) -> None:
    with pytest.raises(FixityError, match="no WARC-"):
        getattr(record("response", HEAD), name)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(FixityError, match="WARC-Date"):
        _ = record("response", HEAD, "WARC-Date: yesterday").date
