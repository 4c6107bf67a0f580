"""Reading back: which capture an address and a time mean, and that one range read gives its bytes."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.lookup import (
    find_captures,
    find_closest,
    find_payload_capture,
    parse_time,
    read_body,
    read_document,
    read_warc,
)
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from storage import keys
from storage.captures.exchange import Exchange, ExchangeFacts
from storage.captures.index import RECORDS_SCHEMA, index_warc, write_records_index
from storage.captures.writer import WarcFiles, WarcWriter
from storage.catalog import Selection
from storage.catalog.shortfall import settle_new
from storage.manifests import put_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, Manifest, Software, StoredObject
from storage.model.errors import FixityError, NotArchivedError, SeedError
from storage.model.outcome import Outcome
from storage.model.source import Source
from storage.objects import S3Settings, Store
from tests.storage.exchanges import REQUEST, known_of

HOST = "http://faro.hemeroteca.test"
STORY = f"{HOST}/news/story"
START = datetime(2026, 3, 1, 2, tzinfo=UTC)
WORDS = "<p>niño</p>".encode("cp1252")
ZIPPED = gzip.compress(WORDS, mtime=0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PLAIN = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(WORDS), WORDS)
CODED = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
    len(ZIPPED),
    ZIPPED,
)
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'


class CountingStore(Store):
    """A store that counts its range reads."""

    ranges = 0

    def read_range(self, key: str, offset: int, length: int, *, sha256: str | None = None) -> bytes:
        self.ranges += 1
        return super().read_range(key, offset, length, sha256=sha256)


class Library:
    """An archive that is filled exchange by exchange: a crawl and a WARC file each."""

    def __init__(self, home: Path, s3: S3Settings) -> None:
        self.home = home
        self.archive = Archive(Settings(home=Home(home)))
        self.store = self.archive.__dict__["store"] = CountingStore(s3)
        settle_new(self.archive.coordination, self.archive.catalog.name, None)
        self._ids = count(1)

    def capture(self, url: str, seconds: float, answer: bytes, known: Outcome | None = None) -> Outcome:
        """Have *answer* come from *url* some seconds after START, and commit and publish it."""
        crawl = Crawl(
            id=f"faro-{next(self._ids):08d}", source_id="faro", night=date(2026, 3, 1), trigger="manual", started=START
        )
        moment = START + timedelta(seconds=seconds)
        files = WarcFiles(self.home, lambda serial: f"{crawl.id}-0badcafe-{serial:05d}.warc.gz", {})
        warc = WarcWriter(crawl, files, lambda: moment, self._new_id)
        made = Exchange(url, "GET", ExchangeFacts(kind="article", purpose="article"), lambda: moment)
        made.begin("127.0.0.1")
        made.sent(REQUEST)
        made.received(answer)
        made.end(None, None)
        outcome = warc.write(made, known_of(known) if known else None)
        self._publish(crawl, warc.close()[0])
        return outcome

    def _publish(self, crawl: Crawl, path: Path) -> None:
        key = keys.warc(crawl, path.name)
        index = index_warc(path, crawl, key)
        self.store.put_new_file(key, path, schema="warc/1.1", content_type="application/warc")
        records = write_records_index(index.records)
        self.store.put_new(keys.records_beside(key), records, schema=RECORDS_SCHEMA)
        manifest = Manifest(
            crawl=crawl,
            source=Source(id="faro", title="Faro", homepage=HOST, language="es"),
            source_digest="",
            attempts=(),
            ended=START,
            end_reason="finished",
            software=Software(version="0"),
            objects=(StoredObject.of(keys.records_beside(key), records, RECORDS_SCHEMA, len(index.records)),),
            discovered=1,
            counts=(),
        )
        assert put_manifest(self.store, keys.crawl_manifest(crawl), manifest)
        assert self.archive.catalog.apply_manifest(keys.crawl_manifest(crawl), manifest, index.captures, index.outcomes)

    def _new_id(self) -> str:
        return f"urn:uuid:{next(self._ids):032x}"


@pytest.fixture
def library(tmp_path: Path, s3_settings: S3Settings) -> Iterator[Library]:
    library = Library(tmp_path, s3_settings)
    yield library
    library.archive.close()


def seconds_of(capture: Capture) -> float:
    return (capture.date - START).total_seconds()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T02:00:14", datetime(2026, 3, 1, 2, 0, 14, tzinfo=UTC)),
        ("2026-03-01T02:00:14Z", datetime(2026, 3, 1, 2, 0, 14, tzinfo=UTC)),
        ("2026-03-01T02:00+02:00", datetime(2026, 3, 1, tzinfo=UTC)),
        ("20260301020014", datetime(2026, 3, 1, 2, 0, 14, tzinfo=UTC)),
    ],
)
def test_a_time_is_iso_8601_or_as_cdx_has_it_and_utc_if_bare(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "20261301020014", "2026"])
def test_another_time_is_an_error_that_shows_how(text: str) -> None:
    with pytest.raises(SeedError, match="such as 2026"):
        parse_time(text)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-999, 10), (10, 10), (14.9, 10), (15, 10), (15.1, 20), (29.9, 20), (9999, 40), (None, 40)],
)
def test_the_closest_capture_is_meant_of_two_the_earlier_and_without_a_time_the_newest(
    library: Library, seconds: float | None, expected: int
) -> None:
    for moment in (40, 10, 20):
        library.capture(STORY, moment, PLAIN)
    library.capture(f"{STORY}/other", 15, PLAIN)
    at = None if seconds is None else START + timedelta(seconds=seconds)
    assert seconds_of(find_closest(library.archive, STORY, at)) == expected
    assert seconds_of(find_closest(library.archive, f"{STORY.upper().replace('HTTP', 'https')}#part", at)) == expected


def test_an_unknown_address_is_not_archived(library: Library) -> None:
    with pytest.raises(NotArchivedError, match="/nothing: not in the archive"):
        find_closest(library.archive, f"{HOST}/nothing")
    assert not find_captures(library.archive, f"{HOST}/nothing")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"{HOST}/news", ["/news"]),
        (f"{HOST}/news/*", ["/news/a", "/news/b?c=d"]),
        (f"{HOST}/news*", ["/news", "/news-old", "/news/a", "/news/b?c=d"]),
        (f"{HOST}/news/b*", ["/news/b?c=d"]),
        (f"{HOST}/*", ["/", "/news", "/news-old", "/news/a", "/news/b?c=d"]),
        (f"{HOST}*", ["/", "/news", "/news-old", "/news/a", "/news/b?c=d"]),
        (f"{HOST}/sport/*", []),
    ],
)
def test_a_star_means_every_address_that_begins_so(library: Library, address: str, expected: list[str]) -> None:
    for path in ("/news/a", "/", "/news-old", "/news/b?c=d", "/news"):
        library.capture(HOST + path, 1, PLAIN)
    library.capture("http://faro.hemeroteca.test.example/news/a", 1, PLAIN)
    found = find_captures(library.archive, address)
    assert sorted(capture.target_uri.removeprefix(HOST) for capture in found) == expected


def test_captures_are_listed_within_times_both_inclusive(library: Library) -> None:
    for moment in (30, 10, 20):
        library.capture(STORY, moment, PLAIN)
    since, until = (START + timedelta(seconds=seconds) for seconds in (10, 20))
    assert [seconds_of(one) for one in find_captures(library.archive, STORY, Selection(since=since, until=until))] == [
        10,
        20,
    ]
    assert [seconds_of(one) for one in find_captures(library.archive, STORY)] == [10, 20, 30]


@pytest.mark.parametrize("answer", [PLAIN, CODED])
def test_a_body_comes_back_without_codings_in_its_own_charset_by_one_range_read(
    library: Library, answer: bytes
) -> None:
    library.capture(STORY, 1, answer)
    assert read_body(library.archive, find_closest(library.archive, STORY)) == WORDS
    assert library.store.ranges == 1


def test_a_record_comes_back_as_it_is_stored_by_one_range_read_each(library: Library) -> None:
    library.capture(STORY, 1, CODED)
    capture = find_closest(library.archive, STORY)
    alone = read_warc(library.archive, capture)
    assert library.store.ranges == 1
    both = read_warc(library.archive, capture, with_request=True)
    assert library.store.ranges == 3
    stored = library.store.read(capture.location.key)
    assert alone == stored[capture.location.offset :][: capture.location.length]
    records = [
        (record.rec_type, record.rec_headers["WARC-Target-URI"])
        for record in ArchiveIterator(io.BytesIO(both), no_record_parse=True)
    ]
    assert records == [("response", STORY), ("request", STORY)]


@pytest.mark.parametrize("again", [PLAIN, NOT_MODIFIED])
def test_a_revisit_gives_the_body_of_its_original_and_its_own_record(library: Library, again: bytes) -> None:
    first = library.capture(STORY, 1, PLAIN)
    library.capture(STORY, 100, again, known=first)
    capture = find_closest(library.archive, STORY)
    assert (capture.record_type, seconds_of(capture)) == ("revisit", 100)
    assert find_payload_capture(library.archive, capture).record_id == first.record_id
    assert read_body(library.archive, capture) == WORDS
    record = next(ArchiveIterator(io.BytesIO(read_warc(library.archive, capture)), no_record_parse=True))
    assert record.rec_type == "revisit"


def test_a_revisit_of_what_the_archive_does_not_hold_says_so(library: Library) -> None:
    library.capture(STORY, 1, PLAIN)
    lost = find_closest(library.archive, STORY).replace(record_type="revisit", refers_to="urn:uuid:elsewhere")
    with pytest.raises(NotArchivedError, match="urn:uuid:elsewhere"):
        read_body(library.archive, lost)


def test_another_record_than_was_stored_is_never_given(library: Library) -> None:
    library.capture(STORY, 1, PLAIN)
    capture = find_closest(library.archive, STORY)
    with pytest.raises(FixityError):
        read_body(library.archive, capture.replace(record_digest="sha256:" + "0" * 64))
    assert capture.request
    moved = capture.replace(location=capture.request)
    with pytest.raises(FixityError):
        read_warc(library.archive, moved)
    with pytest.raises(FixityError):
        read_warc(library.archive, capture.replace(request=capture.location), with_request=True)


def test_a_capture_without_a_document_says_so(library: Library) -> None:
    library.capture(STORY, 1, PLAIN)
    with pytest.raises(NotArchivedError, match="has no document"):
        read_document(library.archive, find_closest(library.archive, STORY))
