"""Plain Scrapy spiders, unaware of the archive: what they ask for is captured, and each request has its row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.spiders.crawling import NIGHT, Run, known_of, task_of
from tests.spiders.plain.own_spiders import crawl, own_card, write_spider
from tests.spiders.press import Press, Reply

P = "http://paper.test"
RULES = {f"{P}/robots.txt": "captured", f"{P}/.well-known/tdmrep.json": "captured"}

TUTORIAL = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        yield from response.follow_all(css="a.story", callback=self.parse_story)
        yield from response.follow_all(css="a.next", callback=self.parse)

    def parse_story(self, response):
        yield {"headline": response.css("h1::text").get()}
"""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def page(*links: str, kind: str = "story") -> str:
    return "<title>News</title>" + "".join(f'<a class="{kind}" href="{link}">{link}</a>' for link in links)


def items(run: Run) -> list[dict[str, Any]]:
    path = run.directory() / "items.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def newspaper(press: Press, *stories: str) -> None:
    press.put(f"{P}/", page(*stories))
    for story in stories:
        press.put(f"{P}{story}", f"<h1>{story}</h1>")


def test_a_spider_of_the_tutorial_is_archived_with_its_items(press: Press, tmp_path: Path) -> None:
    newspaper(press, "/a", "/b")
    press.put(f"{P}/", page("/a") + page("/page/2", kind="next"))
    press.put(f"{P}/page/2", page("/a", "/b"))
    run = crawl(press, tmp_path, TUTORIAL)
    assert run.ends() == RULES | dict.fromkeys((f"{P}/", f"{P}/page/2", f"{P}/a", f"{P}/b"), "captured")
    purposes = {url: (one.kind, one.purpose, one.via) for url, one in run.outcomes().items() if url not in RULES}
    assert purposes == {
        f"{P}/": ("section", "section", "spider"),
        f"{P}/page/2": ("article", "article", f"{P}/"),
        f"{P}/a": ("article", "article", f"{P}/"),
        f"{P}/b": ("article", "article", f"{P}/page/2"),
    }
    written = {one["url"]: (one["item"], one["spider"], one["record_id"]) for one in items(run)}
    records = {url: outcome.record_id for url, outcome in run.outcomes().items()}
    assert written == {
        f"{P}/a": ({"headline": "/a"}, "paper", records[f"{P}/a"]),
        f"{P}/b": ({"headline": "/b"}, "paper", records[f"{P}/b"]),
    }
    targets = [str(record.header("WARC-Target-URI")) for record in run.records() if record.type == "response"]
    assert sorted(targets) == sorted(one.url for one in press.asked)


def test_a_callback_that_raises_costs_its_page_alone_and_says_where(press: Press, tmp_path: Path) -> None:
    newspaper(press, "/a", "/bad", "/c")
    code = TUTORIAL.replace(
        'yield {"headline"', 'assert "bad" not in response.url, "no headline"\n        yield {"headline"'
    )
    run = crawl(press, tmp_path, code)
    assert run.ends() == RULES | {
        f"{P}/": "captured",
        f"{P}/a": "captured",
        f"{P}/bad": "failed callback_error",
        f"{P}/c": "captured",
    }
    bad = run.outcomes()[f"{P}/bad"]
    assert bad.detail == f"{tmp_path}/mypress/paper.py:13: AssertionError: no headline"
    assert (bad.status, bad.record_id is not None) == (200, True)
    assert {one["url"] for one in items(run)} == {f"{P}/a", f"{P}/c"}


def test_what_comes_of_a_page_before_its_callback_raises_is_kept(press: Press, tmp_path: Path) -> None:
    newspaper(press, "/a", "/b")
    code = TUTORIAL.replace(
        'yield from response.follow_all(css="a.next", callback=self.parse)', "raise OSError(1, 'no')"
    )
    run = crawl(press, tmp_path, code)
    ends = {f"{P}/": "failed callback_error", f"{P}/a": "captured", f"{P}/b": "captured"}
    assert run.ends() == RULES | ends


def test_where_a_request_may_go_the_card_says(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
    press.put(f"{P}/", page("/a", "/private/b", "http://else.test/c", "/old/d", "mailto:me@paper.test", "/a#top", "/a"))
    press.put(f"{P}/a", "<h1>a</h1>")
    code = TUTORIAL.replace(
        'css="a.story"',
        '[one for one in response.css("a.story::attr(href)").getall() if ":" not in one or "//" in one]',
    )
    run = crawl(press, tmp_path, code, exclude=("/old/",))
    assert run.ends() == RULES | {
        f"{P}/": "captured",
        f"{P}/a": "captured",
        f"{P}/private/b": "refused robots",
        "http://else.test/c": "refused scope",
        f"{P}/old/d": "refused scope",
    }
    assert set(press.arrived) == {f"{P}/robots.txt", f"{P}/", f"{P}/.well-known/tdmrep.json", f"{P}/a"}


def test_redirects_and_further_tries_are_scrapys_own_and_each_hop_and_try_is_captured(
    press: Press, tmp_path: Path
) -> None:
    newspaper(press, "/a", "/moved", "/away", "/busy", "/gone")
    press.redirect(f"{P}/moved", "/b")
    press.redirect(f"{P}/away", "http://else.test/x")
    press.put(f"{P}/b", "<h1>b</h1>")
    press.put(f"{P}/busy", Reply(503, b"busy"), Reply(body=b"<h1>busy</h1>"))
    press.put(f"{P}/gone", Reply(404, b"gone"))
    run = crawl(press, tmp_path, TUTORIAL)
    assert run.ends() == RULES | {
        f"{P}/": "captured",
        f"{P}/a": "captured",
        f"{P}/moved": "captured",
        f"{P}/b": "captured",
        f"{P}/away": "captured",
        "http://else.test/x": "refused scope",
        f"{P}/busy": "captured",
        f"{P}/gone": "failed http_404",
    }
    assert run.outcomes()[f"{P}/b"].redirected_from == (f"{P}/moved",)
    assert press.times(f"{P}/busy") == 2
    assert (
        sum(record.header("WARC-Target-URI") == f"{P}/busy" and record.type == "response" for record in run.records())
        == 2
    )
    assert {one["url"] for one in items(run)} == {f"{P}/a", f"{P}/b", f"{P}/busy"}


def test_an_article_that_is_held_is_asked_for_when_it_is_due_and_with_its_validators(
    press: Press, tmp_path: Path
) -> None:
    newspaper(press, "/a", "/b", "/c", "/lost")
    for name in "bc":
        press.put(f"{P}/{name}", Reply(body=name.encode(), headers=(("ETag", f'"{name}"'),)))
    first = crawl(press, tmp_path, TUTORIAL)
    press.put(f"{P}/", page("/a", "/b", "/c", "/new"))
    press.put(f"{P}/new", "<h1>new</h1>")
    yesterday = NIGHT.replace(day=23).isoformat()
    known = known_of(tmp_path / "known", first.outcomes().values(), last_night=yesterday)
    again = Run(
        press, task_of(tmp_path / "spool", own_card(), known=known), environment=write_spider(tmp_path, TUTORIAL)
    ).wait()
    assert again.ends() == RULES | {
        f"{P}/": "captured",
        f"{P}/a": "unchanged",
        f"{P}/b": "not_modified",
        f"{P}/c": "unchanged",  # the first 304 of a crawl is checked
        f"{P}/new": "captured",
        f"{P}/lost": "unchanged",
    }
    assert again.outcomes()[f"{P}/lost"].via == "known"
    assert {one["url"] for one in items(again)} == {f"{P}/a", f"{P}/c", f"{P}/new"}


def test_one_address_that_is_asked_for_several_times_at_once_is_captured_each_time(
    press: Press, tmp_path: Path
) -> None:
    newspaper(press, "/a", "/b")
    twice = 'css="a.story", callback=self.parse_story, dont_filter=True)\n'
    code = TUTORIAL.replace(
        'css="a.story", callback=self.parse_story)\n', twice + f"        yield from response.follow_all({twice}"
    )
    run = crawl(press, tmp_path, code)
    assert run.ends() == RULES | {f"{P}/": "captured", f"{P}/a": "unchanged", f"{P}/b": "unchanged"}
    assert [press.times(f"{P}/{name}") for name in "ab"] == [2, 2]
    assert len(items(run)) == 4
    records = [str(one.header("WARC-Target-URI")) for one in run.records() if one.type in ("response", "revisit")]
    assert (records.count(f"{P}/a"), records.count(f"{P}/b")) == (2, 2)
