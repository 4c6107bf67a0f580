"""The book: every URL once, every end once, and sums that match."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spiders.crawl.book import Book
from spiders.policy.scope import Verdict
from storage.captures.exchange import ExchangeFacts
from storage.model.outcome import Outcome
from storage.surt import urlkey
from tests.spiders.crawling import card, task_of

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
ARTICLE = ExchangeFacts(kind="article", purpose="article", via="http://paper.test/feed", announced=NOW)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(task_of(tmp_path, card()).crawl, tmp_path)


def outcome_of(url: str = "http://paper.test/a", **facts: Any) -> Outcome:
    """Return how an exchange for *url* ended: captured, unless *facts* says otherwise."""
    crawl = {"crawl_id": "aa-paper-20261124-nightly", "source_id": "aa-paper", "night": "2026-11-24"}
    page = {"status": 200, "record_id": "urn:uuid:1", "etag": '"1"', "fetched_at": NOW, "wire_bytes": 100}
    found = {"kind": "article", "purpose": "article", "state": "captured"}
    return Outcome.model_validate({**crawl, **found, **page, "url": url, "urlkey": urlkey(url), **facts})


def only(book: Book) -> Outcome:
    (outcome,) = map(Outcome.model_validate_json, book.lines())
    return outcome


def test_a_url_is_discovered_once_as_it_was_first_found(book: Book) -> None:
    assert book.discover("http://paper.test/a", ARTICLE)
    assert not book.discover("http://paper.test/a", ExchangeFacts(kind="section", purpose="section"))
    book.refuse("http://paper.test/a", Verdict("refused", "robots"))
    assert not book.discover("http://paper.test/a", ARTICLE)
    assert (only(book).kind, only(book).via, only(book).announced) == ("article", "http://paper.test/feed", NOW)
    assert len(book) == 1


def test_the_outcome_of_an_exchange_is_what_the_ledger_has(book: Book) -> None:
    book.discover("http://paper.test/a", ARTICLE)
    book.end(outcome_of())
    assert only(book) == outcome_of()


def test_a_document_that_is_not_what_it_should_be_is_a_failure_with_its_capture(book: Book) -> None:
    book.discover("http://paper.test/feed", ExchangeFacts(kind="feed", purpose="feed"))
    book.end(outcome_of("http://paper.test/feed"), "not_a_feed")
    assert (only(book).state, only(book).reason, only(book).record_id) == ("failed", "not_a_feed", "urn:uuid:1")


def test_nothing_ends_twice_or_for_an_unknown_reason(book: Book) -> None:
    book.discover("http://paper.test/a", ARTICLE)
    with pytest.raises(RuntimeError):
        book.refuse("http://paper.test/a", Verdict("refused", "bad mood"))
    book.end(outcome_of(state="failed", reason="http_404", status=404))
    with pytest.raises(RuntimeError):
        book.end(outcome_of())
    with pytest.raises(KeyError):
        book.refuse("http://paper.test/a", Verdict("skipped", "budget"))
    with pytest.raises(RuntimeError):
        book.adopt(only(book))
    assert (only(book).reason, book.counts()) == ("http_404", {"failed": 1})


def test_no_ledger_is_written_while_a_url_has_not_ended(book: Book) -> None:
    for name in "abc":
        book.discover(f"http://paper.test/{name}", ARTICLE)
    book.end(outcome_of("http://paper.test/b"))
    with pytest.raises(RuntimeError):
        list(book.lines())
    book.end_all(Verdict("skipped", "budget"))
    assert len(list(book.lines())) == len(book) == sum(book.counts().values()) == 3
    assert book.counts() == {"captured": 1, "skipped": 2}


def test_nobody_can_announce_a_robots_txt_as_an_article(book: Book) -> None:
    assert not book.discover("http://paper.test/robots.txt", ARTICLE)
    assert book.discover("http://paper.test/robots.txt", ExchangeFacts(kind="robots", purpose="robots"))
    assert book.discover("http://paper.test/robots.txt?x", ARTICLE)
