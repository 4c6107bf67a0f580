"""What feeds, sitemaps and pages announce, and what hostile ones do not do."""

from __future__ import annotations

import contextlib
import gzip
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders.discovery.entries import Entry, parse_date, parse_feed
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.sections import find_feeds_in_page, parse_section
from spiders.discovery.sitemaps import find_sitemaps_in_robots, parse_sitemap
from tests.shared import SUITES, CountCases, needs_shared, read_cases
from tests.spiders.press import feed, sitemap, sitemap_index

URL = "http://paper.test/news/feed"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urls(found: list[Entry]) -> list[str]:
    return [one.url for one in found]


def test_a_feed_announces_each_entry_once_with_its_date() -> None:
    body = feed(("/a#top", "Tue, 24 Nov 2026 01:00:00 +0100"), "http://paper.test/a", "b")
    assert parse_feed(body.encode(), URL) == [
        Entry("http://paper.test/a", datetime(2026, 11, 24, tzinfo=UTC)),
        Entry("http://paper.test/news/b"),
    ]


def test_atom_rdf_and_json_feeds_are_read() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="enclosure" href="/x.mp3"/>'
        '<link href="/a"/><published>2026-11-23T22:00:00Z</published></entry></feed>'
    )
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<item rdf:about="/b"><link>/b</link></item></rdf:RDF>'
    )
    items = [{"id": "1", "url": "http://paper.test/c"}]
    listed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items})
    assert parse_feed(atom.encode(), URL) == [Entry("http://paper.test/a", datetime(2026, 11, 23, 22, tzinfo=UTC))]
    assert urls(parse_feed(rdf.encode(), URL)) == ["http://paper.test/b"]
    assert urls(parse_feed(listed.encode(), URL)) == ["http://paper.test/c"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("<guid>http://paper.test/a</guid>", ["http://paper.test/a"]),
        ("<guid>http://paper.test/a</guid><link>/b</link>", ["http://paper.test/b"]),
        ('<guid isPermaLink="false">http://paper.test/a</guid><comments>/c</comments>', ["http://paper.test/a"]),
        ('<guid isPermaLink="false">17</guid>', []),
        ("<link>http://paper.test/a?x=1&y=2&copy=3</link>", ["http://paper.test/a?x=1&y=2&copy=3"]),
        ("<link><![CDATA[http://paper.test/a?x=1&amp=2]]></link>", ["http://paper.test/a?x=1&amp=2"]),
        ("<link>http://paper.test/caf&eacute;</link>", ["http://paper.test/caf%C3%A9"]),
        ('<link>/a</link><atom:link rel="replies" href="/c"/>', ["http://paper.test/a"]),
        ('<atom:link rel="enclosure" href="/x.mp3"/><atom:link rel="self" href="/a"/>', ["http://paper.test/a"]),
        ('<link xml:base="http://old.test/b/">a</link>', ["http://old.test/b/a"]),
        ("<!-- none --><description>&nbsp;&</description><link>/a</link>", ["http://paper.test/a"]),
    ],
)
def test_an_entry_stands_for_its_page(entry: str, expected: list[str]) -> None:
    assert urls(parse_feed(f"<rss><channel><item>{entry}</item></channel></rss>".encode(), URL)) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"url": "/a", "date_published": "2026-11-24T00:00:00Z"}, ["http://paper.test/a"]),
        ({"external_url": "http://b.test/"}, ["http://b.test/"]),
        ({"id": "http://paper.test/c"}, ["http://paper.test/c"]),
        ({"id": 7, "url": None}, []),
        ("no item", []),
    ],
)
def test_an_item_of_a_json_feed_stands_for_its_page(item: object, expected: list[str]) -> None:
    assert urls(parse_feed(json.dumps({"items": [item]}).encode(), URL)) == expected


def test_a_bare_ampersand_stays_in_an_address_of_a_sitemap() -> None:
    listed = b"<urlset><url><loc>http://paper.test/a?x=1&y=2</loc></url></urlset>"
    assert urls(parse_sitemap(listed, URL)) == ["http://paper.test/a?x=1&y=2"]


def test_a_feed_that_breaks_off_gives_what_stood_before() -> None:
    whole = feed("/a", "/b")
    assert urls(parse_feed(whole[: whole.index("/b") + 3].encode(), URL))[:1] == ["http://paper.test/a"]


@pytest.mark.parametrize("body", [b"", b"<html><body>Not found</body></html>", b"<note/>", b"\x00\x01"])
def test_what_is_no_feed_is_told_from_an_empty_one(body: bytes) -> None:
    with pytest.raises(NotAFeedError):
        parse_feed(body, URL)
    assert parse_feed(feed().encode(), URL) == []


def test_a_sitemap_gives_lastmod_or_the_news_date_and_no_images() -> None:
    body = f"""<?xml version="1.0"?><urlset {NS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
      <url><image:image><image:loc>/i.jpg</image:loc></image:image><loc> /a </loc><lastmod>2026-11-20</lastmod>
        <news:news><news:publication_date>2026-11-23T10:00:00+01:00</news:publication_date></news:news></url>
      <url><loc>/b</loc><lastmod>2026-11-20</lastmod></url>
      <url><loc></loc></url></urlset>"""
    assert parse_sitemap(body.encode(), URL) == [
        Entry("http://paper.test/a", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        Entry("http://paper.test/b", datetime(2026, 11, 20, tzinfo=UTC)),
    ]


def test_an_index_names_sitemaps_and_gzip_is_unpacked() -> None:
    index = sitemap_index(("/s1.xml", "2026-11-24"), "/s2.xml.gz").encode()
    assert parse_sitemap(gzip.compress(index), URL) == [
        Entry("http://paper.test/s1.xml", datetime(2026, 11, 24, tzinfo=UTC), is_sitemap=True),
        Entry("http://paper.test/s2.xml.gz", is_sitemap=True),
    ]


def test_a_sitemap_without_namespace_with_a_mark_or_as_text_is_read() -> None:
    assert urls(parse_sitemap(b"\xef\xbb\xbf<urlset><url><loc>/a</loc></url></urlset>", URL)) == ["http://paper.test/a"]
    assert urls(parse_sitemap(b"http://paper.test/a\nhttp://paper.test/b\n", URL)) == [
        "http://paper.test/a",
        "http://paper.test/b",
    ]


def test_a_sitemap_that_is_cut_gives_what_stood_before() -> None:
    body = sitemap(*[f"/{number}" for number in range(100)]).encode()
    assert len(parse_sitemap(body[: len(body) // 2], URL)) > 40
    with pytest.raises(NotAFeedError):
        parse_sitemap(gzip.compress(body)[:40], URL)
    with pytest.raises(NotAFeedError):
        parse_sitemap(b"<html></html>", URL)


def test_a_sitemap_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(NotAFeedError):
        parse_sitemap(gzip.compress(b"<urlset>" + b" " * (65 * 1024 * 1024)), URL)


def test_other_editions_and_media_of_a_page_are_no_pages_of_a_sitemap() -> None:
    body = f"""<urlset {NS} xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:video="http://www.google.com/schemas/v">
      <url><loc>/a</loc><xhtml:link rel="alternate" hreflang="de" href="/de"/>
      <video:video><video:content_loc>/v.mp4</video:content_loc><video:publication_date>2020-01-01</video:publication_date>
      </video:video></url></urlset>"""
    assert parse_sitemap(body.encode(), URL) == [Entry("http://paper.test/a")]


def test_a_robots_txt_names_sitemaps_wherever_they_lie() -> None:
    body = b"User-agent: x\r\nDisallow: /\r\nSITEMAP: http://cdn.test/s.xml # all\r\n\r\nsitemap:/news.xml\r\nSitemap: ftp://a/"
    assert find_sitemaps_in_robots(body, "http://paper.test/robots.txt") == (
        "http://cdn.test/s.xml",
        "http://paper.test/news.xml",
    )


def test_a_page_gives_its_links_under_its_base() -> None:
    body = b'<base href="/x/"><a href="a#c">A</a><a href="a">A</a><area href="//b.test/"><a href="javascript:f()"><a>'
    assert urls(parse_section(body, URL)) == ["http://paper.test/x/a", "http://b.test/", "javascript:f()"]


def test_the_likeliest_articles_of_a_page_come_first() -> None:
    body = b"""<nav><a href="/2026/11/24/menu-of-the-day">Menu</a></nav><a href="/politics/">Politics</a>
      <a href="/2026/11/24/brief">Brief</a><article><h2><a href="/2026/11/24/lead">Mayor opens the new bridge</a></h2>
      </article><footer><a href="/imprint">Imprint</a></footer>"""
    assert [url.removeprefix("http://paper.test") for url in urls(parse_section(body, URL))] == [
        "/2026/11/24/lead",
        "/2026/11/24/brief",
        "/politics/",
        "/2026/11/24/menu-of-the-day",
        "/imprint",
    ]


def test_a_page_names_its_feeds_but_those_of_its_comments() -> None:
    body = b"""<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="icon" href="/x" type="a">
      <link rel="ALTERNATE home" type="application/feed+json; charset=utf-8" href="feed.json">
      <link rel="alternate" type="application/rss+xml" title="Comments" href="/c">
      <link rel=alternate type=text/html href=/m>"""
    assert find_feeds_in_page(body, URL) == ["http://paper.test/rss", "http://paper.test/news/feed.json"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T01:00+01:00", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 00:00:00 GMT", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)),
        ("2024", datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-13", None),
        ("1970-01-01", None),
        ("1970", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("-0001-11-30T00:00:00Z", None),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("01-Jan-0070 00:00:00 GMT", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_dates_are_read_in_every_form_feeds_use(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


class Canary:
    """A listener that hostile documents point to, and how often something knocked."""

    def __init__(self) -> None:
        self.knocks = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.knocks += 1

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


def test_no_entity_and_no_dtd_is_followed(canary: Canary, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("http://secret.test/")
    for doctype in (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{canary.url}">]>',
        f'<!DOCTYPE x SYSTEM "{canary.url}">',
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{canary.url}"> %p;]>',
    ):
        for parse, body in (
            (parse_feed, f"{doctype}<rss><channel><item><link>http://a.test/&e;</link></item></channel></rss>"),
            (parse_sitemap, f"{doctype}<urlset><url><loc>http://a.test/&e;</loc></url></urlset>"),
        ):
            assert not any("secret" in url for url in urls(parse(body.encode(), URL)))
    assert canary.knocks == 0


@needs_shared
def test_hostile_documents_cost_neither_time_nor_memory(count_cases: CountCases) -> None:
    cases = read_cases("security/xml")
    for row in cases:
        body = (SUITES / "security" / row["file"]).read_bytes()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for parse in (parse_feed, parse_sitemap):
            begun = time.thread_time()
            try:
                found = urls(parse(body, "http://h.test/"))
            except NotAFeedError:
                found = []
            assert time.thread_time() - begun < 2
            assert all(len(url) < 1000 and "root:" not in url for url in found)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    count_cases("security/xml", len(cases), "parsed")
