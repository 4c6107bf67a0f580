"""Hosts in trouble: how long they are left alone, by whom, and when that is forgotten. No test waits for it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from spiders.manners.backoff import Pauses, adapt_distance_seconds, find_next_midnight, read_retry_after
from spiders.manners.turns import REFUSALS, NoTurnError, Turns, Visit
from storage.coordination import Coordination

HOST = "paper.test:80"
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
PAUSES = Pauses(60.0, lambda: 0.0)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def process(coordination: Coordination | None, clock: Clock) -> Turns:
    """What another crawl process has of the hosts."""
    turns = Turns(coordination, clock, PAUSES)
    turns.close()
    return turns


@pytest.mark.parametrize("shared", [True, False])
def test_a_pause_doubles_up_to_a_day_and_is_forgiven_after_half_an_hour_of_quiet(
    coordination: Coordination, clock: Clock, shared: bool
) -> None:
    async def run() -> None:
        turns = process(coordination if shared else None, clock)
        pauses = []
        for _ in range(13):
            pauses.append(await turns.back_off(HOST))
            clock.now += timedelta(seconds=pauses[-1] + 1799)
            turns = process(coordination, clock) if shared else turns  # it survives the process that met it
        assert pauses == [min(60.0 * 2**n, 86400) for n in range(13)]
        clock.now += timedelta(seconds=1)
        assert await turns.back_off(HOST) == 60.0

    asyncio.run(run())


def test_what_a_host_asks_for_is_kept_and_no_excuse_for_asking_again_and_again(
    coordination: Coordination, clock: Clock
) -> None:
    async def run() -> None:
        turns = process(coordination, clock)
        assert [await turns.back_off(HOST, 1.0) for _ in range(4)] == [1.0, 60.0, 120.0, 240.0]
        assert await turns.back_off(HOST, 10**9) == 86400.0
        assert coordination.find_not_before(HOST) == NOW + timedelta(days=1)

    asyncio.run(run())


def test_three_silences_in_a_row_are_trouble_and_an_answer_between_them_is_none(
    coordination: Coordination, clock: Clock
) -> None:
    async def run() -> None:
        turns = process(coordination, clock)
        assert [await turns.note_silence(HOST, 45.0) for _ in range(2)] == [0.0, 0.0]
        turns.note_answer(HOST, 0.1, is_good=True)
        assert [await turns.note_silence(HOST, 45.0) for _ in range(4)] == [0.0, 0.0, 60.0, 120.0]

    asyncio.run(run())


def test_five_refusals_in_a_row_end_a_host_for_the_night_for_everybody(
    coordination: Coordination, clock: Clock
) -> None:
    async def run() -> None:
        turns, other = process(coordination, clock), process(coordination, clock)
        for is_refused in [True] * 4 + [False] + [True] * 4:
            await turns.note_article(HOST, is_refused)
        assert not turns.is_over(HOST)
        assert coordination.find_not_before(HOST) is None
        await turns.note_article(HOST, True)
        assert turns.is_over(HOST)
        assert coordination.find_not_before(HOST) == datetime(2026, 11, 25, tzinfo=UTC)
        with pytest.raises(NoTurnError, match="host_blocked"):
            async with other.turn(Visit(HOST, "b/1", 0.0, NOW + timedelta(hours=4), True)):
                pass

    assert REFUSALS == 5
    asyncio.run(run())


def test_a_slow_host_is_asked_more_slowly_and_a_fast_error_makes_it_no_faster() -> None:
    slow = adapt_distance_seconds(0.0, 4.0, is_good=True)
    assert slow == 4.0
    assert adapt_distance_seconds(slow, 0.0, is_good=False) == 4.0
    assert adapt_distance_seconds(slow, 1.0, is_good=True) == 2.5


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [(0.05, 0.5, 30), (0.0, 0.0, 30)],  # ten times the card's; a card that asks for no distance gets none
)
def test_a_slow_host_s_distance_is_bounded_by_the_card_s(
    coordination: Coordination, clock: Clock, delay: float, least: float, most: float
) -> None:
    wanted = Visit(HOST, "a/1", delay, NOW + timedelta(hours=1), keep=True)

    async def run() -> float:
        turns = process(coordination, clock)
        turns.note_answer(HOST, 10 * most, is_good=True)
        async with turns.turn(wanted):
            ended = time.monotonic()
        async with turns.turn(wanted):
            return time.monotonic() - ended

    assert least <= asyncio.run(run()) < most


def test_pauses_are_longer_by_chance_so_that_processes_do_not_come_back_at_once() -> None:
    assert Pauses(60.0, lambda: 1.0).seconds(2, None) == 150.0
    assert Pauses(60.0, lambda: 0.5).seconds(1, 10.0) == 10.0
    assert Pauses(60.0, lambda: 1.0).seconds(1000, None) == 86400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 03:02:00 GMT", 120.0),
        ("Tue, 24 Nov 2026 02:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 03:02:00 -0000", 120.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_a_night_ends_at_midnight() -> None:
    assert find_next_midnight(datetime(2026, 11, 24, 0, 0, tzinfo=UTC)) == datetime(2026, 11, 25, tzinfo=UTC)
