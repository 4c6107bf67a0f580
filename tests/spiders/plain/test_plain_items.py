"""Items of every kind that Scrapy takes, kept as JSON lines with the page that they came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spiders.plain.own_spiders import crawl
from tests.spiders.plain.test_plain_crawl import P, items, newspaper
from tests.spiders.press import Press

KINDS = """
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal

import attrs
import pydantic


class Story(scrapy.Item):
    kind = scrapy.Field()


@dataclass
class DataStory:
    kind: str


@attrs.define
class AttrsStory:
    kind: str


class ModelStory(pydantic.BaseModel):
    kind: str


class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    async def start(self):
        yield {"kind": "of no page"}
        async for request in super().start():
            yield request

    def parse(self, response):
        yield {"kind": "dict", "deep": [{"when": datetime(2026, 3, 1, tzinfo=timezone.utc), "price": Decimal("1.50")}]}
        yield Story(kind="item")
        yield DataStory(kind="dataclass")
        yield AttrsStory(kind="attrs")
        yield ModelStory(kind="pydantic")
        yield {"kind": "odd", "text": "\\ud800 \\u2028 é", "number": float("nan"), "page": response, "set": {1}}
"""
UNKEEPABLE = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        yield response.follow("/a", callback=self.parse_story)
        yield {"kind": "good"}

    def parse_story(self, response):
        yield {"kind": "bad", "what": object()}
        yield {"kind": "good"}
"""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        newspaper(press, "/a")
        yield press


def test_every_kind_of_item_is_kept(press: Press, tmp_path: Path) -> None:
    run = crawl(press, tmp_path, KINDS)
    found = {one["item"]["kind"]: one for one in items(run)}
    assert found.keys() == {"of no page", "dict", "item", "dataclass", "attrs", "pydantic", "odd"}
    page = run.outcomes()[f"{P}/"].record_id
    assert {
        kind: (one["url"], one["record_id"]) for kind, one in found.items() if kind != "of no page"
    } == dict.fromkeys(("dict", "item", "dataclass", "attrs", "pydantic", "odd"), (f"{P}/", page))
    assert (found["of no page"]["url"], found["of no page"]["record_id"]) == (None, None)
    assert found["dict"]["item"]["deep"] == [{"when": "2026-03-01T00:00:00+00:00", "price": "1.50"}]
    assert found["odd"]["item"]["page"] == f"<TextResponse 200 {P}/>"
    assert run.ends()[f"{P}/"] == "captured"


def test_an_item_that_cannot_be_kept_is_told_and_spares_its_siblings(press: Press, tmp_path: Path) -> None:
    run = crawl(press, tmp_path, UNKEEPABLE)
    assert [one["item"]["kind"] for one in items(run)] == ["good", "good"]
    story = run.outcomes()[f"{P}/a"]
    assert (story.state, story.reason) == ("failed", "callback_error")
    assert story.detail == "item: TypeError: Object of type object is not JSON serializable"
