"""The parsers of documents by name, with what each returns, so that a worker process can be asked for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter

from spiders.discovery.entries import Entry, find_feeds_in_outline, parse_feed
from spiders.discovery.sections import FrontPage, find_feeds_in_page, parse_front_page, parse_section
from spiders.discovery.sitemaps import find_sitemaps_in_robots, parse_sitemap
from spiders.policy.robots_txt import CrawlerRules, RobotsTxt

PRODUCT_TOKEN = "hemeroteca"

Found = TypeVar("Found")


class Parser(NamedTuple, Generic[Found]):
    """*parse* takes a body and the address it came from; what it returns is carried as *form*."""

    name: str
    parse: Callable[[bytes, str], Found]
    form: TypeAdapter[Found]


def _find_rules(body: bytes, url: str) -> CrawlerRules:
    return RobotsTxt(body).find_rules(PRODUCT_TOKEN)


_ENTRIES, _ADDRESSES = TypeAdapter(list[Entry]), TypeAdapter(list[str])
FEED = Parser("feed", parse_feed, _ENTRIES)
SITEMAP = Parser("sitemap", parse_sitemap, _ENTRIES)
SECTION = Parser("section", parse_section, _ENTRIES)
FEEDS_IN_PAGE = Parser("feeds_in_page", find_feeds_in_page, _ADDRESSES)
OUTLINE = Parser("outline", find_feeds_in_outline, _ADDRESSES)
FRONT_PAGE = Parser("front_page", parse_front_page, TypeAdapter(FrontPage))
ROBOTS = Parser("robots", _find_rules, TypeAdapter(CrawlerRules))
SITEMAPS_IN_ROBOTS = Parser("sitemaps_in_robots", find_sitemaps_in_robots, TypeAdapter(tuple[str, ...]))

PARSERS: dict[str, Parser[object]] = {
    parser.name: parser  # type: ignore[misc]  # each with a type of its own
    for parser in (FEED, SITEMAP, SECTION, FEEDS_IN_PAGE, OUTLINE, FRONT_PAGE, ROBOTS, SITEMAPS_IN_ROBOTS)
}
