"""Documents as servers send them: with something before them, in another encoding than they say, or not closed."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest

from spiders.discovery.entries import parse_feed
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.packed_body import MAX_BODY_BYTES
from spiders.discovery.sitemaps import parse_sitemap
from spiders.discovery.tidy import tidy_xml
from spiders.policy.robots_txt import RobotsTxt, read_seconds

URL = "http://paper.test/feed"
LINKS = [f"http://paper.test/{number}" for number in range(3)]
FEED = (
    "<rss><channel><title>é</title>" + "".join(f"<item><link>{one}</link></item>" for one in LINKS) + "</channel></rss>"
)
SITEMAP = "<urlset>" + "".join(f"<url><loc>{one}</loc></url>" for one in LINKS) + "</urlset>"
UTF8 = '<?xml version="1.0" encoding="UTF-8"?>'


def found(body: bytes) -> list[str]:
    return [entry.url for entry in parse_feed(body, URL)]


@pytest.mark.parametrize(
    "body",
    [
        f"<br />\n<b>Warning</b>:  Undefined variable $x in <b>f.php</b><br />\n{UTF8}{FEED}".encode(),
        f"\nNotice: Undefined index: foo in feed.php on line 12\n{UTF8}{FEED}".encode(),
        f"<script>x()</script>{UTF8}{FEED}".encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + f"{UTF8}{FEED}".encode(),
        b"\xc2\xa0\n\xa0" + f"{UTF8}{FEED}".encode(),
        f'="UTF-8"?>{FEED}'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{FEED}'.encode(),
        f'<?xml version="1.0" encoding="us-ascii"?>{FEED}'.encode(),
        f'<?xml version="1.0" encoding="ks_c_5601-1987"?>{FEED.replace("é", "한국")}'.encode("cp949"),
        f'<?xml version="1.0" encoding="no-such"?>{FEED}'.encode("latin-1"),
        f'<?xml version="1.0" encoding="utf-16"?>{FEED}'.encode("latin-1"),
        f'<?xml version="1.0" encoding="iso-2022-jp"?>{FEED.replace("é", "新聞")}'.encode("iso2022_jp"),
        f"{FEED}".encode("utf-16"),
        f"{FEED}".encode("utf-16-be"),
        f"{UTF8}<!-- <html> -->{FEED}".encode(),
    ],
)
def test_a_feed_is_read_whatever_stands_around_it(body: bytes) -> None:
    assert found(body) == LINKS


def test_a_feed_or_sitemap_may_be_gzip_though_nothing_says_so() -> None:
    assert found(gzip.compress(FEED.encode())) == LINKS
    assert [entry.url for entry in parse_sitemap(gzip.compress(SITEMAP.encode()), URL)] == LINKS
    for damaged in (gzip.compress(b"x")[:12], b"\x1f\x8b", gzip.compress(b" " * (MAX_BODY_BYTES + 1))):
        with pytest.raises(NotAFeedError):
            found(damaged)


def test_a_page_is_no_feed_though_it_speaks_of_one() -> None:
    with pytest.raises(NotAFeedError, match="root element"):
        found(f"<!doctype html><html><body><pre>{FEED}</pre></body></html>".encode())


@pytest.mark.parametrize(
    "leaf",
    [
        '<media:content url="http://i.test/p.jpg" medium="image">',
        '<enclosure url="/p.jpg" type="image/jpeg">',
        "<category>",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_what_is_not_closed_in_an_entry_costs_no_other(leaf: str, place: str) -> None:
    entries = (f"{leaf}<link>{one}</link>" if place == "before" else f"<link>{one}</link>{leaf}" for one in LINKS)
    body = "<rss xmlns:media='m'><channel>" + "".join(f"<item>{entry}</item>" for entry in entries) + "</channel></rss>"
    assert found(body.encode()) == LINKS


def test_a_broken_sitemap_is_read_entry_by_entry() -> None:
    body = SITEMAP.replace(
        "</loc></url><url><loc>http://paper.test/1", "</loc><image:loc></url><url><loc>http://paper.test/1"
    )
    assert [entry.url for entry in parse_sitemap(f"\nNotice: x\n{UTF8}{body}".encode(), URL)] == LINKS


def test_a_guid_is_the_article_where_each_link_is_the_front_page() -> None:
    entries = (f"<item><link>http://paper.test/</link><guid isPermaLink='true'>{one}</guid></item>" for one in LINKS)
    assert found(f"<rss><channel>{''.join(entries)}</channel></rss>".encode()) == LINKS


def test_a_json_feed_with_a_comma_too_many_is_read() -> None:
    whole = json.dumps({"items": [{"id": one, "url": one} for one in LINKS]})
    assert found(whole.replace("}]}", "} , ],\n}").encode()) == LINKS


def test_a_robots_txt_in_utf_16_is_obeyed() -> None:
    for encoding in ("utf-16", "utf-16-le"):
        mark = b"" if encoding == "utf-16" else b"\xff\xfe"
        rules = RobotsTxt(mark + "User-agent: *\nDisallow: /private\n".encode(encoding)).find_rules("hemeroteca")
        assert not rules.allow("http://paper.test/private/a")
        assert rules.allow("http://paper.test/a")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3s", 3.0), ("1,5", 1.5), ("10 seconds", 10.0), ('"2"', 2.0), ("0.5", 0.5), ("soon", None), ("", None)],
)
def test_a_crawl_delay_means_its_number(text: str, seconds: float | None) -> None:
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel>" + b"<item><enclosure " * 60_000,
        b"<rss><channel>" + b"<item><enclosure url='a'>" * 40_000,
        b"<rss>" * 200_000,
        b"{" + b",  " * 300_000,
        b'<?xml version="1.0"' + b" " * 1_000_000,
        b"\xa0" * 1_000_000 + b"<rss><channel></channel></rss>",
    ],
)
@pytest.mark.timeout(60)
def test_the_worst_bodies_are_read_in_time(body: bytes) -> None:
    with contextlib.suppress(NotAFeedError):
        found(body)
    assert tidy_xml(body) is not None
