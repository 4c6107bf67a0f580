"""An index is made by one walk over a WARC file and is read back as it was made."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storage import keys
from storage.index import index_warc, read_cdxj, read_records, write_cdxj, write_records
from storage.ledger import read_ledger, write_ledger
from storage.model.crawl import Crawl
from storage.objects import Store
from storage.warc.exchange import ExchangeFacts, Failure
from storage.warc.members import iter_members
from storage.warc.reader import read_member
from tests.storage.exchanges import PAGE, URL, exchange, known_of, writer

CRAWL = Crawl(
    id="faro-20261124-nightly",
    source_id="faro",
    night=date(2026, 11, 24),
    trigger="nightly",
    started=datetime(2026, 11, 24, 3, tzinfo=UTC),
)
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
FOUND = ExchangeFacts(
    kind="redirect",
    purpose="article",
    via="https://faro.hemeroteca.test/rss",
    redirected_from=("http://faro.hemeroteca.test/a", "http://faro.hemeroteca.test/b"),
    announced=datetime(2026, 11, 23, tzinfo=UTC),
)


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """A page, the page again, a 410, one found by a redirect, and one that never answered."""
    made = writer(tmp_path)
    first = made.write(exchange(PAGE), None)
    assert first
    made.write(exchange(PAGE), known_of(first))
    made.write(exchange(GONE), None)
    made.write(exchange(PAGE, facts=FOUND), None)
    made.write(exchange(b"", Failure("timeout", "45 s")), None)
    return made.close()[0]


def test_each_response_is_a_capture_and_each_exchange_an_outcome(warc: Path) -> None:
    found = index_warc(warc, CRAWL, "warc/x")
    assert [c.record_type for c in found.captures] == ["response", "revisit", "response", "response"]
    assert [(o.state, o.reason) for o in found.outcomes] == [
        ("captured", None),
        ("unchanged", None),
        ("failed", "http_410"),
        ("captured", None),
        ("failed", "timeout"),
    ]
    assert found.captures[1].refers_to == found.captures[0].record_id
    assert found.outcomes[0].etag == '"a"'


def test_how_a_page_was_found_is_read_from_the_file(warc: Path) -> None:
    capture = index_warc(warc, CRAWL, "warc/x").captures[3]
    assert (capture.kind, capture.purpose, capture.via) == ("redirect", "article", FOUND.via)
    assert capture.redirected_from == FOUND.redirected_from
    assert index_warc(warc, CRAWL, "warc/x").outcomes[3].announced == FOUND.announced


def test_offset_and_length_of_every_row_read_back_to_its_record(warc: Path) -> None:
    content = warc.read_bytes()
    found = index_warc(warc, CRAWL, "warc/x")
    for capture in found.captures:
        where = capture.location
        record = read_member(content[where.offset : where.offset + where.length])
        assert (record.id, record.uri, record.date) == (capture.record_id, capture.target_uri, capture.date)
        assert f"sha256:{record.sha256}" == capture.record_digest
    assert len(found.records) == sum(1 for _ in iter_members(warc))


def test_an_exchange_cut_before_its_last_record_has_no_outcome(warc: Path) -> None:
    records = index_warc(warc, CRAWL, "warc/x").records
    first_metadata = next(record for record in records if record.record_type == "metadata")
    with warc.open("rb+") as file:
        file.truncate(first_metadata.offset)
    found = index_warc(warc, CRAWL, "warc/x")
    assert found.outcomes == []
    assert [(c.kind, c.purpose) for c in found.captures] == [("unfinished", "unfinished")]


def test_captures_and_records_come_back_from_their_files_as_they_were(warc: Path) -> None:
    found = index_warc(warc, CRAWL, "warc/x")
    assert sorted(read_cdxj(write_cdxj(found.captures)), key=str) == sorted(found.captures, key=str)
    assert write_cdxj(found.captures) == write_cdxj(reversed(found.captures))
    assert read_records(write_records(found.records)) == found.records
    assert read_ledger(write_ledger(found.outcomes)) == sorted(found.outcomes, key=lambda outcome: outcome.url)


def test_a_line_has_the_names_that_cdx_tools_know(warc: Path) -> None:
    meta, first, *_ = gzip.decompress(write_cdxj(index_warc(warc, CRAWL, "warc/x").captures)).decode().splitlines()
    key, timestamp, text = first.split(" ", 2)
    fields = json.loads(text)
    assert meta.startswith("!meta ")
    assert key == "test,hemeroteca,faro)/noticia"
    assert timestamp.startswith("20261124")
    assert (fields["url"], fields["status"], fields["mime"]) == (URL.replace("https", "http"), "200", "text/html")
    assert {"digest", "length", "offset", "filename", "recordDigest"} <= fields.keys()


def test_a_whole_file_is_stored_and_one_record_read_by_its_range(warc: Path, store: Store) -> None:
    key = keys.warc(CRAWL, warc.name)
    store.put_new_file(key, warc, schema="warc/1.1", content_type="application/warc")
    capture = index_warc(warc, CRAWL, key).captures[0]
    record = read_member(store.read_range(key, capture.location.offset, capture.location.length))
    assert record.id == capture.record_id
