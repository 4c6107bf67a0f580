"""Nightly, manual and backfill crawls that meet on one host at the same time, judged by the origin's own log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders.job import CrawlTask
from storage.coordination import Coordination
from storage.model.crawl import Attempt, Crawl, Trigger, run_crawl_id
from storage.model.source import Discovery
from tests.spiders.crawling import NIGHT, Run, card
from tests.spiders.press import Asked, Press, Reply, feed

P, DOWN, FEEDS = "http://paper.test", "http://down.test", "http://feeds.test"
DELAYS: dict[Trigger, float] = {"nightly": 0.15, "manual": 0.1, "backfill": 0.25}
PAGES = 5
PAUSE = 2


def publish(press: Press) -> None:
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\nDisallow: /*/secret\nAllow: /private/open\n")
    press.put(f"{DOWN}/robots.txt", Reply(503, b"down"))
    press.put(f"{FEEDS}/robots.txt", Reply(404))
    for trigger in DELAYS:
        pages = [f"{P}/{trigger}/{number}" for number in range(PAGES)]
        forbidden = [f"{P}/private/{trigger}", f"{P}/{trigger}/secret/x", f"{DOWN}/{trigger}"]
        press.put(f"{FEEDS}/{trigger}", feed(*pages[:3], *forbidden))
        press.put(f"{FEEDS}/{trigger}-2", feed(*pages[3:], *forbidden, f"{P}/{trigger}/moved"))
        for page in pages:
            press.put(page, f"<p>{page}")
        press.put(pages[1], Reply(200, b"<p>slowly" * 9, seconds=0.5))
        press.redirect(f"{P}/{trigger}/moved", f"/private/moved-{trigger}")
    press.put(f"{P}/nightly/2", Reply(429, b"", (("Retry-After", "1.5"),)), Reply(200, b"<p>not understood"))
    press.put(f"{P}/manual/2", Reply(429, b"", (("Retry-After", str(PAUSE)),)), Reply(200, b"<p>at last"))
    press.put(f"{P}/backfill/2", Reply(503, b""), Reply(0), Reply(200, b"<p>at last"))


def task_with(spool: Path, trigger: Trigger) -> CrawlTask:
    started = datetime.now(UTC)
    source = card(
        hosts=("paper.test", "down.test"),
        delay_seconds=DELAYS[trigger],
        discoveries=tuple(Discovery(kind="feed", url=f"{FEEDS}/{trigger}{part}") for part in ("", "-2")),
    )
    crawl_id = run_crawl_id(source.id, trigger, started, "test", trigger)
    crawl = Crawl(id=crawl_id, source_id=source.id, night=NIGHT, trigger=trigger, started=started)
    attempt = Attempt(crawl_id=crawl_id, nonce=f"{len(trigger):08x}", started=started)
    return CrawlTask(crawl=crawl, source=source, attempt=attempt, spool=spool)


def commit_as_they_end(runs: list[Run], coordination: Coordination) -> None:
    """Do what the parent of a crawl process does: free its hosts when its manifest would be there."""
    waiting = list(runs)
    while waiting:
        for run in [one for one in waiting if one.process.poll() is not None]:
            run.wait()
            (task,) = run.tasks
            holder = f"{task.crawl.id}/{task.attempt.nonce}"
            coordination.release_leases(coordination.find_leases(holder, datetime.now(UTC)))
            waiting.remove(run)
        time.sleep(0.05)


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Press, dict[Trigger, Run]]]:
    """Three crawl processes that ran side by side, and the press they asked."""
    spool = tmp_path_factory.mktemp("spool")
    address = f"sqlite:///{spool / 'coordination.sqlite'}"
    coordination = Coordination.open(address)
    with Press() as press:
        publish(press)
        environment = {"HEMEROTECA_COORDINATION": address}
        runs = {
            trigger: Run(press, task_with(spool, trigger), environment=environment, backoff_seconds=0.01)
            for trigger in DELAYS
        }
        commit_as_they_end(list(runs.values()), coordination)
        yield press, runs
    coordination.close()


def of_host(press: Press, home: str) -> list[Asked]:
    return sorted((one for one in press.asked if one.url.startswith(f"{home}/")), key=lambda one: one.begun)


def least_distance(url: str) -> float:
    """What the crawl that asked for *url* must keep; robots.txt and the like may be anybody's."""
    named = (delay for trigger, delay in DELAYS.items() if trigger in urlsplit(url).path)
    return next(named, min(DELAYS.values()))


@pytest.mark.parametrize("home", [P, FEEDS, DOWN])
def test_a_host_has_one_request_at_a_time_and_the_distance_of_who_asks(
    met: tuple[Press, dict[Trigger, Run]], home: str
) -> None:
    asked = of_host(met[0], home)
    assert len(asked) >= 3
    gaps = [(later.begun - earlier.ended, least_distance(later.url), later.url) for earlier, later in pairwise(asked)]
    assert [gap for gap in gaps if gap[0] < gap[1] * 0.95] == []


def test_no_forbidden_path_is_ever_asked_for(met: tuple[Press, dict[Trigger, Run]]) -> None:
    press, runs = met
    assert {one.url for one in of_host(press, DOWN)} == {f"{DOWN}/robots.txt"}
    asked = {urlsplit(one.url).path for one in of_host(press, P)}
    assert not [path for path in asked if path.startswith("/private/") or "/secret" in path]
    for trigger, run in runs.items():
        ends = run.ends()
        for url in (f"{P}/private/{trigger}", f"{P}/{trigger}/secret/x", f"{P}/private/moved-{trigger}"):
            assert ends[url] == "refused robots"
        assert ends[f"{DOWN}/{trigger}"] == "refused robots"
        assert ends[f"{DOWN}/robots.txt"] == "failed http_503"


def test_every_crawl_came_to_its_end_with_all_that_is_allowed(met: tuple[Press, dict[Trigger, Run]]) -> None:
    for trigger, run in met[1].items():
        ends = run.ends()
        assert [ends[f"{P}/{trigger}/{number}"] for number in range(PAGES)] == ["captured"] * PAGES
        assert ends[f"{P}/{trigger}/moved"] == "captured"


def test_after_a_429_nobody_asks_before_the_time_that_it_named(met: tuple[Press, dict[Trigger, Run]]) -> None:
    asked = of_host(met[0], P)
    (refused,) = [one for one in asked if one.url == f"{P}/manual/2" and one.status == 429]
    after = [one for one in asked if one.begun > refused.ended]
    assert after[0].begun - refused.ended >= PAUSE * 0.95
