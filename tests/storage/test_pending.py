"""What is pending follows from the rows of ledgers alone, in whatever order they are read."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from storage.known import KnownPending
from storage.model.night import Night
from storage.model.outcome import PENDING, ROBOTS_UNREAD, Outcome
from storage.pending import Answered, PendingFacts, add_facts, find_effect, find_pending, read_facts
from storage.surt import urlkey

URL = "http://paper.test/a"
FEED = "http://paper.test/feed"
FIRST = Night(2026, 3, 1)


def night(number: int) -> Night:
    return FIRST + timedelta(days=number)


def moment(number: int, hour: int = 2) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day, hour, tzinfo=UTC) + timedelta(days=number)


def row(number: int, state: str, reason: str | None, **facts: Any) -> Outcome:
    """The row of a night; ``hour`` is when it was asked for."""
    url = facts.pop("url", URL)
    hour = facts.pop("hour", 2)
    is_asked = state == "failed" and reason != "interrupted"
    fields = {
        "crawl_id": f"aa-paper-{number}",
        "source_id": "aa-paper",
        "night": night(number),
        "url": url,
        "urlkey": urlkey(url),
        "kind": "article",
        "purpose": "article",
        "via": FEED,
        "state": state,
        "reason": reason,
        "fetched_at": moment(number, hour) if is_asked else None,
        "status": int(reason[5:]) if reason and reason.startswith("http_") else None,
    }
    return Outcome.model_validate(fields | facts)


def failed(number: int, reason: str = "http_500", **facts: Any) -> Outcome:
    return row(number, "failed", reason, **facts)


def skipped(number: int, reason: str = "budget", **facts: Any) -> Outcome:
    return row(number, "skipped", reason, **facts)


def fold(*rows: Outcome, answered: Answered | None = None) -> KnownPending | None:
    """What is pending by *rows*, which must be the same however they are mixed and repeated."""
    facts = [one for one in map(read_facts, rows) if one]
    if not facts:
        return None
    wanted = find_pending(URL, facts, answered)
    for seed in range(8):
        mixed = facts * 2
        random.Random(seed).shuffle(mixed)
        cut = random.Random(seed).randrange(1, len(mixed))
        parts = [reduce(add_facts, mixed[:cut]), reduce(add_facts, mixed[cut:])]
        assert find_pending(URL, parts, answered) == wanted
    return wanted


@pytest.mark.parametrize(
    ("state", "reason", "effect"),
    [
        *[("failed", one, "asked") for one in ("timeout", "dns", "tls", "connect", "protocol", "length")],
        *[("failed", f"http_{status}", "asked") for status in (408, 425, 429, 500, 502, 503, 504, 520, 599)],
        *[("failed", f"http_{status}", None) for status in (400, 401, 403, 404, 410, 451)],
        *[("failed", one, None) for one in ("callback_error", "error")],
        *[("skipped", one, "put_off") for one in ("budget", "host_busy", "host_blocked")],
        ("failed", "interrupted", "put_off"),
        *[("skipped", one, None) for one in ("not_due", "other_night", "duplicate", "dropped", "closed")],
        *[("refused", one, None) for one in ("robots", "scope", "trap", "too_old", "private_address")],
        ("captured", None, None),
    ],
)
def test_which_ends_are_pending(state: str, reason: str | None, effect: str | None) -> None:
    assert find_effect(row(0, state, reason)) == effect
    for other in (
        {"purpose": "feed"},
        {"purpose": "robots"},
        {"source_id": "adhoc"},
        {"url": f"{URL}?__wb_method=POST"},
    ):
        assert find_effect(row(0, state, reason, **other)) is None


def test_what_robots_txt_forbids_is_settled_and_what_it_could_not_say_is_not() -> None:
    assert find_effect(row(0, "refused", "robots", detail=ROBOTS_UNREAD)) == "put_off"
    assert find_effect(row(0, "refused", "robots", via=PENDING)) == "settled"
    assert find_effect(row(0, "skipped", "closed", via=PENDING)) is None, "its spider closed before it was asked for"


@pytest.mark.parametrize(
    ("asked", "due", "given_up"),
    [
        ([0], 1, False),
        ([0, 1], 2, False),
        ([0, 1, 2], 4, False),
        ([0, 1, 2, 4], 8, True),
        ([0, 3], 4, False),  # it was put off meanwhile: the night after is the earliest
        ([0, 3, 4], 5, False),
        ([0, 1, 2, 4, 8], 12, True),  # where it is still announced
    ],
)
def test_it_is_asked_for_again_after_one_two_and_four_nights(asked: list[int], due: int, given_up: bool) -> None:
    pending = fold(*map(failed, asked))
    assert pending
    assert (pending.due, pending.given_up, pending.since) == (str(night(due)), given_up, str(night(asked[-4:][0])))
    assert (pending.asks, pending.last_asked) == (min(len(asked), 4), str(night(asked[-1])))


def test_two_crawls_of_a_night_ask_once_and_a_night_that_did_not_ask_does_not_count() -> None:
    pending = fold(failed(0), failed(0, "timeout", hour=14), skipped(1), skipped(2, "host_blocked"))
    assert pending and (pending.asks, pending.due) == (1, str(night(1)))


def test_what_was_put_off_is_due_each_night_and_as_old_as_its_date() -> None:
    pending = fold(skipped(2, announced=moment(1)), skipped(3, "host_busy", announced=moment(1)))
    assert pending == KnownPending(
        url=URL, since=str(night(2)), due=str(night(2)), born=str(night(1)), reason="host_busy",
        announced="2026-03-02 02:00:00.000000", listed_in=FEED,
    )  # fmt: skip
    undated, later = fold(skipped(2)), fold(skipped(2, announced=moment(9)))
    assert undated and later
    assert (undated.born, later.born) == (str(night(2)), str(night(2)))


def test_another_answer_settles_it_whatever_came_before() -> None:
    gone = Answered(night(2), moment(2), is_held=False)
    assert fold(failed(0), failed(1), skipped(2), answered=gone) is None
    again = fold(failed(0), failed(1), failed(3), answered=gone)
    assert again and (again.asks, again.since, again.held) == (1, str(night(3)), False)
    by_day = fold(failed(2, hour=14), answered=gone)
    assert by_day and by_day.asks == 1, "it was asked for once more on that night"
    assert fold(failed(2, hour=1), answered=gone) is None


def test_what_was_drawn_and_refused_is_settled_until_it_is_announced_again() -> None:
    refused = row(1, "refused", "scope", via=PENDING)
    assert fold(failed(0), refused) is None
    assert fold(failed(0), refused, failed(2)) is not None
    assert fold(failed(0), row(1, "refused", "scope")) is not None, "a feed names what is out of scope each night"


def test_what_was_given_up_unasked_is_forgotten_until_it_is_put_off_again() -> None:
    end = skipped(4, pending="given_up", via=PENDING)
    assert fold(skipped(0), end) is None
    assert fold(skipped(0), end, skipped(5)) is not None


def test_of_what_is_held_only_a_failed_look_is_remembered() -> None:
    held = Answered(night(0), moment(0), is_held=True)
    assert fold(skipped(1), answered=held) is None
    look = fold(failed(1), skipped(2), answered=held)
    assert look and (look.held, look.due, look.asks) == (True, str(night(2)), 1)


def test_what_a_backfill_left_is_as_old_as_its_waiting() -> None:
    facts = read_facts(skipped(9, announced=moment(1)))
    assert facts
    pending = find_pending(URL, [facts._replace(for_since=night(0), for_until=night(2))], None)
    assert pending
    assert (pending.born, pending.for_since, pending.for_until) == (str(night(9)), str(night(0)), str(night(2)))


def test_which_document_announced_it_is_remembered_when_it_is_drawn() -> None:
    pending = fold(failed(0), failed(1, via=PENDING), failed(2, via="known"))
    assert pending and pending.listed_in == FEED


def test_adding_facts_is_the_same_in_any_order_and_however_often() -> None:
    chance = random.Random(7)
    rows = [failed(n) for n in range(6)] + [skipped(n, chance.choice(["budget", "host_busy"])) for n in range(6)]
    rows += [skipped(3, pending="given_up"), row(2, "refused", "robots", via=PENDING)]
    facts = [one for one in map(read_facts, rows) if one]
    results = set()
    for _ in range(50):
        mixed = facts + chance.sample(facts, 5)
        chance.shuffle(mixed)
        results.add(reduce(add_facts, mixed, PendingFacts()))
    assert len(results) == 1
