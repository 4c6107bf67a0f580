"""What the archive has already is written as a revisit, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.captures.exchange import Exchange, ExchangeFacts, Failure
from storage.captures.payloads import Payloads
from storage.known import Known
from storage.known_files import write_known
from storage.warc.fields import IDENTICAL_PAYLOAD, NOT_MODIFIED
from storage.warc.reader import iter_records
from storage.warc.record import WarcMetadata, WarcRequest, WarcRevisit
from tests.storage.exchanges import FACTS, PAGE, exchange, good, known_of, sha1, writer
from tests.warc_records import as_type, of_type

NOT_MODIFIED_ANSWER = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'


def test_the_same_payload_again_is_a_revisit(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    again = PAGE.replace(b"ETag", b"X-Other")
    second = warc.write(exchange(again), known_of(first))
    assert second.state == "unchanged"
    assert second.body_digest == first.body_digest
    (path,) = warc.close()
    assert good(path)
    revisit = as_type(list(iter_records(path))[4], WarcRevisit)
    assert revisit.block == again.removesuffix(b"hello")
    assert revisit.header("WARC-Profile") == IDENTICAL_PAYLOAD
    assert revisit.refers_to == first.record_id
    assert revisit.refers_to_target_uri == first.url
    assert revisit.refers_to_date == first.fetched_at
    assert revisit.payload_digest == first.payload_digest


def test_a_revisit_says_itself_how_it_was_found_and_its_request_is_the_last_record(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    facts = ExchangeFacts(kind="article", purpose="article", via="http://a.test/feed\r\nWARC-Type: response")
    warc.write(exchange(PAGE, facts=facts), known_of(first))
    _, _, _, metadata, revisit, request = iter_records(warc.close()[0])
    assert isinstance(revisit, WarcRevisit) and isinstance(request, WarcRequest)
    assert request.concurrent_to == (revisit.record_id,)
    said = [field for field in revisit.headers if not field[0].startswith(("WARC-", "Content-"))]
    kind, *others = as_type(metadata, WarcMetadata).block_fields()
    assert said == [kind, ("via", "http://a.test/feed%0D%0AWARC-Type: response"), *others]
    assert kind == ("kind", "article")


def test_a_revisit_of_which_much_is_to_be_said_has_a_metadata_record(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    facts = ExchangeFacts(kind="article", purpose="article", via=f"http://a.test/{'x' * 4096}")
    warc.write(exchange(PAGE, facts=facts), known_of(first))
    *_, revisit, _, metadata = iter_records(warc.close()[0])
    assert isinstance(revisit, WarcRevisit) and isinstance(metadata, WarcMetadata)
    assert revisit.header("via") is None
    assert dict(metadata.block_fields())["via"] == facts.via


def elsewhere(answer: bytes, facts: ExchangeFacts = FACTS) -> Exchange:
    made = exchange(answer, facts=facts)
    made.url = "http://faro.hemeroteca.test/print/noticia"
    return made


def test_a_payload_of_another_url_is_not_stored_again(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    second = warc.write(elsewhere(PAGE), None)
    as_feed = warc.write(elsewhere(PAGE, ExchangeFacts(kind="feed", purpose="feed")), None)
    gone = warc.write(elsewhere(PAGE.replace(b"200 OK", b"404 No")), None)
    empty = [warc.write(elsewhere(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), None) for _ in range(2)]
    assert second.state == "unchanged"
    assert [outcome.state for outcome in (as_feed, gone, *empty)] == ["captured", "failed", "captured", "captured"]
    (path,) = warc.close()
    assert good(path)
    (revisit,) = of_type(iter_records(path), WarcRevisit)
    assert (revisit.record_id, revisit.refers_to) == (second.record_id, first.record_id)
    assert revisit.target_uri == "http://faro.hemeroteca.test/print/noticia"
    assert revisit.header("WARC-Profile") == IDENTICAL_PAYLOAD
    assert revisit.refers_to_target_uri == first.url
    assert revisit.refers_to_date == first.fetched_at


def test_a_payload_that_the_archive_has_of_another_url_is_not_stored_again(tmp_path: Path) -> None:
    warc = writer(tmp_path / "a")
    (tmp_path / "a").mkdir()
    held = known_of(warc.write(exchange(PAGE), None))
    write_known(tmp_path / "known.sqlite", [held])
    again = writer(tmp_path)
    again.payloads = Payloads(tmp_path, Known(tmp_path / "known.sqlite"))
    assert again.write(elsewhere(PAGE), None).state == "unchanged"
    (revisit,) = of_type(iter_records(again.close()[0]), WarcRevisit)
    assert revisit.refers_to == held.record_id


def test_a_cut_response_is_neither_a_revisit_nor_an_original(tmp_path: Path) -> None:
    cut = PAGE.replace(b"Content-Length: 5", b"Content-Length: 9")
    warc = writer(tmp_path)
    first = warc.write(exchange(cut, Failure("connect"), "disconnect"), None)
    assert warc.write(elsewhere(PAGE), None).state == "captured"
    warc.write(elsewhere(cut), None)
    assert first.flags == ("truncated",)
    assert {record.type for record in iter_records(warc.close()[0])} == {"warcinfo", "response", "request", "metadata"}


def test_not_modified_is_a_revisit_of_what_is_known(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    second = warc.write(exchange(NOT_MODIFIED_ANSWER), known_of(first))
    unknown = warc.write(exchange(NOT_MODIFIED_ANSWER), None)
    (path,) = warc.close()
    assert good(path)
    revisit = as_type(list(iter_records(path))[4], WarcRevisit)
    assert (second.state, second.body_digest) == ("not_modified", None)
    assert revisit.refers_to == first.record_id
    assert (revisit.header("WARC-Profile"), revisit.block) == (NOT_MODIFIED, NOT_MODIFIED_ANSWER)
    assert (unknown.state, unknown.reason) == ("failed", "http_304")


@pytest.mark.parametrize(
    "answer",
    [
        PAGE.replace(b"200 OK", b"404 Gone"),
        PAGE.replace(b"hello", b"other"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        PAGE.replace(b": 5", b": 6"),
    ],
    ids=["not 200", "another payload", "empty", "cut"],
)
def test_only_a_whole_200_with_the_known_payload_is_a_revisit(tmp_path: Path, answer: bytes) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    known = known_of(first)
    if answer.endswith(b"\r\n\r\n"):
        known = known._replace(payload_digest=sha1(b""))
    warc.write(exchange(answer), known)
    assert "revisit" not in {record.type for record in iter_records(warc.close()[0])}
