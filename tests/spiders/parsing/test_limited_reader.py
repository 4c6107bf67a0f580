"""Documents of strangers are read in limits: what goes beyond one costs that document alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from spiders.discovery.feeds import NotAFeedError
from spiders.parsing.limited_reader import LimitedReader, ReadLimits
from spiders.parsing.parsers import FEED, FRONT_PAGE, ROBOTS, SECTION, SITEMAPS_IN_ROBOTS, Parser
from storage.model.errors import ParserLimitError

U = "http://paper.test/"
A_FEED = b"<rss><channel><item><link>/a</link><pubDate>2026-11-30T10:00:00Z</pubDate></item></channel></rss>"
A_PAGE = b"<html lang=en><title>The Paper</title><a href=/rss>feed</a><a href=/2026/11/30/a-story-of-words>A story</a>"
IN_WORKERS = ReadLimits(small_bytes=0, cpu_seconds=1, seconds=3, workers=1)


@pytest.fixture(scope="module")
def reader() -> Iterator[LimitedReader]:
    with LimitedReader(IN_WORKERS) as reader:
        yield reader


@pytest.mark.parametrize(
    ("parser", "body"),
    [
        (FEED, A_FEED),
        (SECTION, A_PAGE),
        (FRONT_PAGE, A_PAGE),
        (ROBOTS, b"User-agent: *\nDisallow: /a*b$\nCrawl-delay: 3\n"),
        (SITEMAPS_IN_ROBOTS, b"Sitemap: /map.xml"),
    ],
)
def test_a_worker_reads_what_is_read_here(reader: LimitedReader, parser: Parser[object], body: bytes) -> None:
    assert reader.read(parser, body, U) == parser.parse(body, U)


def test_what_is_no_feed_is_called_so_by_a_worker_too(reader: LimitedReader) -> None:
    with pytest.raises(NotAFeedError, match="root element is html"):
        reader.read(FEED, b"<html>", U)


def test_a_page_that_a_parser_would_choke_on_is_not_given_to_one(reader: LimitedReader) -> None:
    with pytest.raises(ParserLimitError, match="nested elements"):
        reader.read(SECTION, b"<table><tr><td>" * 1000, U)


@pytest.fixture(scope="module")
def hostile() -> Iterator[LimitedReader]:
    with LimitedReader(IN_WORKERS, module="tests.spiders.parsing.hostile_parser") as reader:
        yield reader


@pytest.mark.parametrize("name", ["spin", "hang", "abort", "eat"])
def test_a_document_that_takes_all_costs_itself_alone(hostile: LimitedReader, name: str) -> None:
    with pytest.raises(ParserLimitError):
        hostile.read(FEED, A_FEED, U + name)
    assert hostile.read(FEED, A_FEED, U) == FEED.parse(A_FEED, U)


@pytest.mark.parametrize("name", ["weary", "full"])
def test_a_document_is_read_in_a_new_worker_when_those_before_it_harmed_the_last(name: str) -> None:
    with LimitedReader(IN_WORKERS, module="tests.spiders.parsing.hostile_parser") as reader:
        reader.read(FEED, A_FEED, U)
        assert reader.read(FEED, A_FEED, U + name) == FEED.parse(A_FEED, U)


@pytest.mark.parametrize("name", ["spin", "hang", "abort", "eat"])
def test_a_document_is_read_twice_only_when_another_may_be_the_cause(name: str) -> None:
    with capture_logs() as events, LimitedReader(IN_WORKERS, module="tests.spiders.parsing.hostile_parser") as reader:
        reader.read(FEED, A_FEED, U)
        with pytest.raises(ParserLimitError):
            reader.read(FEED, A_FEED, U + name)
    assert len(events) == (1 if name in ("spin", "hang") else 2)


def test_an_error_of_a_library_is_no_limit(hostile: LimitedReader) -> None:
    with pytest.raises(RuntimeError, match="a library's own trouble"):
        hostile.read(FEED, A_FEED, U + "raise")


def test_the_end_does_not_wait_for_a_document() -> None:
    limits = IN_WORKERS._replace(cpu_seconds=600, seconds=600)
    failed: list[Exception] = []

    def read() -> None:
        try:
            slow.read(FEED, A_FEED, U + "hang")
        except ParserLimitError as error:
            failed.append(error)

    with LimitedReader(limits, module="tests.spiders.parsing.hostile_parser") as slow:
        slow.read(FEED, A_FEED, U)
        reading = threading.Thread(target=read)
        reading.start()
        time.sleep(0.2)
    reading.join(5)
    assert failed
