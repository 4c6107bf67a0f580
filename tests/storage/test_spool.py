"""Attempts in the spool: found again, locked across processes, written whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.model.document import Extractor
from storage.model.errors import StorageError
from storage.spool import (
    AttemptLock,
    create_attempt,
    list_attempts,
    list_crawls,
    process_started,
    write_json_atomically,
)

HOLDER = """
import sys
from pathlib import Path
from storage.spool import AttemptLock
assert AttemptLock(Path(sys.argv[1])).acquire(5)
print("held", flush=True)
sys.stdin.read()
"""


def holder(attempt: Path) -> subprocess.Popen[str]:
    """Start a process that holds the attempt's lock until its stdin closes or it dies."""
    command = [sys.executable, "-c", HOLDER, str(attempt)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_attempts_are_found_by_crawl(tmp_path: Path) -> None:
    assert (list_crawls(tmp_path / "none"), list_attempts(tmp_path, "none")) == ([], [])
    made = [
        create_attempt(tmp_path, crawl, nonce) for crawl, nonce in [("b", "22222222"), ("a", "1" * 8), ("b", "0" * 8)]
    ]
    assert list_crawls(tmp_path) == ["a", "b"]
    assert list_attempts(tmp_path, "b") == [made[2], made[0]]


def test_an_attempt_is_made_once(tmp_path: Path) -> None:
    create_attempt(tmp_path, "a", "11111111")
    with pytest.raises(StorageError):
        create_attempt(tmp_path, "a", "11111111")


def test_a_killed_process_gives_its_lock_back(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        lock = AttemptLock(tmp_path)
        assert not lock.acquire()
        started = time.monotonic()
        assert not lock.acquire(0.2)
        assert time.monotonic() - started >= 0.2
        with pytest.raises(StorageError, match="held by another process"), lock:
            pass
        process.kill()
        assert lock.acquire(10)
        assert lock.held
        lock.release()


def test_a_lock_waits_for_its_holder_and_can_be_taken_again(tmp_path: Path) -> None:
    with AttemptLock(tmp_path) as first:
        assert first.acquire(), "the holder may ask again"
        assert not AttemptLock(tmp_path).acquire()
    with AttemptLock(tmp_path) as second:
        second.release()
        second.release()


def test_children_do_not_inherit_a_lock(tmp_path: Path) -> None:
    lock = AttemptLock(tmp_path)
    assert lock.acquire()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False) as child:
        child.stdin.write(b"up")
        child.stdin.flush()
        assert child.stdout.read(2) == b"up", "it runs: exec has closed what is not inherited"
        lock.release()
        assert AttemptLock(tmp_path).acquire()


def test_an_attempt_that_was_removed_cannot_be_locked(tmp_path: Path) -> None:
    attempt = create_attempt(tmp_path, "a", "11111111")
    attempt.rmdir()
    with pytest.raises(StorageError):
        AttemptLock(attempt).acquire(1)


def test_a_process_is_known_by_when_it_started() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        own, child = process_started(os.getpid()), process_started(process.pid)
        assert own is not None
        assert child is not None
        assert own <= child == process_started(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_started(process.pid) is None, "a zombie is gone"
    assert process_started(process.pid) is None


def test_json_is_replaced_whole(tmp_path: Path) -> None:
    for version in ("1", "2"):
        extractor = Extractor(name="trafilatura", version=version, settings_digest="a" * 64)
        write_json_atomically(tmp_path / "x.json", extractor)
        assert Extractor.model_validate_json((tmp_path / "x.json").read_bytes()) == extractor
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    with pytest.raises(StorageError):
        write_json_atomically(tmp_path / "none" / "x.json", extractor)
