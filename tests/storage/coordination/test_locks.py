"""Named locks: exclusive among threads and processes, ended by the end of a process."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.coordination import Coordination
from storage.model.errors import StorageError
from tests.waiting import HANGS_SECONDS, wait_for

HOLDER = """
import sys
from storage.coordination import Coordination
with Coordination.open(sys.argv[1]).lock("publish"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(url: str) -> subprocess.Popen[str]:
    """Start a process that has the lock ``publish`` when this returns."""
    command = [sys.executable, "-c", HOLDER, url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_a_lock_is_held_by_one_at_a_time(coordination: Coordination) -> None:
    inside: list[int] = []
    most: list[int] = []

    def enter(number: int) -> None:
        with coordination.lock("publish"):
            inside.append(number)
            most.append(len(inside))
            coordination.write_note("inside", str(number))
            inside.remove(number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(enter, range(24)))
    assert most == [1] * 24


def test_a_lock_excludes_other_processes_until_its_holder_is_killed(
    database_url: str, coordination: Coordination
) -> None:
    url = database_url.replace("catalog.sqlite", "coordination.sqlite")
    holder = holding(url)
    with ThreadPoolExecutor(1) as pool, coordination.lock("another name"):

        def enter() -> bool:
            with coordination.lock("publish"):
                return True

        waiting = pool.submit(enter)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        holder.kill()
        holder.wait()
        assert waiting.result(HANGS_SECONDS)


def test_an_error_inside_frees_the_lock(coordination: Coordination) -> None:
    with pytest.raises(KeyError), coordination.lock("tables 2026-03-01"):
        raise KeyError
    with coordination.lock("tables 2026-03-01"):
        pass


def test_no_lock_leaves_a_file_not_even_one_whose_holder_was_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'coordination.sqlite'}"
    holder = holding(url)
    assert [path.name for path in files_of_locks(tmp_path)] == ["publish"]
    coordination = Coordination.open(url)
    assert [path.name for path in files_of_locks(tmp_path)] == ["publish"], "it is held"
    holder.kill()
    holder.wait()
    coordination.close()
    coordination = Coordination.open(url)
    with coordination.lock("tables/2026-03-01"):
        assert [path.name for path in files_of_locks(tmp_path)] == ["tables%2F2026-03-01"]
    coordination.close()
    assert not files_of_locks(tmp_path)


def files_of_locks(home: Path) -> list[Path]:
    return list((home / "coordination.locks").iterdir())


def test_a_lock_lost_with_its_connection_is_reported(postgres_url: str) -> None:
    coordination = Coordination.open(postgres_url)
    others = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with pytest.raises(StorageError), coordination.lock("publish"), create_engine(postgres_url).connect() as server:
        server.execute(others)
    with coordination.lock("publish"):
        pass
    coordination.close()


def test_who_does_not_want_to_wait_is_told_that_a_lock_is_held(database_url: str, coordination: Coordination) -> None:
    holder = holding(database_url.replace("catalog.sqlite", "coordination.sqlite"))
    with coordination.try_lock("publish") as held:
        assert not held
    with coordination.try_lock("another name") as held:
        assert held
        with coordination.try_lock("another name") as twice:
            assert not twice
    holder.kill()
    holder.wait()

    def is_free() -> bool:
        with coordination.try_lock("publish") as held:
            return held

    wait_for(is_free)
