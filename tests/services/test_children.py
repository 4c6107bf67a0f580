"""No server outlives the process that started it, whatever it does and however that process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hemeroteca.services.children import Children
from hemeroteca.services.keeper import Process
from storage.model.errors import ServiceError
from tests.services.processes import family_of, living
from tests.waiting import HANGS_SECONDS, wait_for

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)
# A server whose own child has a session of its own and does not listen: the hardest to find when its parent is gone.
FAMILY = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STUBBORN!r}], start_new_session=True)"
SUPERVISOR = """
import os, sys, time
from pathlib import Path
from hemeroteca.services.children import Children
with Children() as children:
    for number in range(2):
        children.start(f"server {number}", [sys.executable, "-c", sys.argv[1]], os.environ, Path(sys.argv[2]), 1.0)
    time.sleep(600)
"""


def ready_servers(log: Path) -> int:
    return log.read_text().count("ready") if log.exists() else 0


def supervise(program: str, log: Path) -> tuple[subprocess.Popen[bytes], set[Process]]:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, program, str(log)])
    wait_for(lambda: ready_servers(log) == 2)
    return supervisor, family_of(supervisor.pid)


@pytest.mark.parametrize("program", [STUBBORN, FAMILY], ids=["stubborn", "family"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_supervisor_that_dies_leaves_nothing_behind(tmp_path: Path, program: str, ending: signal.Signals) -> None:
    supervisor, family = supervise(program, tmp_path / "log")
    assert len(family) >= 4
    supervisor.send_signal(ending)
    supervisor.wait(HANGS_SECONDS)
    wait_for(lambda: not living(family))


def test_a_server_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Children() as children:
        command = [sys.executable, "-c", "print('out of luck'); raise SystemExit(7)"]
        server = children.start("server", command, os.environ, tmp_path / "log", 1.0)
        wait_for(lambda: children.read_status(server) is not None)
        with pytest.raises(ServiceError, match=r"server ended with status 7[\s\S]*out of luck"):
            children.check()


def test_servers_are_stopped_last_started_first(tmp_path: Path) -> None:
    program = """
import signal, sys
signal.sigwait({signal.SIGTERM} if not print("ready", flush=True) else set())
print("stopped", sys.argv[1], flush=True)
"""
    masked = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})" + program
    with Children() as children:
        for name in ("first", "second"):
            children.start(name, [sys.executable, "-c", masked, name], os.environ, tmp_path / "log", 5.0)
        wait_for(lambda: ready_servers(tmp_path / "log") == 2)
    assert [line for line in (tmp_path / "log").read_text().split("\n") if line.startswith("stopped")] == [
        "stopped second",
        "stopped first",
    ]
