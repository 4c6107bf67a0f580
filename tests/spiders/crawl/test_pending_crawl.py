"""Crawls that know what is pending: what they ask for beside what is announced, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.known import KnownPending
from storage.model.outcome import Outcome
from storage.model.source import Discovery
from tests.spiders.crawling import NIGHT, Run, card, known_of, task_of
from tests.spiders.plain.own_spiders import crawl
from tests.spiders.press import Press, Reply, feed

P = "http://paper.test"
NEXT = NIGHT + timedelta(days=1)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def put_off(path: str, **facts: Any) -> KnownPending:
    """A pending address that was put off on the night before *NEXT*."""
    since = str(NIGHT)
    return KnownPending(f"{P}{path}", since, since, since, reason="budget", listed_in=f"{P}/feed")._replace(**facts)


def failed(path: str, asks: int, **facts: Any) -> KnownPending:
    return put_off(path, asks=asks, last_asked=str(NIGHT), due=str(NEXT), **facts)


def tagged(body: str, tag: str) -> Reply:
    return Reply(200, body.encode(), (("ETag", f'"{tag}"'),))


def read_feed(press: Press, place: Path, *names: str) -> list[Outcome]:
    """Return what a first night found: a feed with an ETag, of *names*."""
    press.put(f"{P}/feed", tagged(feed(*names), "f"))
    for name in names:
        press.put(f"{P}{name}", f"<p>{name}")
    return list(Run(press, task_of(place / "first", card())).wait().outcomes().values())


def test_a_look_by_day_reads_a_feed_in_full_of_which_something_is_pending(press: Press, tmp_path: Path) -> None:
    held = read_feed(press, tmp_path, "/a")
    press.put(f"{P}/b", "<p>b")
    for pending, header in (([], '"f"'), ([put_off("/b")], None)):
        known = known_of(tmp_path / f"known-{len(pending)}", held, pending)
        task = task_of(tmp_path / f"by-day-{len(pending)}", card(), NIGHT, known=known)
        press.asked.clear()
        run = Run(press, task.replace(crawl=task.crawl.replace(trigger="daytime"))).wait()
        assert [one.headers.get("If-None-Match") for one in press.asked if one.url == f"{P}/feed"] == [header]
    assert (run.ends()[f"{P}/feed"], run.ends()[f"{P}/b"]) == ("unchanged", "captured")
    assert run.outcomes()[f"{P}/b"].via == "pending"


def test_each_feed_that_answers_304_is_read_by_night(press: Press, tmp_path: Path) -> None:
    names = ("one", "two", "three")
    source = card(discoveries=[Discovery(kind="feed", url=f"{P}/{name}") for name in names])
    for name in names:
        press.put(f"{P}/{name}", tagged(feed("/a"), name))
    press.put(f"{P}/a", "<p>a")
    first = Run(press, task_of(tmp_path / "first", source)).wait()
    for name in names[1:]:
        press.put(f"{P}/{name}", tagged(feed("/a", f"/new-{name}"), name))  # under the ETag of before
        press.put(f"{P}/new-{name}", f"<p>{name}")
    known = known_of(tmp_path / "known", first.outcomes().values())
    run = Run(press, task_of(tmp_path, source, NEXT, known=known)).wait()
    assert [run.ends()[f"{P}/new-{name}"] for name in names[1:]] == ["captured"] * 2
    assert {name: run.outcomes()[f"{P}/{name}"].distrust for name in names} == {
        "one": None, "two": "validators", "three": None,  # which was not asked with validators any more
    }  # fmt: skip


def test_the_ledger_says_what_is_given_up_and_how_many_wait(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed("/new", "/despaired"))
    for name in ("/new", "/despaired", "/third", "/fourth", "/forbidden", "/foreign"):
        press.put(f"{P}{name}", Reply(408))
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /forbidden")
    press.put(f"{P}/came", "<p>came")
    press.put(f"{P}/gone", Reply(410))
    pending = [failed("/third", 2), failed("/fourth", 3), failed("/forbidden", 1), failed("/foreign", 1)]
    pending += [
        failed("/came", 3),
        failed("/gone", 2),
        put_off("/old", born="2026-01-01"),
        put_off("/later", due="2026-12-24"),
    ]
    pending += [failed("/despaired", 4, given_up=True)]
    known = known_of(tmp_path / "known", [], pending)
    run = Run(press, task_of(tmp_path, card(exclude=("foreign",)), NEXT, known=known)).wait()
    ends = {url.removeprefix(P): (run.ends()[url], one.pending) for url, one in run.outcomes().items()}
    assert {path: ends[path] for path in ends if ends[path][0] != "captured"} == {
        "/new": ("failed http_408", None),
        "/third": ("failed http_408", None),
        "/fourth": ("failed http_408", "given_up"),
        "/despaired": ("failed http_408", "given_up"),  # it is announced again, and four nights are over
        "/forbidden": ("refused robots", None),
        "/foreign": ("refused scope", None),
        "/gone": ("failed http_410", None),
        "/old": ("skipped budget", "given_up"),
    }
    end = run.ended()
    assert end and end.pending == 3, "new, third and later"


def test_what_an_earlier_try_got_is_not_asked_for_and_not_counted_twice(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed())
    press.put(f"{P}/a", "<p>a")
    press.put(f"{P}/b", Reply(408))
    pending = [put_off("/a"), failed("/b", 3)]
    first = Run(press, task_of(tmp_path, card(), NEXT, known=known_of(tmp_path / "known", [], pending))).wait()
    adopted = tmp_path / "adopted.jsonl"
    own = [one for one in first.outcomes().values() if one.purpose == "article"]
    adopted.write_text("".join(f"{one.replace(pending=None).model_dump_json()}\n" for one in own))
    press.asked.clear()
    task = task_of(tmp_path / "again", card(), NEXT, known=tmp_path / "known", adopted=adopted)
    run = Run(press, task).wait()
    assert press.times(f"{P}/a") == press.times(f"{P}/b") == 0
    assert run.outcomes()[f"{P}/b"].pending == "given_up"
    assert [end and end.pending for end in (first.ended(), run.ended())] == [0, 0]


SPIDER = """
class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        yield from response.follow_all(css="a", callback=self.keep)

    def keep(self, response):
        yield {"url": response.url}
"""


def test_a_scrapy_spiders_archive_asks_for_what_is_pending_at_the_end(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/", "<a href='/new'>new</a> <a href='/waits'>waits</a>")
    for name in ("/new", "/missed", "/waits"):
        press.put(f"{P}{name}", f"<p>{name}")
    pending = [
        put_off("/missed"),
        failed("/waits", 2),
        put_off("/old", born="2026-01-01"),
    ]
    run = crawl(press, tmp_path, SPIDER, known=known_of(tmp_path / "known", [], pending))
    ends = {url.removeprefix(P): end for url, end in run.ends().items()}
    assert {path: ends[path] for path in ("/new", "/missed", "/waits", "/old")} == {
        "/new": "captured",
        "/missed": "captured",
        "/waits": "skipped not_due",  # it is due on the next night
        "/old": "skipped budget",
    }
    assert {path: run.outcomes()[f"{P}{path}"].via for path in ("/missed", "/old")} == dict.fromkeys(
        ("/missed", "/old"), "pending"
    )
    assert run.outcomes()[f"{P}/old"].pending == "given_up"
    items = (run.directory() / "items.jsonl").read_text()
    assert ("/new" in items, "/missed" in items) == (True, False)
    end = run.ended()
    assert end and end.pending == 1
