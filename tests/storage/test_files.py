"""Files that several processes work on: locked across processes, replaced whole, private."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.files import FileLock, create_whole, open_replacement, read_json, read_process, replace_whole
from storage.model.errors import StorageError
from tests.waiting import HANGS_SECONDS

HOLDER = """
import sys
from pathlib import Path
from storage.files import FileLock
lock = FileLock(Path(sys.argv[1]))
assert lock.acquire(5)
print("held", flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its stdin closes or it dies."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_killed_process_gives_its_lock_back(path: Path) -> None:
    with holder(path) as process:
        lock = FileLock(path)
        assert not lock.acquire()
        started = time.monotonic()
        assert not lock.acquire(0.2)
        assert time.monotonic() - started >= 0.2
        process.kill()
        assert lock.acquire(10)
        lock.release()


def test_who_waits_for_ever_gets_the_lock_when_its_holder_ends(path: Path) -> None:
    with holder(path) as process:
        assert process.stdin is not None
        process.stdin.close()
        with FileLock(path):
            assert process.wait(HANGS_SECONDS) == 0


def test_a_lock_can_be_asked_for_again_and_given_back_twice(path: Path) -> None:
    with FileLock(path) as first:
        assert first.acquire(), "the holder may ask again"
        assert not FileLock(path).acquire()
    with FileLock(path) as second:
        second.release()
        second.release()


def test_a_shared_lock_keeps_out_who_wants_it_alone(path: Path) -> None:
    one, two, alone = FileLock(path), FileLock(path), FileLock(path)
    assert one.acquire(shared=True) and two.acquire(shared=True)
    assert not alone.acquire()
    assert not one.acquire(), "it is no longer held, not even shared"
    assert two.acquire(), "the last one may have it alone"
    assert not one.acquire(shared=True)


def test_a_lock_on_a_file_that_was_removed_keeps_nobody_out(path: Path) -> None:
    with FileLock(path):
        path.unlink()
        assert FileLock(path).acquire()


def test_a_lock_on_a_file_that_was_moved_keeps_nobody_out(path: Path) -> None:
    with FileLock(path):
        path.rename(path.with_name("aside"))
        assert FileLock(path).acquire()


def test_a_lock_whose_file_is_removed_at_its_end_is_held_by_one_at_a_time(path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def enter(number: int) -> None:
        with FileLock(path) as lock:
            inside.append(number)
            most.append(len(inside))
            time.sleep(0)  # lets another in, if another can get in
            inside.remove(number)
            lock.remove()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(400)))
    assert most == [1] * 400
    assert not path.exists()


def test_children_do_not_inherit_a_lock(path: Path) -> None:
    lock = FileLock(path)
    assert lock.acquire()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(b"up")
        child.stdin.flush()
        assert child.stdout.read(2) == b"up", "it runs: exec has closed what is not inherited"
        lock.release()
        assert FileLock(path).acquire()


def test_a_forked_child_does_not_keep_a_lock_that_was_given_back(path: Path) -> None:
    lock = FileLock(path)
    assert lock.acquire()
    done_reading, done_writing = os.pipe()
    child = os.fork()
    if not child:
        os.read(done_reading, 1)
        os._exit(0)
    lock.release()
    assert FileLock(path).acquire()
    os.write(done_writing, b"!")
    assert os.waitpid(child, 0)[1] == 0


def test_there_is_no_lock_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be locked"):
        FileLock(tmp_path / "none" / "lock").acquire(1)


def test_a_process_is_known_by_when_it_started() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        own, child = read_process(os.getpid()), read_process(process.pid)
        assert own is not None
        assert child is not None
        assert own.started <= child.started
        assert child == read_process(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert read_process(process.pid) is None, "a zombie is gone"
    assert read_process(process.pid) is None


def test_a_file_is_replaced_whole_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for content in ("[1]", "[2]"):
        replace_whole(path, content)
        assert read_json(path, list[int]) == [int(content[1])]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StorageError):
        replace_whole(tmp_path / "none" / "x.json", "[3]")


def test_a_replacement_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    replace_whole(path, "before")
    with pytest.raises(ZeroDivisionError), open_replacement(path) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("x", "before")]


def test_a_new_file_is_never_put_over_another(tmp_path: Path) -> None:
    create_whole(tmp_path / "x", "first")
    with pytest.raises(FileExistsError):
        create_whole(tmp_path / "x", "second")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("x", "first")]


def test_json_that_is_not_there_or_is_torn_is_none(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"a": 1')
    for name in ("none.json", "torn.json", "torn.json/none"):
        assert read_json(tmp_path / name, dict[str, int]) is None
