"""Process families: who descends from a server we started, and how a whole family is stopped.

Run as a script it is the guard of a supervisor: it learns from standard input which servers were started
(``+ PID TICKS GRACE``) and stopped (``- PID``), and when the supervisor is gone, however it died, it stops what is
left, last started first. It is a program of its own, from the standard library alone: it outlives a ``kill -9``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

POLL_SECONDS = 0.05
SOFT_SECONDS = 3.0
"""How long a server may stop its family by itself before each member is asked."""


class Process(NamedTuple):
    """One process for ever: the pid together with its start (clock ticks since boot)."""

    pid: int
    started: int


class _Entry(NamedTuple):
    process: Process
    parent: int
    session: int


def read_process(pid: int) -> Process | None:
    """Return who has *pid* now; None when nobody does. A zombie counts as gone."""
    entry = _read_entry(pid)
    return entry.process if entry else None


def _read_entry(pid: int) -> _Entry | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the name in parentheses may hold anything; what follows are fields 3 (state), 4 (ppid), 6 (session), 22 (start)
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return _Entry(Process(pid, int(fields[19])), int(fields[1]), int(fields[3]))


def grow_family(members: Iterable[Process]) -> set[Process]:
    """Return the living ones of *members* and all their living descendants and session fellows.

    The family must be grown while it is whole: a child whose parent died in between is found only if it was a member.
    """
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    entries = [entry for number in numbers if (entry := _read_entry(number))]
    family = {entry.process for entry in entries} & set(members)
    found = -1
    while found != len(family):
        found = len(family)
        pids = {process.pid for process in family}
        sessions = {entry.session for entry in entries if entry.process in family and entry.session in pids}
        family |= {entry.process for entry in entries if entry.parent in pids or entry.session in sessions}
    return family - {read_process(os.getpid())}


def stop_family(leader: Process, grace_seconds: float, reap: Callable[[], object] = lambda: None) -> bool:
    """Ask *leader* to stop, then its family, then kill what is left; say whether nothing had to be killed.

    *reap* is called while waiting, for a parent that must collect its dead child.
    """
    family = grow_family([leader])
    begun = time.monotonic()
    _send([leader] if leader in family else [], signal.SIGTERM)
    asked = False
    while family := grow_family(family):
        waited = time.monotonic() - begun
        if waited > grace_seconds:
            return _kill(family, reap)
        if waited > SOFT_SECONDS and not asked:
            _send(family, signal.SIGTERM)
            asked = True
        time.sleep(POLL_SECONDS)
        reap()
    return True


def _kill(family: set[Process], reap: Callable[[], object]) -> bool:
    while family := grow_family(family):
        _send(family, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
        reap()
    return False


def _send(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if read_process(process.pid) == process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    wards: dict[int, tuple[Process, float]] = {}
    for line in sys.stdin:
        match line.split():
            case ["+", pid, started, grace]:
                wards[int(pid)] = (Process(int(pid), int(started)), float(grace))
            case ["-", pid]:
                wards.pop(int(pid), None)
    for leader, grace_seconds in reversed(wards.values()):
        stop_family(leader, grace_seconds)


if __name__ == "__main__":
    main()
