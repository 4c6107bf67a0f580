"""The book: every URL once, every end once, and sums that match."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders.crawl.book import Book
from spiders.policy.scope import Verdict
from spiders.wire.handler import CaptureNote
from storage.captures.exchange import ExchangeFacts
from storage.captures.outcomes import WrittenCapture
from storage.model.outcome import Outcome
from tests.spiders.crawling import card, task_of

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
ARTICLE = ExchangeFacts(kind="article", purpose="article", via="http://paper.test/feed", announced=NOW)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(task_of(tmp_path, card()).crawl, tmp_path)


def note(reason: str | None = None, status: int = 200, truncated: str | None = None) -> CaptureNote:
    written = WrittenCapture(
        record_id="urn:uuid:1",
        record_type="response",
        target_uri="http://paper.test/a",
        date=NOW,
        status=status,
        media_type="text/html",
        payload_digest="sha1:A",
        body_digest="b" * 64,
        etag='"1"',
        last_modified=None,
        truncated=truncated,
        refers_to=None,
        file="x.warc.gz",
        offset=0,
        length=10,
        wire_bytes=100,
        duration_seconds=0.5,
        state="failed" if reason or status >= 400 else "captured",
        reason=reason or (f"http_{status}" if status >= 400 else None),
    )
    return CaptureNote(written=written, reason=reason, detail="", begun=NOW, duration_seconds=0.5, wire_bytes=100)


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


def test_an_outcome_says_what_was_captured(book: Book) -> None:
    book.discover("http://paper.test/a", ARTICLE)
    book.end("http://paper.test/a", note())
    outcome = only(book)
    assert (outcome.state, outcome.reason, outcome.status, outcome.record_id) == ("captured", None, 200, "urn:uuid:1")
    assert (outcome.etag, outcome.body_digest, outcome.wire_bytes, outcome.fetched_at) == ('"1"', "b" * 64, 100, NOW)
    assert outcome.urlkey == "test,paper)/a"


def test_a_document_that_is_not_what_it_should_be_is_a_failure_with_its_capture(book: Book) -> None:
    book.discover("http://paper.test/feed", ExchangeFacts(kind="feed", purpose="feed"))
    book.end("http://paper.test/feed", note(), "not_a_feed")
    assert (only(book).state, only(book).reason, only(book).record_id) == ("failed", "not_a_feed", "urn:uuid:1")


def test_a_cut_response_is_a_failure_with_a_flag(book: Book) -> None:
    book.discover("http://paper.test/a", ARTICLE)
    book.end("http://paper.test/a", note("connect", truncated="disconnect"))
    assert (only(book).state, only(book).reason, only(book).flags) == ("failed", "connect", ("truncated",))


def test_nothing_ends_twice_or_for_an_unknown_reason(book: Book) -> None:
    book.discover("http://paper.test/a", ARTICLE)
    with pytest.raises(RuntimeError):
        book.refuse("http://paper.test/a", Verdict("refused", "bad mood"))
    book.end("http://paper.test/a", note(status=404))
    with pytest.raises(KeyError):
        book.refuse("http://paper.test/a", Verdict("skipped", "budget"))
    with pytest.raises(RuntimeError):
        book.adopt(only(book))
    assert (only(book).reason, book.counts()) == ("http_404", {"failed": 1})


def test_no_ledger_is_written_while_a_url_has_not_ended(book: Book) -> None:
    for name in "abc":
        book.discover(f"http://paper.test/{name}", ARTICLE)
    book.end("http://paper.test/b", note())
    with pytest.raises(RuntimeError):
        list(book.lines())
    book.end_all(Verdict("skipped", "budget"))
    assert len(list(book.lines())) == len(book) == sum(book.counts().values()) == 3
    assert book.counts() == {"captured": 1, "skipped": 2}


def test_nobody_can_announce_a_robots_txt_as_an_article(book: Book) -> None:
    assert not book.discover("http://paper.test/robots.txt", ARTICLE)
    assert book.discover("http://paper.test/robots.txt", ExchangeFacts(kind="robots", purpose="robots"))
    assert book.discover("http://paper.test/robots.txt?x", ARTICLE)
