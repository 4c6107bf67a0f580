"""What a spider is told of each outcome: its callback, its errback or nothing, as docs/spiders.md says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.model.limits import CrawlLimits
from tests.spiders.crawling import NIGHT, Run, known_of, task_of
from tests.spiders.plain.own_spiders import own_card, write_spider
from tests.spiders.plain.test_plain_crawl import P, items, newspaper
from tests.spiders.press import Press, Reply

SPIDER = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    allowed_domains = ["paper.test", "else.test"]
    start_urls = ["http://paper.test/"]
    custom_settings = {"RETRY_ENABLED": False}

    def parse(self, response):
        yield from (
            scrapy.Request(response.urljoin(link), self.parse_story, errback=self.note)
            for link in response.css("a::attr(href)").getall()
        )

    def parse_story(self, response):
        yield {"url": response.url, "told": "callback", "flags": response.flags}
        assert "raising" not in response.url

    def note(self, failure):
        yield {"url": failure.request.url, "told": f"errback {type(failure.value).__name__}"}
"""

OUTCOMES = {
    "/fine": ("captured", "callback"),
    "/raising": ("failed callback_error", "callback"),
    "/cut": ("failed length", "callback"),
    "/gone": ("failed http_404", "errback HttpError"),
    "/broken": ("failed connect", "errback ConnectionDone"),
    "/private/a": ("refused robots", "errback IgnoreRequest"),
    "http://else.test/a": ("refused scope", None),
    "http://third.test/a": ("refused scope", None),
    "/a/a/a/a/a": ("refused trap", None),
    "ftp://paper.test/a": ("refused scheme", None),
    "/known": ("skipped not_due", None),
}


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def absolute(link: str) -> str:
    return link if "://" in link else f"{P}{link}"


def put_newspaper(press: Press, *links: str) -> None:
    newspaper(press, *links)
    for name in ("kept", "also-kept", "known"):
        press.put(f"{P}/{name}", Reply(body=name.encode(), headers=(("ETag", f'"{name}"'),)))


def know(press: Press, folder: Path, environment: dict[str, str]) -> Path:
    """Crawl the articles of which something is known, and return what is known; of one that it was seen tonight."""
    put_newspaper(press, "/kept", "/also-kept", "/known")
    run = Run(press, task_of(folder / "spool", own_card()), environment=environment).wait()
    yesterday = NIGHT - timedelta(days=1)
    return known_of(
        folder / "known",
        [one if "/known" in one.url else one.replace(night=yesterday) for one in run.outcomes().values()],
    )


def test_a_spider_is_told_what_the_page_says(press: Press, tmp_path: Path) -> None:
    environment = write_spider(tmp_path, SPIDER)
    known = know(press, tmp_path, environment)
    put_newspaper(press, "/kept", "/also-kept", *OUTCOMES)
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
    press.put(f"{P}/cut", "x" * 900_000)
    press.put(f"{P}/gone", Reply(404, b"gone"))
    press.put(f"{P}/broken", Reply(0))
    task = task_of(tmp_path / "spool", own_card(), known=known)
    run = Run(press, task, environment=environment, limits=CrawlLimits(max_body_bytes=50_000)).wait()
    told = {one["item"]["url"]: one["item"]["told"] for one in items(run)}
    found = {link: (end, told.get(absolute(link))) for link in OUTCOMES if (end := run.ends().get(absolute(link)))}
    assert found == OUTCOMES
    kept = {(run.ends()[f"{P}{link}"], told[f"{P}{link}"]) for link in ("/kept", "/also-kept")}
    # the first 304 of a crawl is checked, by fetching it in full
    assert kept == {("not_modified", "errback IgnoreRequest"), ("unchanged", "callback")}
