"""CDXJ and records indexes hold every field, in the form that CDX tools read."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from storage.captures.index import (
    index_warc,
    read_cdxj,
    read_records_index,
    write_cdxj,
    write_index,
    write_records_index,
)
from storage.ledger import read_ledger
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Crawl
from storage.model.errors import FixityError
from storage.surt import urlkey
from tests.storage.captures.test_index import KEY
from tests.storage.exchanges import CRAWL, PAGE, exchange, writer

BUCKET = Path(__file__).parents[2] / "data" / "bucket-1"


def capture(url: str, second: int = 0, **facts: object) -> Capture:
    fields = {
        "record_id": f"urn:uuid:{second:032x}",
        "record_type": "response",
        "target_uri": url,
        "urlkey": urlkey(url),
        "date": datetime(2026, 11, 24, 3, 0, second, 123456, UTC),
        "status": 200,
        "media_type": "text/html",
        "payload_digest": "sha1:2WAXX5NUWNNCS2BDKCO5OVDQBJVNKIVV",
        "record_digest": "sha256:" + "0" * 64,
        "location": Location(key=KEY, offset=300, length=400),
        "crawl_id": CRAWL.id,
        "source_id": "faro",
        "night": "2026-11-24",
        "kind": "article",
        "purpose": "article",
    }
    return Capture.model_validate(fields | facts)


FULL = capture(
    "http://faro.hemeroteca.test/a?b=ñ&c={}",
    1,
    record_type="revisit",
    refers_to="urn:uuid:1",
    refers_to_uri="http://faro.hemeroteca.test/ö",
    refers_to_date=datetime(2026, 11, 23, 3, 0, 0, 1, UTC),
    truncated="length",
    request=Location(key=KEY, offset=700, length=100),
    method="POST",
    request_query="q=%C3%B1&r={}",
    via="http://faro.hemeroteca.test/feed\u2028.xml",
    redirected_from=("http://faro.hemeroteca.test/1", "http://faro.hemeroteca.test/2"),
    robots_header="noarchive",
    robots_meta="noai",
    tdm_reservation=True,
    tdm_policy="http://faro.hemeroteca.test/policy",
    content_signal="ai-train=no",
    canonical="http://faro.hemeroteca.test/c",
    amphtml="http://faro.hemeroteca.test/amp",
    flags=("paywall",),
    evidence=("paywall: json-ld isAccessibleForFree=false",),
)


def test_captures_come_back_sorted_with_every_field() -> None:
    bare = capture("http://faro.hemeroteca.test/z", media_type=None, payload_digest=None)
    earlier = capture("http://faro.hemeroteca.test/z", 2), capture("http://faro.hemeroteca.test/a", 3)
    assert all(getattr(FULL, name) is not None for name in Capture.model_fields)
    assert read_cdxj(write_cdxj([earlier[0], bare, FULL, earlier[1]])) == [earlier[1], FULL, bare, earlier[0]]


def test_a_field_of_a_later_release_is_kept_aside() -> None:
    later = capture("http://faro.hemeroteca.test/", cookies_sent=3)
    assert read_cdxj(write_cdxj([later])) == [later]


@pytest.mark.parametrize("url", ["mailto:a b 20261124030000 {c}", "", "x:\n", "http://a.test/ \r\n{", "dns:Ü"])
def test_a_key_of_whatever_characters_is_read_back(url: str) -> None:
    odd = capture(url)
    assert read_cdxj(write_cdxj([odd])) == [odd]


def test_a_line_has_the_fields_that_cdx_tools_read() -> None:
    meta, line = gzip.decompress(write_cdxj([capture("http://www.faro.hemeroteca.test/A")])).decode().splitlines()
    assert meta == '!meta 0 {"format": "cdxj", "schema": "index/1"}'
    key, stamp, fields = line.split(" ", 2)
    assert (key, stamp) == ("test,hemeroteca,faro)/a", "20261124030000")
    said = json.loads(fields)
    expected = {
        "url": "http://www.faro.hemeroteca.test/A",
        "mime": "text/html",
        "status": "200",
        "digest": "sha1:2WAXX5NUWNNCS2BDKCO5OVDQBJVNKIVV",
        "length": "400",
        "offset": "300",
        "filename": KEY,
        "recordDigest": "sha256:" + "0" * 64,
    }
    assert {name: said[name] for name in expected} == expected


def test_a_revisit_says_so_in_its_media_type() -> None:
    line = gzip.decompress(write_cdxj([FULL])).decode().split("\n")[1]
    assert json.loads(line.split(" ", 2)[2])["mime"] == "warc/revisit"


def test_lines_are_in_the_order_of_bytes() -> None:
    urls = [
        "http://a.test/b",
        "http://a.test/b-c",
        "http://a.test/b/c",
        "http://a.test/B",
        "https://a.test/",
        "http://b.test/",
    ]
    content = write_cdxj([capture(url, second) for second, url in enumerate(urls)])
    places = [line.rsplit(b" {", 1)[0].split(b" {")[0] for line in gzip.decompress(content).splitlines()[1:]]
    assert places == sorted(places)


def test_the_same_file_gives_the_same_index_bytes(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    for _ in range(3):
        warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    first, second = index_warc(path, CRAWL, KEY), index_warc(path, CRAWL, KEY)
    assert write_cdxj(first.captures) == write_cdxj(reversed(second.captures))
    assert write_records_index(first.records) == write_records_index(second.records)
    assert write_cdxj(first.captures)[4:8] == b"\0\0\0\0", "the gzip header holds no time"
    assert read_cdxj(write_cdxj(first.captures)) == first.captures


def test_records_come_back_in_their_order(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    lines = index_warc(warc.close()[0], CRAWL, KEY).records
    content = write_records_index(lines)
    assert gzip.decompress(content).splitlines()[0] == b'{"schema": "records/2"}'
    assert read_records_index(content) == lines


def test_records_of_schema_1_are_read_without_what_the_records_say_themselves() -> None:
    place = {"offset": 0, "length": 300, "sha256": "0" * 64}
    line = {"record_id": "urn:uuid:2", "record_type": "request", **place}
    beside = {
        "target_uri": "http://faro.hemeroteca.test/",
        "date": "2026-11-24T03:00:00Z",
        "concurrent_to": "urn:uuid:1",
    }
    written = "\n".join(map(json.dumps, [{"schema": "records/1"}, line | beside])) + "\n"
    assert read_records_index(gzip.compress(written.encode())) == [IndexedRecord.model_validate(line)]


def test_warc_files_and_indexes_of_the_first_bucket_say_the_same() -> None:
    """Their revisits have metadata records, their ids are random, their lists are written though they are empty."""
    for path in sorted(BUCKET.rglob("*.warc.gz")):
        name = path.name.removesuffix(".warc.gz")
        (cdxj,), (records,) = BUCKET.rglob(f"{name}.cdxj.gz"), BUCKET.rglob(f"{name}.records.jsonl.gz")
        (ledger,) = BUCKET.rglob(f"{name.removesuffix('-00000')}.parquet")
        source, night = path.parts[-5], date.fromisoformat("-".join(path.parts[-4:-1]))
        id_ = name.rsplit("-", 2)[0]
        crawl = Crawl(id=id_, source_id=source, night=night, trigger="nightly", started=CRAWL.started)
        found = index_warc(path, crawl, str(path.relative_to(BUCKET)))
        assert write_cdxj(found.captures) == write_cdxj(read_cdxj(cdxj.read_bytes()))
        assert read_records_index(records.read_bytes()) == found.records
        said = set(pq.read_schema(ledger).names)  # what a ledger had no column for yet is not compared
        stored = [one.model_dump(include=said) for one in read_ledger(ledger.read_bytes()) if one.record_id]
        again = [one.model_dump(include=said) for one in found.outcomes if one.record_id]
        assert sorted(again, key=itemgetter("url")) == stored


@pytest.mark.parametrize("read", [read_cdxj, read_records_index])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        gzip.compress(b"", mtime=0),
        gzip.compress(b'!meta 0 {"format": "cdxj", "schema": "index/99"}\n', mtime=0),
        gzip.compress(b'{"schema": "records/99"}\n', mtime=0),
        gzip.compress(b'!meta 0 {"schema": "index/1"}\nno line\n', mtime=0),
        gzip.compress(b'{"schema": "records/2"}\n{}\n', mtime=0),
        write_cdxj([FULL])[:-9],
    ],
)
def test_what_is_not_an_index_is_a_fixity_error(read: object, content: bytes) -> None:
    assert callable(read)
    with pytest.raises(FixityError):
        read(content)


def test_what_is_written_exchange_by_exchange_is_what_the_whole_index_gives(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    for number in range(3):
        warc.write(exchange(b"HTTP/1.1 200 OK\r\n\r\n%d" % number), None)
    (path,) = warc.close()
    index = index_warc(path, CRAWL, KEY)
    written = write_index(path, CRAWL, KEY, with_outcomes=True)
    assert (written.cdxj, written.records) == (write_cdxj(index.captures), write_records_index(index.records))
    assert (written.captures, written.lines) == (len(index.captures), len(index.records)) == (3, 10)
    assert written.outcomes == tuple(index.outcomes)
    assert write_index(path, CRAWL, KEY).outcomes == ()
