"""Requests that a careless or a hostile spider makes: each has its row, and none is another one on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.spiders.plain.own_spiders import crawl
from tests.spiders.plain.test_plain_crawl import RULES, P, items
from tests.spiders.press import Press, Reply

HEAD = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def keep(self, response):
        yield {"url": response.url}

    def note(self, failure):
        yield {"error": type(failure.value).__name__}
"""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        for path in ("", "a", "b", "c", "d"):
            press.put(f"{P}/{path}", f"<h1>{path}</h1>")
        yield press


def parse(*lines: str) -> str:
    """The spider with a callback ``parse`` of *lines*."""
    return HEAD + "\n    def parse(self, response):\n" + "".join(f"        {line}\n" for line in lines)


def ends(press: Press, folder: Path, code: str, **card: Any) -> dict[str, str]:
    found = crawl(press, folder, code, **card).ends()
    return {url.removeprefix(P): end for url, end in found.items() if url not in RULES}


def test_no_method_and_no_header_is_a_second_request(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /PRIVATE\n")
    code = parse(
        r'smuggled = "GET /PRIVATE HTTP/1.1\r\nHost: paper.test\r\n\r\nGET"',
        'yield response.follow("/a", self.keep, method=smuggled)',
        r'yield response.follow("/b", self.keep, headers={"A: b\r\n\r\nGET /PRIVATE HTTP/1.1\r\nHost": "paper.test"})',
        r'yield response.follow("/c", self.keep, headers={"A": "b\r\n\r\nGET /PRIVATE HTTP/1.1\r\nHost: paper.test"})',
    )
    found = ends(press, tmp_path, code)
    assert sorted(found.values()) == ["captured", "captured", "failed error", "failed error"]
    assert (found["/"], found["/c"]) == ("captured", "captured")
    assert set(press.arrived) == {*RULES, f"{P}/", f"{P}/c"}


def test_requests_of_classes_of_its_own_are_made_as_plain_ones(press: Press, tmp_path: Path) -> None:
    own = """
class Odd(scrapy.Request):
    attributes = (*scrapy.Request.attributes, "odd")

    def __init__(self, url, *args, odd=1, **kwargs):
        super().__init__(url, *args, **kwargs)
        self.odd = lambda: odd

class Narrow(scrapy.Request):
    def __init__(self, url, callback):
        super().__init__(url, callback)
"""
    code = parse('yield Odd(response.urljoin("/a"), self.keep)', 'yield Narrow(response.urljoin("/b"), self.keep)')
    assert ends(press, tmp_path, code + own) == dict.fromkeys(("/", "/a", "/b"), "captured")


MIDDLEWARES = """
    custom_settings = {
        "DOWNLOADER_MIDDLEWARES": {"mypress.paper.Downloads": 500},
        "SPIDER_MIDDLEWARES": {"mypress.paper.Input": 500},
    }

class Downloads:
    def process_request(self, request):
        if request.url.endswith("/a"):
            raise ValueError("no request")

    def process_response(self, request, response):
        if request.url.endswith("/b"):
            raise KeyError("no response")
        return response

class Input:
    def process_spider_input(self, response):
        if response.url.endswith("/c"):
            raise OSError("no input")
"""


def test_what_a_middleware_of_its_own_raises_is_the_end_of_that_request(press: Press, tmp_path: Path) -> None:
    code = parse('yield from response.follow_all(["/a", "/b", "/c", "/d"], self.keep, errback=self.note)')
    run = crawl(press, tmp_path, code + MIDDLEWARES)
    own = {url.removeprefix(P): end for url, end in run.ends().items() if url not in RULES}
    assert own == {
        "/": "captured",
        "/a": "failed error",
        "/b": "failed callback_error",
        "/c": "failed callback_error",
        "/d": "captured",
    }
    details = [run.outcomes()[f"{P}/{path}"].detail or "" for path in "abc"]
    assert [detail.split(": ", 1)[1] for detail in details] == [
        "ValueError: no request",
        "KeyError: 'no response'",
        "OSError: no input",
    ]
    assert [one["item"].get("error") for one in items(run)].count(None) == 1


def test_a_request_that_nothing_can_be_made_of_has_a_row(press: Press, tmp_path: Path) -> None:
    metas = '[{"redirect_urls": 5}, {"hemeroteca_found": 3}, {"hemeroteca": "nonsense"}, {"cookiejar": []}]'
    code = parse(
        f"for number, meta in enumerate({metas}):",
        '    made = scrapy.Request(response.urljoin(f"/a?{number}"), self.keep, errback=self.note, meta=meta)',
        "    self.crawler.engine.crawl(made)",
        'yield response.follow("/b", self.keep)',
    )
    found = ends(press, tmp_path, code)
    assert found == {"/": "captured", "/b": "captured"} | {f"/a?{number}": "failed error" for number in range(4)}


def test_a_spider_that_calls_its_requests_further_tries_has_the_same_budget(press: Press, tmp_path: Path) -> None:
    code = parse(
        "for number in range(30):",
        '    yield response.follow(f"/x?{number}", self.keep, meta={"retry_times": 1})',
        "for number in range(30):",
        '    yield response.follow("/b", self.keep, meta={"retry_times": 1}, dont_filter=True)',
    )
    press.put(f"{P}/b", Reply(body=b"<h1>b</h1>"))
    ends(press, tmp_path, code, nightly_budget=8)
    asked = [url for url in press.arrived if url not in RULES]
    assert len(asked) <= 1 + 8 + 10
