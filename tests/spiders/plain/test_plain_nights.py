"""A plain spider on nights unlike others: asked again, for nights gone by, beside another source, without rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.spiders.crawling import NIGHT, Run, known_of, task_of
from tests.spiders.plain.own_spiders import crawl, own_card, write_spider
from tests.spiders.plain.test_plain_crawl import TUTORIAL, items, newspaper
from tests.spiders.press import Press, Reply

P = "http://paper.test"


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def test_fresh_asks_for_what_is_held_and_not_due(press: Press, tmp_path: Path) -> None:
    newspaper(press, "/a", "/b")
    first = crawl(press, tmp_path, TUTORIAL)
    known = known_of(tmp_path / "known", first.outcomes().values(), last_night=NIGHT.isoformat())
    environment = write_spider(tmp_path, TUTORIAL)
    run = Run(press, task_of(tmp_path / "spool", own_card(), known=known), environment=environment).wait()
    assert [run.ends()[f"{P}/{name}"] for name in "ab"] == ["skipped not_due"] * 2
    task = task_of(tmp_path / "spool", own_card(), known=known, fresh=True)
    run = Run(press, task, environment=environment).wait()
    assert [run.ends()[f"{P}/{name}"] for name in "ab"] == ["unchanged"] * 2
    assert {one["url"] for one in items(run)} == {f"{P}/a", f"{P}/b"}


def test_for_nights_gone_by_only_their_articles_are_asked_for(press: Press, tmp_path: Path) -> None:
    wanted = NIGHT - timedelta(days=30)
    old, other = f"/{wanted:%Y/%m/%d}/old", f"/{NIGHT:%Y/%m/%d}/new"
    newspaper(press, old, other, "/undated")
    task = task_of(tmp_path / "spool", own_card())
    backfill = task.crawl.replace(trigger="backfill", for_nights=(wanted, wanted))
    run = Run(press, task.replace(crawl=backfill), environment=write_spider(tmp_path, TUTORIAL)).wait()
    ends = run.ends()
    assert (ends[f"{P}/"], ends[f"{P}{old}"], ends[f"{P}{other}"]) == ("captured", "captured", "skipped other_night")
    assert press.times(f"{P}{other}") == 0


COOKIES = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        yield response.follow(f"/{self.story}", self.parse_story, cookies={"of": self.story})

    def parse_story(self, response):
        yield response.follow(f"/{self.story}/2", lambda response: [{"url": response.url}])
"""


def test_two_sources_on_one_host_have_cookies_of_their_own(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/", Reply(body=b"<h1>home</h1>", headers=(("Set-Cookie", "seen=1"),)))
    tasks = []
    for name in ("one", "two"):
        press.put(f"{P}/{name}", f"<h1>{name}</h1>")
        press.put(f"{P}/{name}/2", f"<h1>{name}, page 2</h1>")
        tasks.append(task_of(tmp_path / "spool", own_card(source_id=f"aa-{name}", spider_arguments={"story": name})))
    run = Run(press, *tasks, environment=write_spider(tmp_path, COOKIES)).wait()
    sent = {one.url.removeprefix(P): one.headers.get("Cookie") for one in press.asked}
    for number, name in enumerate(("one", "two")):
        assert run.ends(number)[f"{P}/{name}/2"] == "captured"
        for path in (f"/{name}", f"/{name}/2"):
            assert set((sent[path] or "").split("; ")) == {"seen=1", f"of={name}"}


ROBOTS = """
class PaperSpider(scrapy.Spider):
    name = "paper"

    async def start(self):
        yield scrapy.Request("http://paper.test/robots.txt", self.parse, errback=self.note)

    def parse(self, response):
        yield {"told": f"callback {response.status}"}

    def note(self, failure):
        yield {"told": f"errback {type(failure.value).__name__}"}
"""


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(body=b"User-agent: *\n"), "callback 200"),
        (Reply(404, b"gone"), "errback HttpError"),
        (Reply(503, b"busy"), "errback IgnoreRequest"),
        (Reply(0), "errback IgnoreRequest"),
    ],
)
def test_a_spider_is_told_of_rules_that_could_not_be_read(
    press: Press, tmp_path: Path, reply: Reply, told: str
) -> None:
    press.put(f"{P}/robots.txt", reply)
    run = crawl(press, tmp_path, ROBOTS, status=None)
    assert [one["item"]["told"] for one in items(run)] == [told]


ARTICLES = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/a", "http://paper.test/list"]

    def parse(self, response):
        pass
"""


def test_a_listing_that_leads_nowhere_has_failed_and_an_article_has_not(press: Press, tmp_path: Path) -> None:
    newspaper(press, "/a", "/list")
    run = crawl(press, tmp_path, ARTICLES, article=("/a$",))
    assert (run.ends()[f"{P}/a"], run.ends()[f"{P}/list"]) == ("captured", "failed empty")
