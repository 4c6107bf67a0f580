"""What the links of a feed are relative to, and whose they are."""

from __future__ import annotations

import json

import pytest

from spiders.discovery.entries import Entry, parse_feed

URL = "http://paper.test/news/feed"


def urls(found: list[Entry]) -> list[str]:
    return [one.url for one in found]


@pytest.mark.parametrize(
    "channel",
    [
        "<link>http://paper.test/es/</link>",
        "<atom:link rel='self' href='http://proxy.test/x'/><link>\n http://paper.test/es/index.html </link>",
        "<image><link>http://logo.test/</link></image><link>http://paper.test/es/</link>",
        "<atom:link rel='alternate' href='http://paper.test/es/'/>",
    ],
)
@pytest.mark.parametrize("address", ["http://proxy.test/feed", "http://paper.test/feeds/news"])
@pytest.mark.parametrize("broken", ["", "<media:content url='x'>"])
def test_relative_links_are_relative_to_the_channels_own_link(channel: str, address: str, broken: str) -> None:
    items = "".join(f"<item><link>{link}</link>{broken}</item>" for link in ("a?x=1", "/b", "//paper.test/c"))
    body = f"<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel>{channel}{items}</channel></rss>"
    expected = ["http://paper.test/es/a?x=1", "http://paper.test/b", "http://paper.test/c"]
    assert urls(parse_feed(body.encode(), address)) == expected


@pytest.mark.parametrize("link", ["", "<link/>", "<link>mailto:news@paper.test</link>", "<link>http://[x</link>"])
def test_without_a_link_of_the_channel_they_are_relative_to_the_feed(link: str) -> None:
    body = f"<rss><channel>{link}<item><link>a</link></item></channel></rss>"
    assert urls(parse_feed(body.encode(), URL)) == ["http://paper.test/news/a"]


def test_relative_links_of_other_dialects_are_relative_to_the_site_too() -> None:
    atom = (
        '<feed><link rel="self" href="/x"/><link href="http://paper.test/es/"/><entry><link href="a"/></entry></feed>'
    )
    rdf = "<RDF><channel><link>http://paper.test/es/</link></channel><item><link>a</link></item></RDF>"
    based = '<feed xml:base="http://base.test/"><link href="http://paper.test/"/><entry><link href="a"/></entry></feed>'
    listed = json.dumps({"home_page_url": "http://paper.test/es/", "items": [{"url": "a"}]})
    for body in (atom, rdf, listed):
        assert urls(parse_feed(body.encode(), "http://proxy.test/feed")) == ["http://paper.test/es/a"], body
    assert urls(parse_feed(based.encode(), "http://proxy.test/feed")) == ["http://base.test/a"]


@pytest.mark.parametrize("name", ["feedburner:origLink", "pheedo:origLink", "origlink"])
def test_the_address_that_a_service_replaced_is_the_articles(name: str) -> None:
    item = f"<item><link>http://proxy.test/1</link><{name}>http://paper.test/a</{name}></item>"
    spaces = "xmlns:feedburner='http://x/1' xmlns:pheedo='http://x/2'"
    assert urls(parse_feed(f"<rss {spaces}><channel>{item}</channel></rss>".encode(), URL)) == ["http://paper.test/a"]
    empty = f"<item><link>http://proxy.test/1</link><{name}> </{name}></item>"
    assert urls(parse_feed(f"<rss {spaces}><channel>{empty}</channel></rss>".encode(), URL)) == ["http://proxy.test/1"]
