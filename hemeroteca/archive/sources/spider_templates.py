"""The spiders that ``sources new`` writes: stock Scrapy, as ``scrapy genspider`` would write them."""

from __future__ import annotations

import json
from string import Template
from typing import Literal
from urllib.parse import urlsplit

TemplateName = Literal["basic", "crawl", "sitemap"]

_STORY = '''
    def parse_story(self, response):
        """`scrapy check $name` asks for this page; name a story here.

        @url $address
        @returns items 1
        @scrapes headline
        """
        yield {"headline": response.css("h1::text").get()}
'''

_BASIC = """import scrapy


class $spider(scrapy.Spider):
    name = "$name"
    allowed_domains = [$host]
    start_urls = [$start]

    def parse(self, response):
        # headlines are links
        yield from response.follow_all(css="h2 a, h3 a", callback=self.parse_story)
"""

_CRAWL = """from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule


class $spider(CrawlSpider):
    name = "$name"
    allowed_domains = [$host]
    start_urls = [$start]
    rules = (
        # the addresses of stories have a date or a long number
        Rule(LinkExtractor(allow=r"/\\d{4}/\\d{2}/|\\d{5,}"), callback="parse_story"),
        # sections are read for the stories that they list
        Rule(LinkExtractor(restrict_css="nav")),
    )
"""

_SITEMAP = """from datetime import date, timedelta

from scrapy.spiders import SitemapSpider


class $spider(SitemapSpider):
    name = "$name"
    allowed_domains = [$host]
    # robots.txt names the sitemaps; the address of one sitemap works as well
    sitemap_urls = [$robots]
    sitemap_rules = [("", "parse_story")]

    def sitemap_filter(self, entries):
        # a sitemap may list all that was ever published
        since = str(date.today() - timedelta(days=3))
        for entry in entries:
            if entry.get("lastmod", since) >= since:
                yield entry
"""

_TEMPLATES: dict[TemplateName, str] = {"basic": _BASIC, "crawl": _CRAWL, "sitemap": _SITEMAP}


def write_spider_code(template: TemplateName, name: str, homepage: str) -> str:
    """Return the module of a spider called *name* for the newspaper at *homepage*."""
    parts = urlsplit(homepage)
    return Template(_TEMPLATES[template] + _STORY).substitute(
        spider="".join(word.capitalize() for word in name.split("_")) + "Spider",
        name=name,
        host=json.dumps((parts.hostname or "").removeprefix("www.")),
        start=json.dumps(homepage),
        address=homepage,
        robots=json.dumps(f"{parts.scheme}://{parts.netloc}/robots.txt"),
    )
