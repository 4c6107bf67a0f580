"""Cleaning archived responses that hold no article, or mean harm: each is listed with its reason."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import brotli
import pytest
import zstandard

from hemeroteca.archive.cleaning.captured_pages import clean_captures
from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
from hemeroteca.extraction.workers.pool import Limits, WorkerPool
from storage import keys
from storage.captures.index import index_warc
from storage.holdings import Holdings
from storage.model.capture import Capture
from storage.model.crawl import Crawl
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError
from storage.model.page_facts import PageFacts
from storage.objects import Store
from tests.extraction.pages import BODY, article
from tests.storage.exchanges import exchange, writer

CRAWL = Crawl(
    id="faro-20261124-nightly",
    source_id="faro",
    night=date(2026, 11, 24),
    trigger="nightly",
    started=datetime(2026, 11, 24, 3, tzinfo=UTC),
)
HTML = b"Content-Type: text/html; charset=utf-8"
CHUNKED = b"Transfer-Encoding: chunked"
CODED = {b"gzip": gzip.compress, b"deflate": zlib.compress, b"br": brotli.compress, b"zstd": zstandard.compress}
PAGE = article().encode()
BOMB = b" " * (MAX_PAGE_BYTES + 1)
QUADRATIC = b"<html><body><div " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">x</div></body></html>"


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(1, Limits(seconds=4)) as workers:
        yield workers


class Stored:
    """Responses written as a crawl writes them, put into a bucket."""

    def __init__(self, directory: Path, store: Store) -> None:
        self._store = store
        self._directory = directory
        self._warc = writer(directory)

    def add(self, body: bytes, *headers: bytes, missing: int = 0, evidence: tuple[str, ...] = ()) -> None:
        """Add a response with this body, of which *missing* bytes more were promised, flagged for *evidence*."""
        length = () if CHUNKED in headers else (b"Content-Length: %d" % (len(body) + missing),)
        head = b"\r\n".join((b"HTTP/1.1 200 OK", *headers, *length, b"", b""))
        made = exchange(head + body, truncated="disconnect" if missing else None)
        made.page = PageFacts(evidence=evidence)
        assert self._warc.write(made, None)

    def clean(self, workers: WorkerPool) -> list[CleanText | NoMainTextError]:
        """Return what came of each response, in the order in which they were added."""
        captures: list[Capture] = []
        for path in self._warc.close():
            key = keys.warc(CRAWL, path.name)
            self._store.put_new_file(key, path, schema="warc/1.1", content_type="application/warc")
            captures += index_warc(path, CRAWL, key).captures
        results = clean_captures(Holdings(self._store), captures, workers)
        assert [capture for capture, _ in results] == captures
        return [found for _, found in results]


@pytest.fixture
def stored(tmp_path: Path, store: Store) -> Stored:
    return Stored(tmp_path, store)


def reasons(found: list[CleanText | NoMainTextError]) -> list[str]:
    """Say what became of each page: ``clean``, why it has no document, or ``document: `` and why that has no text."""
    return [one.reason if isinstance(one, NoMainTextError) else _tell(one) for one in found]


def _tell(found: CleanText) -> str:
    assert bool(found.text) == (found.without_text is None)
    return f"document: {found.without_text}" if found.without_text else "clean"


def test_an_article_comes_out_of_every_content_coding_and_chunk(stored: Stored, workers: WorkerPool) -> None:
    for coding, encode in CODED.items():
        stored.add(encode(PAGE), HTML, b"Content-Encoding: " + coding)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    stored.add(chunked, HTML, CHUNKED)
    found = stored.clean(workers)
    assert [one.text for one in found if isinstance(one, CleanText)] == ["\n".join(BODY)] * 5


def test_a_bomb_of_any_coding_is_given_up_as_too_large(stored: Stored, workers: WorkerPool) -> None:
    for coding, encode in CODED.items():
        packed = encode(BOMB)
        assert len(packed) < len(BOMB) / 900
        stored.add(packed, HTML, b"Content-Encoding: " + coding)
    stored.add(gzip.compress(gzip.compress(BOMB)), HTML, b"Content-Encoding: gzip, gzip")
    stored.add(PAGE, HTML)
    assert reasons(stored.clean(workers)) == ["too_large"] * 5 + ["clean"]


def test_what_cannot_be_read_says_why(stored: Stored, workers: WorkerPool) -> None:
    stored.add(b"\x1f\x8bno gzip at all", HTML, b"Content-Encoding: gzip")
    stored.add(gzip.compress(PAGE)[:-20], HTML, b"Content-Encoding: gzip")
    stored.add(b"%PDF-1.7", HTML)
    stored.add(b"%PDF-1.7", b"Content-Type: application/pdf")
    stored.add(PAGE, HTML, missing=1)
    stored.add(b"<html><body></body></html>", HTML)
    stored.add(PAGE + b"<div>" * 3000, HTML)
    found = stored.clean(workers)
    assert reasons(found) == [
        "undecodable", "undecodable", "not_html", "not_html", "document: truncated: disconnect",
        "no_main_text", "no_main_text",
    ]  # fmt: skip
    assert all(len(str(one)) > len(one.reason) for one in found if isinstance(one, NoMainTextError))


def test_a_plain_page_that_claims_a_coding_and_a_packed_one_that_names_none_are_read(
    stored: Stored, workers: WorkerPool
) -> None:
    for coding in CODED:
        stored.add(PAGE + b"<!-- " + coding, HTML, b"Content-Encoding: " + coding)
    stored.add(gzip.compress(PAGE), HTML)
    assert reasons(stored.clean(workers)) == ["clean"] * 5


def test_a_page_that_leads_on_to_another_and_a_part_of_one_are_no_articles(stored: Stored, workers: WorkerPool) -> None:
    stored.add(PAGE, HTML, evidence=("refresh: http://paper.test/other",))
    stored.add(PAGE + b" ", HTML, evidence=("truncated: 10 bytes of 20",))
    stored.add(PAGE[:30], HTML, evidence=("truncated: 10 bytes of 20",))
    stored.add(PAGE + b"  ", HTML, evidence=("unclosed: the connection broke off after the end of the body",))
    found = stored.clean(workers)
    assert reasons(found) == ["refresh", "document: truncated: a part of the page", "truncated", "clean"]
    assert str(found[0]) == "refresh: http://paper.test/other"
    half = found[1]
    assert isinstance(half, CleanText)
    assert half.title and (half.standfirst, half.confidence, half.minhash, half.posts) == (None, None, None, ())


def test_a_page_that_would_take_minutes_is_refused_and_those_around_it_are_cleaned(
    stored: Stored, workers: WorkerPool
) -> None:
    for body in (PAGE, QUADRATIC, PAGE + b"<!-- another -->"):
        stored.add(body, HTML)
    assert reasons(stored.clean(workers)) == ["clean", "parser_limit", "clean"]
