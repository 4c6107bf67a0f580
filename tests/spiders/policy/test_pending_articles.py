"""Which pending articles a night draws, and how it shares its budget between them and new ones."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from spiders.policy.pending_articles import MOST_DUE, find_due, find_expired, is_expired, share_budget
from spiders.policy.scope import ROBOTS_NOT_READ, Verdict, is_due, postpone
from storage.captures.exchange import ExchangeFacts
from storage.known import Known, KnownCapture, KnownPending
from storage.known_files import write_known
from tests.spiders.crawling import NIGHT, card, task_of

URL = "http://paper.test/a"
OLD = ExchangeFacts(kind="article", purpose="article", announced=datetime(2020, 1, 1, tzinfo=UTC))
NOT_DUE = Verdict("skipped", "not_due")


def ago(nights: int) -> str:
    return str(NIGHT - timedelta(days=nights))


def put_off(nights: int, url: str = URL, **facts: Any) -> KnownPending:
    return KnownPending(url, ago(nights), ago(nights), ago(nights), reason="budget")._replace(**facts)


def failed(nights: int, due: int, asks: int = 1, **facts: Any) -> KnownPending:
    found = KnownPending(URL, ago(nights), ago(due), ago(nights), asks=asks, last_asked=ago(nights))
    return found._replace(given_up=asks > 3)._replace(**facts)


@pytest.mark.parametrize(
    ("budget", "new", "pending", "shares"),
    [
        (10, 0, 0, (0, 0)),
        (10, 4, 3, (4, 3)),
        (10, 100, 100, (5, 5)),
        (10, 100, 3, (7, 3)),
        (10, 3, 100, (3, 7)),
        (10, 100, 0, (10, 0)),
        (3, 9, 9, (2, 1)),
        (1, 9, 9, (1, 0)),
        (1, 0, 9, (0, 1)),
        (0, 9, 9, (0, 0)),
    ],
)
def test_pending_takes_half_the_budget_while_new_ones_wait(
    budget: int, new: int, pending: int, shares: tuple[int, int]
) -> None:
    assert share_budget(budget, new, pending) == shares


@pytest.mark.parametrize(
    ("pending", "verdict"),
    [
        (put_off(0), None),
        (put_off(3), None),  # recent_days of the card
        (put_off(4), Verdict("skipped", "budget")),
        (put_off(4, reason="host_busy"), Verdict("skipped", "host_busy")),
        (put_off(4, reason="interrupted"), Verdict("failed", "interrupted")),
        (put_off(4, reason="robots"), ROBOTS_NOT_READ),
        (failed(1, due=0), None),
        (failed(0, due=-1), NOT_DUE),  # once a night
        (failed(900, due=899, asks=3), None),
        (failed(2, due=-2, asks=4), NOT_DUE),
        (failed(5, due=1, asks=4), Verdict("refused", "too_old")),  # it was given up
    ],
)
def test_when_a_pending_article_is_asked_for_however_old_it_is(
    tmp_path: Path, pending: KnownPending, verdict: Verdict | None
) -> None:
    task = task_of(tmp_path, card(recent_days=3))
    assert postpone(task, URL, None, pending, OLD) == verdict
    assert postpone(task.replace(fresh=True), URL, None, pending._replace(given_up=False), OLD) is None


def test_a_backfill_asks_for_what_is_pending_of_its_nights_alone(tmp_path: Path) -> None:
    task = task_of(tmp_path, card())
    task = task.replace(crawl=task.crawl.replace(trigger="backfill", for_nights=(date(2020, 1, 1), date(2020, 1, 1))))
    assert postpone(task, URL, None, put_off(99), OLD) is None
    assert postpone(task, URL, None, failed(0, due=-1), OLD) == NOT_DUE
    newer = OLD.model_copy(update={"announced": datetime(2020, 1, 2, tzinfo=UTC)})
    assert postpone(task, URL, None, put_off(0), newer) == Verdict("skipped", "other_night")


def test_a_failed_look_is_made_again_and_then_waits_as_any_other() -> None:
    known = KnownCapture("", URL, "r", URL, "sha1:x", ago(9), looks=2)
    assert not is_due(known, failed(0, due=-1, held=True), NIGHT, (1, 4))
    assert is_due(known, failed(1, due=0, held=True), NIGHT, (1, 4))
    assert not is_due(known, failed(3, due=-1, asks=4, held=True), NIGHT, (1, 4))
    assert is_due(known, failed(4, due=0, asks=4, held=True), NIGHT, (1, 4))


def test_a_night_draws_what_was_never_asked_for_first_and_no_more_than_it_could_ask_for(tmp_path: Path) -> None:
    many = [put_off(number % 4, f"http://paper.test/{number:05}") for number in range(3000)]
    expired = [put_off(9, f"http://paper.test/expired-{number}") for number in range(3)]
    others = [failed(0, due=-1), failed(9, due=0, url=f"{URL}/late"), failed(9, due=0, held=True, url=f"{URL}/held")]
    others += [put_off(99, f"{URL}/unlimited", for_since=ago(99), for_until=ago(98), born=ago(0))]
    write_known(tmp_path / "known", [], pending=[*many, *expired, *others])
    with closing(Known(tmp_path / "known")) as known:
        due = [one.url for one in find_due(known, card(), NIGHT)]
        assert len(due) == MOST_DUE
        assert due[0] == f"{URL}/unlimited"
        assert f"{URL}/late" not in due, "it was asked for once, and is not given up for waiting"
        assert len(list(find_due(known, card(nightly_budget=2500), NIGHT))) == 2500
        assert [one.url for one in find_expired(known, card(), NIGHT)] == [one.url for one in expired]
        assert list(find_expired(known, card(recent_days=None), NIGHT)) == []
        nights = (NIGHT - timedelta(days=98), NIGHT)
        assert [one.url for one in find_due(known, card(), NIGHT, nights)] == [f"{URL}/unlimited"]
        assert known.count_pending() == 3000 + 3 + 3


def test_what_was_asked_for_never_expires() -> None:
    assert is_expired(put_off(2), NIGHT)
    assert not is_expired(put_off(2), None)
    assert not is_expired(failed(99, due=0), NIGHT)
