"""Turns at hosts over a real coordination database: spacing, exclusion, hand-over, loss."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from spiders.manners.turns import NoTurnError, Turns, Visit
from storage.coordination import Coordination, Lease
from storage.model.errors import FencedError

HOST = "paper.test:80"


class Clock:
    """The true time, and whatever was added to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turns(coordination: Coordination, clock: Clock) -> Iterator[Turns]:
    turns = Turns(coordination, clock)
    yield turns
    turns.close()


def visit(holder: str = "a/1", delay: float = 0.0, seconds: float = 30, keep: bool = True, host: str = HOST) -> Visit:
    return Visit(host, holder, delay, datetime.now(UTC) + timedelta(seconds=seconds), keep)


async def take(turns: Turns, wanted: Visit) -> float:
    async with turns.turn(wanted):
        return time.monotonic()


async def reason(turns: Turns, wanted: Visit) -> str:
    with pytest.raises(NoTurnError) as error:
        await take(turns, wanted)
    assert error.value.verdict.state == "skipped"
    return error.value.verdict.reason


def test_turns_are_spaced_from_the_end_of_one_and_the_first_waits_too(turns: Turns) -> None:
    async def run() -> None:
        begun = time.monotonic()
        assert await take(turns, visit(delay=0.2)) - begun >= 0.2
        async with turns.turn(visit(delay=0.2)):
            await asyncio.sleep(0.1)
            ended = time.monotonic()
        assert await take(turns, visit(delay=0.2)) - ended >= 0.2

    asyncio.run(run())


def test_a_host_has_one_turn_at_a_time_and_others_go_on(turns: Turns) -> None:
    under_way: dict[str, int] = {HOST: 0, "other.test:80": 0}
    both = asyncio.Event()

    async def work(holder: str, host: str) -> None:
        async with turns.turn(visit(holder, host=host)):
            under_way[host] += 1
            assert under_way[host] == 1
            if all(under_way.values()):
                both.set()
            await both.wait()  # for ever, if the other host had to wait for this one
            under_way[host] -= 1

    async def run() -> None:
        await asyncio.gather(*(work(holder, host) for holder in ("a/1", "b/1", "c/1") for host in under_way))

    asyncio.run(run())


def test_two_sources_of_a_process_share_a_host_and_the_longer_delay(turns: Turns) -> None:
    async def run() -> None:
        await take(turns, visit("a/1", delay=0.3))
        ended = time.monotonic()
        assert await take(turns, visit("b/1", delay=0.0)) - ended >= 0.3

    asyncio.run(run())


class Asked:
    """A coordination, and what it answered to who asked for a lease."""

    def __init__(self, coordination: Coordination) -> None:
        self._coordination = coordination
        self.answers: list[Lease | None] = []

    def take_lease(self, host: str, holder: str, now: datetime) -> Lease | None:
        self.answers.append(self._coordination.take_lease(host, holder, now))
        return self.answers[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._coordination, name)


def test_a_host_that_another_crawl_has_is_waited_for(coordination: Coordination, clock: Clock) -> None:
    other = coordination.take_lease(HOST, "other/1", datetime.now(UTC))
    assert other is not None
    asked = Asked(coordination)
    turns = Turns(cast(Coordination, asked), clock)

    async def run() -> None:
        assert await reason(turns, visit(seconds=0.5)) == "host_busy"
        before = len(asked.answers)
        waiting = asyncio.create_task(take(turns, visit()))
        while len(asked.answers) == before:
            await asyncio.sleep(0.01)
        coordination.release_leases([other])
        await waiting

    asyncio.run(run())
    *refused, given = asked.answers
    assert len(refused) >= 2 and not any(refused)
    assert given is not None
    turns.close()


def test_a_foreign_host_is_leased_for_one_turn_only(turns: Turns, coordination: Coordination) -> None:
    async def run() -> None:
        async with turns.turn(visit(keep=False)):
            assert coordination.take_lease(HOST, "other/1", datetime.now(UTC)) is None
        assert coordination.take_lease(HOST, "other/1", datetime.now(UTC)) is not None

    asyncio.run(run())


def test_kept_leases_are_those_that_a_source_ends_with(turns: Turns, coordination: Coordination) -> None:
    async def run() -> None:
        await take(turns, visit())
        await take(turns, visit(host="feeds.test:80", keep=False))
        (lease,) = await turns.end("a/1")
        assert (lease.host, lease.holder) == (HOST, "a/1")
        assert lease in coordination.find_leases(lease.holder, datetime.now(UTC))

    asyncio.run(run())


def test_a_shared_host_goes_over_to_the_source_that_still_needs_it(turns: Turns, coordination: Coordination) -> None:
    async def run() -> None:
        await take(turns, visit("a/1"))
        await take(turns, visit("b/1"))
        assert await turns.end("a/1") == []
        await take(turns, visit("b/1"))
        (lease,) = await turns.end("b/1")
        assert lease.holder == "b/1"
        assert lease in coordination.find_leases(lease.holder, datetime.now(UTC))

    asyncio.run(run())


def test_a_source_that_gives_up_gives_its_leases_back(turns: Turns, coordination: Coordination) -> None:
    async def run() -> None:
        await take(turns, visit())
        await turns.abandon("a/1")
        assert coordination.find_leases("a/1", datetime.now(UTC)) == []

    asyncio.run(run())


def test_a_pause_holds_for_every_process(turns: Turns, coordination: Coordination, clock: Clock) -> None:
    async def run() -> None:
        until = datetime.now(UTC) + timedelta(seconds=0.5)
        await turns.push_back(HOST, until)
        await take(turns, visit())
        assert datetime.now(UTC) >= until
        await turns.push_back(HOST, datetime.now(UTC) + timedelta(seconds=60))
        assert await reason(turns, visit(seconds=30)) == "host_blocked"
        await turns.push_back(HOST, datetime.now(UTC) + timedelta(hours=1))
        assert await reason(turns, visit(seconds=7200)) == "host_blocked"
        await turns.abandon("a/1")
        later = Turns(coordination, clock)
        assert await reason(later, visit("b/1", seconds=30)) == "host_blocked"
        later.close()

    asyncio.run(run())


def test_a_turn_after_the_time_budget_is_not_given(turns: Turns) -> None:
    async def run() -> None:
        assert await reason(turns, visit(seconds=-1)) == "budget"
        assert await reason(turns, visit(delay=5, seconds=0.1)) == "budget"

    asyncio.run(run())


def test_leases_are_renewed_by_a_thread_of_their_own(
    coordination: Coordination, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.manners.turns.RENEW_SECONDS", 0.05)
    turns = Turns(coordination, clock)
    (first,) = _held_after_a_turn(turns, coordination)
    deadline = time.monotonic() + 120  # nothing of asyncio runs from here on, as when a reactor is busy
    while coordination.find_leases("a/1", datetime.now(UTC))[0].expires <= first.expires:
        assert time.monotonic() < deadline
    turns.close()


def _held_after_a_turn(turns: Turns, coordination: Coordination) -> list[Lease]:
    asyncio.run(take(turns, visit()))
    return coordination.find_leases("a/1", datetime.now(UTC))


def test_a_process_whose_lease_ran_out_stops_even_if_nobody_took_it(turns: Turns, clock: Clock) -> None:
    async def run() -> None:
        await take(turns, visit())
        clock.ahead = timedelta(seconds=121)
        with pytest.raises(FencedError):
            await take(turns, visit(seconds=1000))
        clock.ahead = timedelta()
        with pytest.raises(FencedError):
            await take(turns, visit())

    asyncio.run(run())


def test_a_process_that_cannot_renew_waits_and_then_stops(turns: Turns, clock: Clock) -> None:
    async def run() -> None:
        await take(turns, visit())
        clock.ahead = timedelta(seconds=118)
        begun = time.monotonic()
        with pytest.raises(FencedError):
            await take(turns, visit(seconds=1000))
        assert time.monotonic() - begun >= 1

    asyncio.run(run())


def test_without_coordination_turns_are_spaced_all_the_same() -> None:
    async def run() -> None:
        turns = Turns(None, Clock())
        await take(turns, visit(delay=0.1))
        ended = time.monotonic()
        assert await take(turns, visit(delay=0.1)) - ended >= 0.1
        assert await turns.end("a/1") == []
        await turns.abandon("a/1")

    asyncio.run(run())
