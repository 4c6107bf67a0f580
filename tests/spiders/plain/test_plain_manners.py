"""What a plain Scrapy spider may try: nothing of it gets past robots.txt, turns, limits and recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spiders.plain.own_spiders import crawl
from tests.spiders.plain.test_plain_crawl import RULES, P, items, newspaper
from tests.spiders.press import Press, Reply

SPIDER = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    custom_settings = {SETTINGS}

    async def start(self):
        for path in ("/", "/private/a", "/b", "/c"):
            yield scrapy.Request("http://paper.test" + path, callback=self.parse, dont_filter=True FIELDS)

    def parse(self, response):
        yield {"url": response.url, "flags": response.flags}
"""


def spider(settings: str = "", request: str = "", more: str = "") -> str:
    return SPIDER.replace("SETTINGS", settings).replace("FIELDS", request) + more


ENDS = {f"{P}{path}": "captured" for path in ("/robots.txt", "/", "/b", "/c")} | {f"{P}/private/a": "refused robots"}


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        newspaper(press, "/private/a", "/b", "/c")
        press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
        yield press


@pytest.mark.parametrize(
    "request_fields",
    [
        ', meta={"dont_obey_robotstxt": True}',
        ', meta={"handle_httpstatus_all": True, "allow_offsite": True}',
        ', headers={"User-Agent": "Mozilla/5.0", "Accept-Encoding": "br"}',
        ', meta={"proxy": "http://127.0.0.1:9/"}',
        ', meta={"download_slot": path, "download_timeout": 0.0001}',
        ', meta={"hemeroteca_found": None, "facts": 1, "source_id": "other", "known": 2}',
        ', priority=1000, cookies={"a": "b"}',
    ],
)
def test_no_request_gets_past_the_rules(press: Press, tmp_path: Path, request_fields: str) -> None:
    run = crawl(press, tmp_path, spider(request=request_fields))
    assert run.ends() == ENDS
    assert f"{P}/private/a" not in press.arrived
    assert {one.headers["User-Agent"] for one in press.asked} == {"hemeroteca/0 (+test@hemeroteca.test)"}
    assert {one.headers.get("Accept-Encoding") for one in press.asked} == {"gzip"}


@pytest.mark.parametrize(
    "setting",
    [
        '"ROBOTSTXT_OBEY": False, "USER_AGENT": "Mozilla/5.0"',
        '"DOWNLOAD_HANDLERS": {"http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"}',
        '"DOWNLOADER_MIDDLEWARES": {"spiders.plain.policy_middleware.PolicyMiddleware": None}',
        '"DOWNLOADER_MIDDLEWARES": {"mypress.paper.Mine": 1001}',
        '"SPIDER_MIDDLEWARES": {"mypress.paper.Mine": 5}',
        '"EXTENSIONS": {"spiders.plain.archive_extension.ArchiveExtension": None}',
        '"DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter"',
        '"DOWNLOADER_MIDDLEWARES_BASE": {}',
        '"FEEDS": {"out.json": {"format": "json"}}',
        '"HTTPCACHE_ENABLED": True',
        '"SCHEDULER": "mypress.paper.Mine"',
        '"DOWNLOAD_MAXSIZE": 0',
    ],
)
def test_a_setting_that_is_not_a_spiders_is_named_and_nothing_is_asked(
    press: Press, tmp_path: Path, setting: str
) -> None:
    run = crawl(press, tmp_path, spider(setting), status=2)
    assert "aa-paper: spider: PaperSpider: a spider may not change these settings: " in run.err
    named = run.err.partition("settings: ")[2].splitlines()[0]
    assert setting.split('"')[1] in named
    assert press.arrived == []


def test_settings_of_parsing_and_tries_are_a_spiders_own(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/b", Reply(500, b"broken"))
    allowed = (
        '"RETRY_TIMES": 1, "DEPTH_LIMIT": 3, "COOKIES_ENABLED": False, "ROBOTSTXT_OBEY": True, '
        '"CONCURRENT_REQUESTS": 99, "CONCURRENT_REQUESTS_PER_DOMAIN": 99, "DOWNLOAD_DELAY": 0, '
        '"REDIRECT_ENABLED": False, "AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.01, '
        '"ITEM_PIPELINES": {"mypress.paper.Stamp": 300}'
    )
    pipeline = "\nclass Stamp:\n    def process_item(self, item):\n        return item | {'stamp': 1}\n"
    run = crawl(press, tmp_path, spider(allowed, more=pipeline))
    assert press.times(f"{P}/b") == 2
    assert run.ends()[f"{P}/b"] == "failed http_500"
    assert all(one["item"]["stamp"] == 1 for one in items(run))


MIDDLEWARE = """
class Mine:
    def process_request(self, request):
        if request.url.endswith("/b"):
            from scrapy.http import HtmlResponse
            return HtmlResponse(request.url, body=b"made up", request=request)
        if request.url.endswith("/c"):
            from scrapy.exceptions import IgnoreRequest
            raise IgnoreRequest
"""


def test_a_middleware_that_answers_for_a_page_makes_no_capture_of_it(press: Press, tmp_path: Path) -> None:
    run = crawl(press, tmp_path, spider('"DOWNLOADER_MIDDLEWARES": {"mypress.paper.Mine": 900}', more=MIDDLEWARE))
    assert run.ends() == ENDS | {f"{P}/b": "skipped dropped", f"{P}/c": "skipped dropped"}
    assert {one["url"]: one["record_id"] for one in items(run)}[f"{P}/b"] is None


PAST_THE_SCHEDULER = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    async def parse(self, response):
        for path in ("/b", "/private/a", "/c"):
            try:
                got = await self.crawler.engine.download_async(scrapy.Request("http://paper.test" + path))
                yield {"path": path, "bytes": len(got.body)}
            except Exception as error:
                yield {"path": path, "error": type(error).__name__}
        handlers = self.crawler.engine.downloader.handlers
        try:
            await handlers.download_request_async(scrapy.Request("http://paper.test/private/a"))
        except Exception as error:
            yield {"path": "handler", "error": type(error).__name__}
"""


def test_a_download_past_the_scheduler_goes_by_the_same_rules(press: Press, tmp_path: Path) -> None:
    run = crawl(press, tmp_path, PAST_THE_SCHEDULER)
    ends = {f"{P}/": "captured", f"{P}/b": "captured", f"{P}/c": "captured", f"{P}/private/a": "refused robots"}
    assert run.ends() == RULES | ends
    errors = {one["item"]["path"]: one["item"].get("error") for one in items(run)}
    assert errors == {"/b": None, "/private/a": "IgnoreRequest", "/c": None, "handler": "IgnoreRequest"}
    assert f"{P}/private/a" not in press.arrived


ENDLESS = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/0"]

    def parse(self, response):
        number = int(response.url.rpartition("/")[2])
        for next_one in (number + 1, number):
            yield scrapy.Request(f"http://paper.test/{next_one}", dont_filter=True)
"""


def test_an_endless_spider_ends_with_its_budget(press: Press, tmp_path: Path) -> None:
    for number in range(30):
        press.put(f"{P}/{number}", f"<h1>{number}</h1>")
    run = crawl(press, tmp_path, ENDLESS, nightly_budget=7)
    asked = [url for url in press.arrived if url not in RULES]
    assert len(asked) == 1 + 7
    assert run.tally()["skipped budget"] >= 1
    assert run.tally().total() == len(run.outcomes())


def test_an_endless_start_ends_with_its_time(press: Press, tmp_path: Path) -> None:
    code = """
class PaperSpider(scrapy.Spider):
    name = "paper"

    async def start(self):
        number = 0
        while True:
            number += 1
            yield scrapy.Request(f"http://paper.test/{number}")
"""
    run = crawl(press, tmp_path, code, time_budget_seconds=2.0)
    ended = run.ended()
    assert ended is not None and ended.reason == "budget"
    assert run.tally()["skipped budget"] >= 1


def test_the_distance_between_requests_is_the_cards_whatever_the_spider_wants(press: Press, tmp_path: Path) -> None:
    fast = '"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 50, "CONCURRENT_REQUESTS": 50'
    crawl(press, tmp_path, spider(fast), delay_seconds=0.3)
    assert len(_gaps(press)) == len(press.asked) - 1
    assert min(_gaps(press)) >= 0.3


def test_a_private_address_is_not_reached(press: Press, tmp_path: Path) -> None:
    here = f"http://127.0.0.1:{press.port}"
    code = spider().replace(P, here)
    run = crawl(press, tmp_path, code, allow_private=False, hosts=("127.0.0.1",))
    assert press.arrived == []
    assert set(run.ends()) == {f"{here}{path}" for path in ("/robots.txt", "/", "/private/a", "/b", "/c")}
    assert set(run.ends().values()) == {"refused private_address"}


def _gaps(press: Press) -> list[float]:
    asked = sorted(press.asked, key=lambda one: one.begun)
    return [later.begun - earlier.ended for earlier, later in zip(asked, asked[1:], strict=False)]


def test_the_rules_of_a_host_are_read_once_however_its_address_is_spelled(press: Press, tmp_path: Path) -> None:
    spelled = '("http://paper.test:80/b", "http://me:secret@paper.test/c", "HTTP://Paper.Test/", "HTTP://Paper.Test:80/robots.txt")'
    code = spider().replace('("/", "/private/a", "/b", "/c")', spelled).replace('"http://paper.test" + path', "path")
    run = crawl(press, tmp_path, code)
    assert run.ends() == {f"{P}{path}": "captured" for path in ("/robots.txt", "/", "/b", "/c")}
    assert press.times(f"{P}/robots.txt") == 1
    assert "secret" not in "".join(str(record.header("WARC-Target-URI")) for record in run.records())
