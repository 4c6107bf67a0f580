"""Crawls that do not come to their end: signals, kill -9, lost leases, broken spiders; and what goes on after."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders.job import CrawlTask
from storage.captures.index import index_warc
from storage.coordination import Coordination
from storage.model.outcome import Outcome
from storage.spool import attempt_lock
from storage.warc.members import mend_warc
from tests.spiders.crawling import Run, card, patched, task_of
from tests.spiders.press import Press, Reply, feed
from tests.waiting import wait_for

P = "http://paper.test"
ARTICLES = 30


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        press.put(f"{P}/feed", feed(*(f"/{number}" for number in range(ARTICLES))))
        for number in range(ARTICLES):
            press.put(f"{P}/{number}", f"<p>{number}")
        yield press


def mended(run: Run, number: int = 0) -> list[Outcome]:
    """Return the outcomes of what an attempt that broke off had acknowledged, as its successor finds them."""
    outcomes: list[Outcome] = []
    for path in sorted(run.directory(number).glob("*.warc.gz*")):
        if path.name.endswith(".open"):
            mend_warc(path)
        outcomes += index_warc(path, run.tasks[number].crawl, "warc/x").outcomes
    return outcomes


def resumed(spool: Path, task: CrawlTask, outcomes: list[Outcome], name: str = "adopted") -> CrawlTask:
    """Return the task of the next attempt at the same crawl."""
    adopted = spool / name
    adopted.write_text("".join(outcome.model_dump_json() + "\n" for outcome in outcomes))
    fresh = task_of(spool, task.source, adopted=adopted)
    return fresh.replace(crawl=task.crawl)


def test_many_signals_are_one_graceful_stop(press: Press, tmp_path: Path) -> None:
    slow = threading.Event()
    press.put(f"{P}/9", Reply(200, b"<p>slow", wait=slow))
    task = task_of(tmp_path, card())
    database = f"sqlite:///{tmp_path / 'coordination.sqlite'}"
    run = Run(press, task, environment={"HEMEROTECA_COORDINATION": database})
    wait_for(lambda: f"{P}/9" in press.arrived)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        os.kill(run.process.pid, number)
    run.wait_for_log("crawl process stops")
    slow.set()  # the exchange under way is not cut
    run.wait(3)
    assert run.ended() is None
    assert not list(run.directory().glob("*.open"))
    assert not (run.directory() / "ledger.jsonl").exists()
    got = {outcome.url: outcome.state for outcome in mended(run)}
    assert got[f"{P}/9"] == "captured"
    assert len(got) < ARTICLES
    assert attempt_lock(run.directory()).acquire()
    coordination = Coordination.open(database)
    assert coordination.find_leases(f"{task.crawl.id}/{task.attempt.nonce}", datetime.now(UTC)) == []
    coordination.close()


def test_a_stop_does_not_wait_longer_than_its_grace(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/5", Reply(200, b"", wait=threading.Event()))
    run = Run(press, task_of(tmp_path, card()), stop_grace_seconds=1.0)
    wait_for(lambda: f"{P}/5" in press.arrived)
    run.process.terminate()
    run.wait(75)
    assert len(mended(run)) >= 7


def test_a_signal_before_the_first_request_stops_as_well(press: Press, tmp_path: Path) -> None:
    run = Run(press, task_of(tmp_path, card(delay_seconds=30)))
    wait_for(lambda: (run.directory() / "attempt.json").exists())
    run.process.terminate()
    run.wait(3)
    assert run.ended() is None


def test_a_killed_crawl_is_resumed_without_asking_again(press: Press, tmp_path: Path) -> None:
    press.redirect(f"{P}/3", "/moved-here")
    press.put(f"{P}/moved-here", "<p>moved")
    press.put(f"{P}/12", Reply(200, b"<p>slow", wait=threading.Event()))
    run = Run(press, task_of(tmp_path, card()))
    wait_for(lambda: f"{P}/12" in press.arrived)
    os.killpg(run.process.pid, signal.SIGKILL)
    run.wait(-signal.SIGKILL)
    press.put(f"{P}/12", "<p>12")
    before = mended(run)
    acknowledged = {outcome.url for outcome in before if outcome.purpose == "article"}
    assert 10 < len(acknowledged) < ARTICLES
    assert attempt_lock(run.directory()).acquire()

    asked = len(press.asked)
    again = Run(press, resumed(tmp_path, run.tasks[0], before)).wait()
    assert acknowledged.isdisjoint(one.url for one in press.asked[asked:])
    assert [one.url for one in press.asked[asked:]][:2] == [f"{P}/robots.txt", f"{P}/feed"]
    articles = {f"{P}/{number}" for number in range(ARTICLES)} | {f"{P}/moved-here"}
    assert {url for url, outcome in again.outcomes().items() if outcome.purpose == "article"} == articles
    assert again.tally() == {"captured": ARTICLES + 4}


def test_a_redirect_whose_target_was_not_reached_is_followed_by_the_next_attempt(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed("/3"))
    press.redirect(f"{P}/3", "/moved-here")
    press.put(f"{P}/moved-here", Reply(200, b"<p>moved", wait=threading.Event()))
    run = Run(press, task_of(tmp_path, card()))
    wait_for(lambda: f"{P}/moved-here" in press.arrived)
    run.process.kill()
    run.wait(-signal.SIGKILL)
    before = mended(run)
    press.put(f"{P}/moved-here", "<p>moved")
    again = Run(press, resumed(tmp_path, run.tasks[0], before)).wait()
    assert press.times(f"{P}/3") == 1
    assert again.outcomes()[f"{P}/moved-here"].redirected_from == (f"{P}/3",)
    assert again.ends()[f"{P}/moved-here"] == "captured"


def test_two_processes_never_work_on_one_attempt(press: Press, tmp_path: Path) -> None:
    task = task_of(tmp_path, card(delay_seconds=30))
    first = Run(press, task)
    wait_for(lambda: (first.directory() / "attempt.json").exists())
    second = Run(press, task).wait(1)
    assert "another process is working on it" in second.err
    first.process.terminate()
    first.wait(3)
    third = Run(press, task).wait(1)
    assert "already begun" in third.err


def test_leases_are_held_when_a_source_ends_and_a_busy_host_is_waited_for(press: Press, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'coordination.sqlite'}"
    environment = {"HEMEROTECA_COORDINATION": database}
    coordination = Coordination.open(database)
    run = Run(press, task_of(tmp_path / "a", card()), environment=environment).wait()
    ended, task = run.ended(), run.tasks[0]
    holder = f"{task.crawl.id}/{task.attempt.nonce}"
    held = coordination.find_leases(holder, datetime.now(UTC))
    assert ended and ended.leases == tuple((lease.host, lease.fence) for lease in held) == (("paper.test:80", 1),)

    busy = task_of(tmp_path / "b", card(time_budget_seconds=3))
    other = Run(press, busy, environment=environment).wait()
    assert other.ends() == {f"{P}/robots.txt": "skipped host_busy", f"{P}/feed": "skipped host_busy"}

    coordination.release_leases(held)
    free = Run(press, task_of(tmp_path / "c", card()), environment=environment).wait()
    assert (ended := free.ended()) and ended.leases == (("paper.test:80", 2),)
    coordination.close()


def test_a_crawl_whose_lease_was_taken_over_stops_without_an_end(press: Press, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'coordination.sqlite'}"
    coordination = Coordination.open(database)
    task = task_of(tmp_path, card())
    other = task_of(tmp_path, card("bb-other", "other.test"))
    press.put("http://other.test/feed", feed("/a"))
    slow = threading.Event()
    press.put(f"{P}/5", Reply(200, b"<p>slow", wait=slow))
    run = Run(
        press,
        task,
        other,
        environment={"HEMEROTECA_COORDINATION": database} | patched(tmp_path, _FAST_RENEWAL),
    )
    wait_for(lambda: f"{P}/5" in press.arrived)
    holder = f"{task.crawl.id}/{task.attempt.nonce}"
    coordination.take_over_leases(["paper.test:80"], holder, "successor/1", datetime.now(UTC))
    run.wait_for_log("lease lost")
    slow.set()
    run.wait(1)
    assert run.ended(0) is None
    assert run.ended(1) is not None
    assert [event["event"] for event in run.events if event["source_id"] == "aa-paper"][-1] == "failed"
    assert f"{P}/6" not in press.arrived
    coordination.close()


_FAST_RENEWAL = "import spiders.manners.turns\nspiders.manners.turns.RENEW_SECONDS = 0.05\n"

_OWN_SPIDER = """
from spiders.newspaper import Newspaper
from spiders.crawl.source_crawl import SourceCrawl

class Crawl(SourceCrawl):
    def find_in_feed(self, body, url):
        if "paper.test" in url:
            raise RuntimeError("a bug of this spider")
        return super().find_in_feed(body.replace(b"/a<", b"/b<"), url)

class Own(Newspaper):
    name = "own"
    source_crawl = Crawl
"""


def test_a_card_names_its_own_spider_and_a_bug_in_it_costs_one_document(press: Press, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.py").write_text(_OWN_SPIDER)
    press.put("http://other.test/feed", feed("/a"))
    press.put("http://other.test/b", "<p>b")
    environment = patched(tmp_path, f"import spiders\nspiders.__path__.append({str(tmp_path / 'own')!r})\n")
    tasks = [task_of(tmp_path, card(spider="own")), task_of(tmp_path, card("bb-other", "other.test", spider="own"))]
    run = Run(press, *tasks, environment=environment).wait()
    assert run.ends(0) == {f"{P}/robots.txt": "captured", f"{P}/feed": "failed error"}
    assert run.ends(1)["http://other.test/b"] == "captured"


def test_a_job_that_cannot_be_run_is_refused(press: Press, tmp_path: Path) -> None:
    unknown = Run(press, task_of(tmp_path, card(spider="nobody"))).wait(2)
    assert "nobody" in unknown.err
    assert not unknown.directory().exists()
    mixed = Run(press, task_of(tmp_path, card()), task_of(tmp_path, card("bb-other", spider="own"))).wait(2)
    assert "2 spiders" in mixed.err
