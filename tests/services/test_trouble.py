"""A night in trouble: a full disk is told, and which server died; none of the others is left."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.services.environment import build_server_environment
from hemeroteca.services.keeper import Process
from hemeroteca.services.stack import use_nightly_stack
from storage.model.errors import ServiceError
from tests.cli.conftest import COMMAND
from tests.services.processes import command_line, family_of, living, works_in
from tests.waiting import HANGS_SECONDS, wait_for

# In the order they were started, which is the order they are looked at.
SERVERS = {"api_server": "api-server", "dag-processor": "dag-processor", "weed": "seaweedfs", "scheduler": "scheduler"}


def find(word: str, pid: int, home: Path) -> Process:
    """Return the oldest process under *pid* that has *word* in its command line and works in *home*."""
    found = [
        process
        for process in family_of(pid)
        if word.encode() in command_line(process) and process.pid != pid and works_in(home, process)
    ]
    return min(found, key=lambda process: process.started)


def kill(process: Process) -> None:
    """Kill *process* and wait for its end."""
    os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not living([process]))


Nightly = tuple[subprocess.Popen[bytes], Path]


@pytest.fixture
def nightly(tmp_path: Path) -> Iterator[Nightly]:
    """A night of the demo that has begun to crawl, and finds no room for what it fetches; and what it says."""
    settings = Settings(home=Home(tmp_path / "home"), demo=True, disk_free_bytes=1 << 60)
    said = tmp_path / "said"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [COMMAND, "--demo", "nightly"], stdout=file, stderr=file, env=build_server_environment(settings)
        )
    wait_for(lambda: "disk: " in said.read_text() or process.poll() is not None)
    assert process.poll() is None, said.read_text()
    yield process, said
    if process.poll() is None:
        process.kill()


def test_a_night_without_room_says_so_and_one_whose_store_is_killed_ends(nightly: Nightly) -> None:
    process, said = nightly
    (line,) = [line for line in said.read_text().splitlines() if line.startswith("disk: ")]
    assert "full" in line and "make room" in line
    family = family_of(process.pid)
    kill(find("/weed", process.pid, said.parent))
    assert process.wait(HANGS_SECONDS) == 1
    last = said.read_text().splitlines()[-1]
    assert last.startswith("hemeroteca: seaweedfs was killed by SIGKILL; see ")
    assert not living(family)


def test_each_server_of_a_night_is_missed(tmp_path: Path) -> None:
    with use_nightly_stack(Settings(home=Home(tmp_path), demo=True)) as stack:
        stack.check()
        for word, name in reversed(SERVERS.items()):
            kill(find(word, os.getpid(), tmp_path))
            with pytest.raises(ServiceError, match=f"{name} was killed by SIGKILL"):
                stack.check()
