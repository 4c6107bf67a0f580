"""A log is cut while its server writes, and every line is in what was cut or in what is left, once."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.services.server_logs import cut_log, measure_log
from storage.files import FileLock
from storage.model.errors import StorageError

LINES = 60_000
WRITER = f"for number in range({LINES}): print(f'line {{number:05}}' + number % 40 * 'x', flush=True)"
MOST_BYTES = 50_000


@pytest.fixture(params=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder of a file system that takes bytes out of a file, if tests run on one, and of one that leaves a hole."""
    if request.param == "disk":
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as found:
        yield Path(found)


def test_no_line_is_lost_or_doubled_while_the_server_writes(folder: Path) -> None:
    log, cut = folder / "server.log", []
    with log.open("ab") as output, subprocess.Popen([sys.executable, "-c", WRITER], stdout=output) as writer:
        while writer.poll() is None:
            if went := cut_log(log, MOST_BYTES):
                cut.append((folder / "server.log.old").read_bytes())
                assert len(cut[-1]) == went
    assert len(cut) > 1
    left = log.read_bytes().lstrip(b"\0")
    assert len(left) == measure_log(log)
    lines = (b"".join(cut) + left).decode().splitlines()
    assert lines == [f"line {number:05}" + number % 40 * "x" for number in range(LINES)]
    assert {path.name for path in folder.iterdir()} == {"server.log", "server.log.old"}


def test_what_was_cut_takes_no_room_on_the_disk(folder: Path) -> None:
    log = folder / "server.log"
    log.write_bytes(b"x" * 1_000_001)
    assert cut_log(log, MOST_BYTES) > 900_000
    assert measure_log(log) <= 65_536
    assert log.stat().st_blocks * 512 <= 65_536


def test_a_short_log_stays_and_one_that_is_cut_by_another_is_left_to_it(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert cut_log(log, MOST_BYTES) == 0
    log.write_bytes(b"x" * MOST_BYTES)
    assert cut_log(log, MOST_BYTES) == 0
    log.write_bytes(b"x" * (MOST_BYTES + 1))
    with FileLock(tmp_path / "server.log.lock"):
        assert cut_log(log, MOST_BYTES) == 0
    assert log.stat().st_size == MOST_BYTES + 1
    assert cut_log(log, MOST_BYTES) > 0


def test_a_log_that_its_server_begins_anew_while_it_is_cut_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * (MOST_BYTES + 1))
    send = os.sendfile

    def begin_anew(*arguments: int) -> int:
        log.write_bytes(b"new\n")
        return send(*arguments)

    monkeypatch.setattr(os, "sendfile", begin_anew)
    with pytest.raises(StorageError, match="became shorter"):
        cut_log(log, MOST_BYTES)
    assert log.read_bytes() == b"new\n"
    assert {path.name for path in tmp_path.iterdir()} == {"server.log"}
