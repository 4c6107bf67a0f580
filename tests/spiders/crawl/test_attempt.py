"""discovered.jsonl: what a crawl that breaks off had learned of."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from datetime import date
from pathlib import Path

import pytest

from spiders.crawl.attempt import Journal, read_outcome_lines
from spiders.crawl.book import Book
from spiders.policy.scope import Verdict
from storage.captures.exchange import ExchangeFacts
from storage.model.errors import StorageError
from storage.model.outcome import Outcome
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, Reply, feed
from tests.waiting import wait_for

P = "http://paper.test"
ARTICLE = ExchangeFacts(kind="article", purpose="article", via=f"{P}/feed")


def noted(path: Path) -> dict[str, tuple[str, str | None]]:
    """Return the last word on each URL."""
    return {outcome.url: (outcome.state, outcome.reason) for outcome in read_outcome_lines(path)}


def test_a_killed_crawl_leaves_every_url_it_learned_of(tmp_path: Path) -> None:
    with Press() as press:
        never = threading.Event()
        press.put(f"{P}/feed", feed("/1", "/2", "/members/3", "http://other.test/4"))
        press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /members/")
        press.put(f"{P}/1", Reply(200, b"<p>1", wait=never))
        run = Run(press, task_of(tmp_path, card()))
        journal = run.directory() / "discovered.jsonl"
        wait_for(lambda: journal.exists() and f"{P}/2" in journal.read_text())
        os.kill(run.process.pid, signal.SIGKILL)
        run.wait(-signal.SIGKILL)
    interrupted = ("failed", "interrupted")
    assert noted(journal) == {
        f"{P}/feed": interrupted,  # the WARC knows better
        f"{P}/robots.txt": interrupted,
        f"{P}/1": interrupted,
        f"{P}/2": interrupted,
        f"{P}/members/3": interrupted,  # its turn had not come
        "http://other.test/4": ("refused", "scope"),
    }


def test_a_stopped_crawl_leaves_them_too(tmp_path: Path) -> None:
    with Press() as press:
        slow = threading.Event()
        press.put(f"{P}/feed", feed("/1", "/2"))
        press.put(f"{P}/1", Reply(200, b"<p>1", wait=slow))
        run = Run(press, task_of(tmp_path, card()))
        wait_for(lambda: f"{P}/1" in press.arrived)
        os.kill(run.process.pid, signal.SIGTERM)
        run.wait_for_log("crawl process stops")
        slow.set()
        run.wait(3)
    met = ("feed", "robots.txt", ".well-known/tdmrep.json", "1", "2")
    assert noted(run.directory() / "discovered.jsonl").keys() == {f"{P}/{name}" for name in met}


def test_the_last_word_on_a_url_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "discovered.jsonl")
    book = Book(task_of(tmp_path, card()).crawl, tmp_path)
    book.journal = journal.note

    async def crawl() -> None:
        book.discover(f"{P}/1", ARTICLE)
        book.discover(f"{P}/2", ARTICLE)
        journal.flush()
        book.refuse(f"{P}/1", Verdict("refused", "robots"))
        journal.flush()

    asyncio.run(crawl())
    assert noted(tmp_path / "discovered.jsonl") == {
        f"{P}/1": ("refused", "robots"),
        f"{P}/2": ("failed", "interrupted"),
    }
    assert len(list(read_outcome_lines(tmp_path / "discovered.jsonl"))) == 3


def test_a_disk_that_takes_no_more_stops_the_source(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "removed" / "discovered.jsonl")
    outcome = Outcome(
        crawl_id="c", source_id="s", night=date(2026, 11, 24), url=P, urlkey="test,paper)/", kind="article",
        purpose="article", state="failed", reason="interrupted",
    )  # fmt: skip

    async def crawl() -> None:
        journal.note(outcome)
        journal.flush()
        with pytest.raises(StorageError, match="not written"):
            journal.note(outcome)

    asyncio.run(crawl())
