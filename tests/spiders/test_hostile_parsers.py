"""The worst that each parser of strangers' bytes can be given costs little, and twice as much when it is doubled."""

from __future__ import annotations

import gzip
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
import zstandard

from spiders.discovery.entries import find_feeds_in_outline, parse_feed
from spiders.discovery.sitemaps import find_sitemaps_in_robots, parse_sitemap
from spiders.policy.robots_txt import MAX_BYTES, RobotsTxt
from spiders.policy.traps import Traps, make_shape
from spiders.policy.url_variants import strip_session, strip_tracking
from spiders.wire.signals import find_page_facts
from storage.captures.exchange import Exchange, ExchangeFacts
from storage.model.pattern import compile_pattern
from storage.surt import urlkey
from storage.warc.http import parse_head

CPU_SECONDS = 0.5
MEGABYTES = 200
LARGE, SMALL = 400_000, 64_000
U = "http://paper.test/"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


class Case(NamedTuple):
    read: Callable[[bytes], object]
    make: Callable[[int], bytes]
    size: int = LARGE


def read_robots(body: bytes) -> None:
    rules = RobotsTxt(body).find_rules("hemeroteca")
    rules.allow("/" + "ab" * 900)


def read_page(answer: bytes) -> None:
    exchange = Exchange(U, "GET", ExchangeFacts(kind="article", purpose="article"), lambda: NOW)
    exchange.begin(None)
    for at in range(0, len(answer), 65536):
        exchange.received(answer[at : at + 65536])
    exchange.end()
    find_page_facts(exchange)


def page(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def feed(body: bytes) -> list[str]:
    return [one.url for one in parse_feed(body, U)]


def sitemap(body: bytes) -> object:
    return parse_sitemap(body, U)


def times(piece: bytes) -> Callable[[int], bytes]:
    return lambda size: piece * (size // len(piece))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CASES = {
    "robots: spaces in a rule": Case(read_robots, lambda n: b"User-agent: *\nAllow: /" + b" " * n + b"x", MAX_BYTES),
    "robots: spaces before a name": Case(read_robots, lambda n: b" " * n + b"x", MAX_BYTES),
    "robots: names of crawlers": Case(read_robots, times(b"User-agent: a*b*c\n"), MAX_BYTES),
    "robots: one long wildcard": Case(read_robots, lambda n: b"User-agent: h" + b"*e" * (n // 2), MAX_BYTES),
    "robots: rules": Case(read_robots, lambda n: b"User-agent: *\n" + times(b"Disallow: /*a*b\n")(n), MAX_BYTES),
    "robots: one rule of wildcards": Case(
        read_robots, lambda n: b"User-agent: *\nDisallow: /" + b"*b" * (n // 2), MAX_BYTES
    ),
    "robots: sitemaps": Case(lambda body: find_sitemaps_in_robots(body, U), times(b" " * 999 + b"\n"), MAX_BYTES),
    "feed: sections that never end": Case(feed, lambda n: b"<rss>&amp;" + times(b"<![CDATA[")(n)),
    "feed: ampersands": Case(feed, lambda n: b"<rss>" + b"&" * n),
    "feed: names of entities": Case(feed, lambda n: b"<rss>&" + b"a" * n),
    "feed: half numbers": Case(feed, lambda n: b"<rss>" + times(b"&#111")(n)),
    "feed: items that never end": Case(feed, lambda n: b"<rss>" + times(b"<item><link>/a")(n // 10)),
    "feed: open leafs of many names": Case(
        feed, lambda n: b"<rss><item x>" + b"".join(b"<a%d:link x>" % at for at in range(n // 12)), LARGE // 2
    ),
    "feed: declarations": Case(feed, times(b"<?xml version='1.0' encoding='")),
    "feed: attributes": Case(
        feed, lambda n: b"<rss><item " + b"".join(b"a%x='' " % at for at in range(n // 10)) + b"/></rss>"
    ),
    "feed: deep JSON": Case(feed, lambda n: b'{"version":"1","items":' + b"[" * n),
    "feed: commas": Case(feed, lambda n: b'{"items":[' + b"," * n),
    "feed: spaces after commas": Case(feed, lambda n: b'{"items":[,' + b" " * n),
    "outline: addresses": Case(
        lambda body: find_feeds_in_outline(body, U), lambda n: b"<opml>" + times(b" xmlurl='a xmlurl=\"")(n // 4)
    ),
    "sitemap: url in url": Case(sitemap, lambda n: b"<urlset>" + times(b"<url><loc>")(n)),
    "sitemap: comments": Case(sitemap, lambda n: b"<urlset>" + times(b"<!-- & ")(n)),
    "page: one attribute": Case(read_page, lambda n: page(b"<meta robots " + b"a" * n + b">")),
    "page: attributes": Case(read_page, lambda n: page(b"<meta robots " + times(b"a = ")(n))),
    "page: titles": Case(read_page, lambda n: page(times(b"<title")(n))),
    "page: title and name": Case(read_page, lambda n: page(b"<title>" + times(b"login 404 ")(n))),
    "page: quotes": Case(read_page, lambda n: page(b"<link rel=canonical " + times(b"href=\"'")(n))),
    "page: tags of words": Case(read_page, lambda n: page(times(b"<meta robots ")(n))),
    "page: words without tags": Case(read_page, lambda n: page(times(b"<<<<robots")(n))),
    "page: a refresh of one attribute": Case(read_page, lambda n: page(b"<meta http-equiv=refresh " + b"a" * n + b">")),
    "page: refreshes": Case(read_page, lambda n: page(times(b"<meta http-equiv=refresh content='")(n))),
    "page: outside": Case(read_page, lambda n: page(times(b"<script><noscript><!--<meta http-equiv=refresh")(n))),
    "head: refresh": Case(read_page, lambda n: page(b"", b"Refresh: 0" + b" " * n), 200_000),
    "codings: gzip members": Case(
        read_page, lambda n: page(times(gzip.compress(b"", mtime=0))(n), b"Content-Encoding: gzip"), 4_000_000
    ),
    "codings: zstd frames": Case(
        read_page, lambda n: page(times(zstandard.compress(b""))(n), b"Content-Encoding: zstd"), 4_000_000
    ),
    "page: paywalls": Case(read_page, lambda n: page(times(b"isAccessibleForFree :")(n))),
    "head: links": Case(read_page, lambda n: page(b"", b"Link: " + times(b"<>;")(n)), 200_000),
    "head: relations": Case(read_page, lambda n: page(b"", b"Link: <>;" + times(b"rel =")(n)), 200_000),
    "head: folds": Case(parse_head, lambda n: b"HTTP/1.1 200 OK\r\nX: a\r\n" + times(b" b\r\n")(n) + b"\r\n", 200_000),
    "head: interim": Case(read_page, times(b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"), 2_000_000),
    "chunks of a byte": Case(read_page, lambda n: CHUNKED + times(b"1\r\nx\r\n")(n), 4_000_000),
    "address: escapes": Case(lambda url: urlkey(url.decode()), lambda n: U.encode() + times(b"%25")(n), 200_000),
    "address: double escapes": Case(lambda url: urlkey(url.decode()), lambda n: b"http://a/%" + b"25" * n, 100_000),
    "address: sessions": Case(lambda url: urlkey(url.decode()), lambda n: b"http://a/?" + times(b"cfid=a&")(n)),
    "address: one session": Case(lambda url: urlkey(url.decode()), lambda n: b"http://a/?" + times(b"cfid=")(n)),
    "address: calendar": Case(
        lambda url: Traps().refuse(url.decode()), lambda n: b"http://a" + times(b"/events")(n) + b"/"
    ),
    "address: field of a calendar": Case(
        lambda url: Traps().refuse(url.decode()), lambda n: b"http://a/?" + times(b"_date")(n) + b"!=1"
    ),
    "address: shape": Case(lambda url: make_shape(url.decode()), lambda n: b"http://a/" + b"f" * n + b"!1"),
    "address: variants": Case(
        lambda url: strip_tracking(strip_session(url.decode())), lambda n: b"http://a" + times(b"/(a(b&")(n)
    ),
    "pattern of a card": Case(
        lambda url: compile_pattern(r"/(?:a|aa|a?)+$").search(url.decode()), lambda n: b"/" + b"a" * n + b"!"
    ),
}


def measure(case: Case, size: int) -> float:
    body = case.make(size)
    begun = time.process_time()
    with suppress(ValueError):  # it is no feed
        case.read(body)
    return time.process_time() - begun


@pytest.mark.parametrize("name", CASES)
def test_the_worst_input_costs_little_and_twice_as_much_when_doubled(name: str) -> None:
    case = CASES[name]
    measure(case, 1000)
    half, whole = (min(measure(case, size) for _ in range(2)) for size in (case.size // 2, case.size))
    assert whole < CPU_SECONDS
    assert whole < 3 * half + 0.1


@pytest.mark.parametrize("name", CASES)
def test_the_worst_input_takes_little_memory(name: str) -> None:
    case = CASES[name]
    child = os.fork()  # memory once taken is not given back: each is measured in a process of its own
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        measure(case, case.size)
        taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        os._exit(min(taken, 255))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) < MEGABYTES
