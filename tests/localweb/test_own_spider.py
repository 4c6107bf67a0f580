"""A Scrapy user's first spider for a real newspaper: written, crawled with our commands, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.checkout_copy import CheckoutCopy
from tests.localweb.server import LocalWeb
from tests.localweb.web import Web
from tests.shared import needs_shared

pytestmark = needs_shared
HOST = "www.mirror.co.uk"
SPIDER = """import scrapy


class MirrorSpider(scrapy.Spider):
    name = "mirror"
    allowed_domains = ["mirror.co.uk"]
    start_urls = ["https://www.mirror.co.uk/"]

    def parse(self, response):
        yield from response.follow_all(css="li a", callback=self.parse_story)

    def parse_story(self, response):
        yield {
            "headline": response.css("h1::text").get(),
            "date": response.css('meta[property="article:published_time"]::attr(content)').get(),
            "byline": response.css('meta[name="author"]::attr(content)').getall(),
        }
"""
CARD = """tls: record
article: ['-\\d{7,}$']
item_fields: {title: headline, published: date, authors: byline}
"""


class Served:
    """The checkout in which the newspaper was written and crawled, the addresses of its articles, and what was said."""

    def __init__(self, checkout: CheckoutCopy, articles: set[str], said: str) -> None:
        self.checkout = checkout
        self.articles = articles
        self.said = said


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("trial")
    web = Web()
    articles = {url for url in web.urls("article") if url.startswith(f"https://{HOST}/")}
    with LocalWeb(web, folder) as served:
        checkout = CheckoutCopy(folder, demo="1", connect_to=served.connect_to)
        checkout.run("hemeroteca", "sources", "new", "mirror", "--url", f"https://{HOST}/")
        (checkout.path / "spiders/mirror.py").write_text(SPIDER)
        with (checkout.home / "seeds/mirror.yaml").open("a") as card:
            card.write(CARD)
        said = checkout.run("hemeroteca", "crawl", "--source", "mirror", "--json").stdout
        yield Served(checkout, articles, said)


def test_every_article_is_captured_and_becomes_a_document(crawled: Served) -> None:
    coverage = json.loads(crawled.said)
    assert coverage["documents"] == len(crawled.articles) > 0
    assert coverage["failed"] == 0


def test_text_and_items_are_read_back(crawled: Served) -> None:
    printed = crawled.checkout.run("hemeroteca", "items", "--source", "mirror").stdout
    items = [json.loads(line) for line in printed.splitlines()]
    assert {one["url"] for one in items} == crawled.articles
    for one in items:
        document = json.loads(crawled.checkout.run("hemeroteca", "get", one["url"], "--as", "document").stdout)
        assert document["title"] == one["item"]["headline"].strip()
        assert len(document["text"].split()) > 100
