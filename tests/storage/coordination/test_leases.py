"""Leases, plans, notes: what processes agree on before they act."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.coordination import Coordination, Lease
from storage.model.errors import SeedError, StorageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOST = "faro.hemeroteca.test:80"
OLD, NEW = "faro-20260301-nightly/0000aaaa", "faro-20260301-nightly/0000bbbb"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def taken(coordination: Coordination, holder: str = OLD, now: datetime = NOON, host: str = HOST) -> Lease:
    lease = coordination.take_lease(host, holder, now)
    assert lease is not None
    return lease


def is_held(coordination: Coordination, lease: Lease, now: datetime) -> bool:
    """Say whether *lease* is its holder's at *now*, and never was lost in between."""
    return (lease.host, lease.fence) in {(one.host, one.fence) for one in coordination.find_leases(lease.holder, now)}


def test_a_lease_is_exclusive_until_it_expires(coordination: Coordination) -> None:
    lease = taken(coordination)
    assert (lease.holder, lease.expires, lease.not_before) == (OLD, after(120), None)
    assert coordination.take_lease(HOST, NEW, after(119.999)) is None
    assert taken(coordination, NEW, after(120)).fence == lease.fence + 1
    assert taken(coordination, NEW, after(120), "other.test:80").holder == NEW


def test_a_holder_takes_its_lease_again_under_the_same_fence(coordination: Coordination) -> None:
    first = taken(coordination)
    again = taken(coordination, now=after(60))
    assert (again.fence, again.expires) == (first.fence, after(180))


def test_a_renewed_lease_lasts(coordination: Coordination) -> None:
    lease = taken(coordination)
    assert coordination.renew_leases([lease], after(100)) == []
    assert is_held(coordination, lease, after(219))
    assert coordination.take_lease(HOST, NEW, after(219)) is None


def test_a_lease_that_expired_while_held_is_lost_even_if_nobody_took_it(coordination: Coordination) -> None:
    lost, kept = taken(coordination), taken(coordination, host="kept.test:80", now=after(60))
    assert not is_held(coordination, lost, after(120))
    assert coordination.renew_leases([kept, lost], after(120)) == [lost]
    assert coordination.renew_leases([lost], after(119)) == [lost], "a clock set back does not bring it back"
    assert not is_held(coordination, lost, after(60))
    assert is_held(coordination, kept, after(120))
    assert taken(coordination, now=after(121)).fence == lost.fence + 1


def test_whoever_lost_a_lease_that_another_took_cannot_renew_or_release_it(coordination: Coordination) -> None:
    lost = taken(coordination)
    present = taken(coordination, NEW, after(120))
    assert coordination.renew_leases([lost], after(121)) == [lost]
    coordination.release_leases([lost])
    assert is_held(coordination, present, after(121))


def test_a_released_lease_is_free_at_once_and_its_fence_goes_on(coordination: Coordination) -> None:
    lease = taken(coordination)
    coordination.release_leases([lease])
    assert not is_held(coordination, lease, NOON)
    assert taken(coordination, NEW).fence == lease.fence + 1


def test_a_retry_takes_over_its_predecessors_leases_at_once_and_fences_it(coordination: Coordination) -> None:
    held = taken(coordination)
    taken(coordination, "someone-else/0000cccc", host="busy.test:80")
    moved = coordination.take_over_leases([HOST, "busy.test:80", "free.test:80"], OLD, NEW, after(1))
    assert [(lease.host, lease.holder) for lease in moved] == [(HOST, NEW), ("free.test:80", NEW)]
    assert moved[0].fence == held.fence + 1
    assert coordination.renew_leases([held], after(2)) == [held]
    assert coordination.find_leases(NEW, after(2)) == sorted(moved, key=lambda lease: lease.host)
    assert coordination.find_leases(NEW, after(500)) == []


def test_the_time_before_which_a_host_is_left_alone_outlives_its_leases(coordination: Coordination) -> None:
    coordination.push_back(HOST, after(600))
    lease = taken(coordination)
    assert lease.not_before == after(600)
    coordination.push_back(HOST, after(300))
    coordination.release_leases([lease])
    assert taken(coordination, NEW).not_before == after(600), "an earlier time changes nothing"
    coordination.push_back(HOST, after(900))
    assert coordination.find_not_before(HOST) == after(900)
    assert coordination.find_not_before("unknown.test:80") is None


def test_of_racing_holders_one_gets_the_lease(coordination: Coordination) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            host = f"race-{number}.test:80"
            holders = [f"crawl/{index:08x}" for index in range(8)]
            answers = list(pool.map(lambda holder, h=host: coordination.take_lease(h, holder, NOON), holders))
            assert len([lease for lease in answers if lease]) == 1


def test_renewals_from_a_thread_do_not_disturb_other_work(coordination: Coordination) -> None:
    leases = [taken(coordination, host=f"{number}.test:80") for number in range(20)]

    def renew(turn: int) -> list[Lease]:
        return coordination.renew_leases(reversed(leases) if turn % 2 else leases, after(turn))

    def note(turn: int) -> list[Lease]:
        coordination.write_note("turn", str(turn))
        return []

    with ThreadPoolExecutor(4) as pool:
        work: list[Callable[[int], list[Lease]]] = [renew, note]
        assert not any(pool.map(lambda turn: work[turn % 3 == 0](turn), range(60)))


def test_the_first_plan_of_a_run_is_the_plan(coordination: Coordination) -> None:
    assert coordination.read_plan("nightly_crawl/r1") is None
    assert coordination.read_shard("nightly_crawl/r1", 0) is None
    assert coordination.save_plan("nightly_crawl/r1", "first", ["one", "two"]) == "first"
    assert coordination.save_plan("nightly_crawl/r1", "second", ["other", "two", "three"]) == "first"
    assert coordination.read_plan("nightly_crawl/r1") == "first"
    assert [coordination.read_shard("nightly_crawl/r1", number) for number in (0, 1, 2)] == ["one", "two", None]
    assert list(coordination.read_shards("nightly_crawl/r1")) == ["one", "two"]
    assert list(coordination.read_shards("nightly_crawl/r2")) == []


def test_a_run_is_forgotten_with_its_shards_and_notes_and_no_other(coordination: Coordination) -> None:
    for run in ("r1", "r10"):
        coordination.save_plan(run, f"plan of {run}", ["one", "two"])
        coordination.write_note(f"rows/{run}", "digest")
    names = [f"trouble/{number}" for number in range(1200)]
    coordination.write_note(names[-1], "why")
    coordination.forget_run("r1", ["rows/r1", *names])
    coordination.forget_run("r1", ["rows/r1"])
    assert coordination.list_runs() == ["r10"]
    assert (list(coordination.read_shards("r1")), list(coordination.read_shards("r10"))) == ([], ["one", "two"])
    assert coordination.read_notes("") == {"rows/r10": "digest"}


def test_racing_planners_are_all_told_one_plan(coordination: Coordination) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda number: coordination.save_plan("run", str(number), [str(number)]), range(8)))
    assert told == set(coordination.read_shards("run"))
    assert len(told) == 1


def test_a_note_is_replaced(coordination: Coordination) -> None:
    assert coordination.read_note("spent faro") is None
    coordination.write_note("spent faro", "no")
    coordination.write_note("spent faro", "yes")
    assert coordination.read_note("spent faro") == "yes"


def test_notes_are_found_by_how_their_names_begin_until_they_are_removed(coordination: Coordination) -> None:
    for name in ("late/b", "late/a", "later", "late%", "spent/late/a"):
        coordination.write_note(name, name.upper())
    assert coordination.read_notes("late/") == {"late/a": "LATE/A", "late/b": "LATE/B"}
    coordination.remove_note("late/a")
    coordination.remove_note("late/a")
    assert coordination.read_notes("late/") == {"late/b": "LATE/B"}
    assert coordination.read_notes("late%") == {"late%": "LATE%"}


def test_what_was_agreed_is_there_for_the_next_process(database_url: str, coordination: Coordination) -> None:
    lease = taken(coordination)
    coordination.write_note("name", "value")
    again = Coordination.open(database_url.replace("catalog.sqlite", "coordination.sqlite"))
    assert again.read_note("name") == "value"
    assert is_held(again, lease, after(1))
    again.close()


@pytest.mark.parametrize("address", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(SeedError, match="neither PostgreSQL nor a SQLite file|not a database address"):
        Coordination.open(address)


def test_a_database_that_does_not_answer_is_a_storage_error_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as refused:
        Coordination.open("postgresql+psycopg://user:hushhush@127.0.0.1:1/none")
    assert "hushhush" not in str(refused.value)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        Coordination.open(f"sqlite:///{tmp_path}/file/coordination.sqlite")
