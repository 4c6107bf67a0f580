"""Manners over hours and nights, in whole crawl processes: one whose waits pass at once, as its own clock has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from spiders.manners.backoff import find_next_midnight
from storage.coordination import Coordination
from storage.warc.record import WarcResponse
from tests.spiders.crawling import NO_WAITING, Run, card, patched, task_of
from tests.spiders.press import Press, Reply, feed
from tests.warc_records import of_type

P = "http://paper.test"
PAGES = [f"{P}/{number}" for number in range(30)]
HOUR = 3600.0


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        press.put(f"{P}/feed", feed(*PAGES))
        for page in PAGES:
            press.put(page, f"<p>{page}")
        yield press


def test_rules_are_read_again_after_a_day_and_obeyed_from_then_on(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/robots.txt", "User-agent: *\nAllow: /\n", "User-agent: *\nDisallow: /\n")
    source = card(delay_seconds=HOUR, time_budget_seconds=7 * 24 * HOUR)
    run = Run(press, task_of(tmp_path, source), environment=patched(tmp_path, NO_WAITING)).wait()
    asked = [one.url for one in press.asked]
    assert asked.count(f"{P}/robots.txt") == 2 and asked[-1] == f"{P}/robots.txt"
    # robots.txt, feed, tdmrep.json and then articles, an hour between two, until the rules are a day old
    assert asked[3:-1] == PAGES[: 24 - 2]
    ends = run.ends()
    assert [ends[page] for page in PAGES] == ["captured"] * 22 + ["refused robots"] * 8
    rules = [record for record in of_type(run.records(), WarcResponse) if record.target_uri == f"{P}/robots.txt"]
    assert rules[1].date - rules[0].date > timedelta(hours=24)
    assert [b"Disallow" in record.block for record in rules] == [False, True]


def test_a_crawl_delay_of_a_day_is_kept_at_five_minutes_and_said(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/robots.txt", "User-agent: *\nCrawl-delay: 86400\n")
    run = Run(press, task_of(tmp_path, card()), environment=patched(tmp_path, NO_WAITING)).wait()
    assert run.tally() == {"captured": 3 + len(PAGES)}
    assert run.outcomes()[f"{P}/robots.txt"].detail == "Crawl-delay of 86400 s, limited to 300 s"
    dates = sorted(record.date for record in run.records() if record.type == "response")
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]
    assert len(waits) == 2 + len(PAGES)
    assert 300 <= min(waits) <= max(waits) < 310


def test_a_host_that_refuses_five_articles_is_left_alone_for_the_night_by_everybody(
    press: Press, tmp_path: Path
) -> None:
    for page in PAGES:
        press.put(page, Reply(403, f"<p>no robots at {page}".encode()))
    database = f"sqlite:///{tmp_path / 'coordination.sqlite'}"
    coordination = Coordination.open(database)
    environment = {"HEMEROTECA_COORDINATION": database}
    run = Run(press, task_of(tmp_path, card()), environment=environment).wait()
    ends = [run.ends()[page] for page in PAGES]
    assert ends == ["failed http_403"] * 5 + ["skipped host_blocked"] * 25
    assert [one.url for one in press.asked][-5:] == PAGES[:5]
    assert {outcome.flags for outcome in run.outcomes().values() if outcome.status == 403} == {("blocked",)}
    refusals = [record for record in of_type(run.records(), WarcResponse) if record.target_uri in PAGES]
    assert [record.read_http()[1].decode() for record in refusals] == [f"<p>no robots at {p}" for p in PAGES[:5]]
    assert coordination.find_not_before("paper.test:80") == find_next_midnight(refusals[-1].date)

    (task,) = run.tasks
    holder = f"{task.crawl.id}/{task.attempt.nonce}"
    coordination.release_leases(
        coordination.find_leases(holder, datetime.now(UTC))
    )  # as the parent does, once it is committed
    coordination.close()
    before = len(press.asked)
    other = card("bb-other", discoveries=card().discoveries, time_budget_seconds=60)
    later = Run(press, task_of(tmp_path, other), environment=environment).wait()
    assert len(press.asked) == before
    assert later.ends() == {f"{P}/{name}": "skipped host_blocked" for name in ("robots.txt", "feed")}
