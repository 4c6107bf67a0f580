"""The keeper: a small process that starts a supervisor's servers, and stops them all when the supervisor is gone.

It runs as a script with the standard library alone (``python -I``), so that it stays small; that is why it reads /proc
itself, which storage.files does for everybody else. It is the parent of the servers and inherits whatever they leave
behind (it is their *subreaper*), so that nothing escapes it, however the supervisor died. It reads requests and writes
answers, a line of JSON each, an answer with the ``id`` of its request:

    {"start": [COMMAND…], "env": {…}, "log": PATH, "grace": SECONDS}   {"pid": …, "started": …} or {"error": …}
    {"poll": PID}                                                       {"status": null or the exit status}
    {"ask": PID}     SIGTERM, not waited for                            {}
    {"stop": PID}                                                       {"well": ended by itself in time, "status": …}
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

SOFT_SECONDS = 3.0
"""How long a server may stop what it started by itself before each of its processes is asked."""
_POLL_SECONDS = 0.05
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None)  # loaded before any fork: in the child only the call is made


class Process(NamedTuple):
    """One process, and no later one with the same pid: *started* is in clock ticks since boot."""

    pid: int
    started: int


class _Entry(NamedTuple):
    process: Process
    parent: int
    session: int


def read_process(pid: int) -> Process | None:
    """Return the process that has *pid* now; None when there is none. A zombie counts as gone."""
    entry = _read_entry(pid)
    return entry.process if entry else None


def _read_entry(pid: int) -> _Entry | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything; what follows begins with field 3: state, 4: parent, 6: session,
    # 20: threads, 22: start. A zombie whose other threads still end is not gone.
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[0] == b"X" or (fields[0] == b"Z" and int(fields[17]) <= 1):
        return None
    return _Entry(Process(pid, int(fields[19])), int(fields[1]), int(fields[3]))


def read_family(members: Iterable[Process]) -> set[Process]:
    """Return those of *members* that live, their descendants, and all processes in sessions that one of them leads."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    entries = [entry for pid in pids if (entry := _read_entry(pid))]
    family = {entry.process for entry in entries} & set(members)
    found = -1
    while found != len(family):
        found = len(family)
        pids_of_family = {process.pid for process in family}
        family |= {e.process for e in entries if e.parent in pids_of_family or e.session in pids_of_family}
    return family


def stop_family(
    leader: Process, grace_seconds: float, strays: Iterable[Process] = (), reap: Callable[[], None] = lambda: None
) -> bool:
    """Ask *leader* to stop, then its family and *strays*, then kill what is left; say whether nothing had to be killed.

    *reap* is called while waiting: a parent must collect its dead.
    """
    family = read_family({leader, *strays})  # while the parents that hold it together still live
    _send(family & {leader}, signal.SIGTERM)
    begun, asked, killed = time.monotonic(), False, False
    while family := read_family(family) - {_OURSELVES}:
        waited = time.monotonic() - begun
        if waited > grace_seconds:
            _send(family, signal.SIGKILL)
            killed = True
        elif waited > SOFT_SECONDS and not asked:
            _send(family, signal.SIGTERM)
            asked = True
        time.sleep(_POLL_SECONDS)
        reap()
    return not killed


def _send(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if read_process(process.pid) == process:
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)


class Keeper:
    """The servers by pid, in the order in which they were started, and the exit statuses of those that have ended."""

    def __init__(self) -> None:
        self._servers: dict[int, tuple[Process, float]] = {}
        self._statuses: dict[int, int] = {}
        self._popens: list[subprocess.Popen[bytes]] = []
        self.serves = True

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self._reap()
        match request:
            case {"start": command, "env": env, "log": log, "grace": grace}:
                return self._start(command, env, Path(log), grace)
            case {"poll": pid}:
                return {"status": self._statuses.get(pid)}
            case {"ask": pid}:
                _send([self._servers[pid][0]], signal.SIGTERM)
                return {}
            case {"stop": pid}:
                return {"well": self._stop(pid), "status": self._statuses.get(pid)}
        raise ValueError(request)

    def stop_all(self) -> None:
        """Stop every server, last started first."""
        while self._servers:
            self._stop(next(reversed(self._servers)))

    def _start(self, command: list[str], env: dict[str, str], log: Path, grace: float) -> dict[str, Any]:
        try:
            with log.open("ab") as output:
                popen = subprocess.Popen(
                    command, env=env, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_keeper,
                )  # fmt: skip
        except OSError as error:
            return {"error": str(error)}
        self._popens.append(popen)  # kept, so that none waits for it: _reap collects every child
        process = read_process(popen.pid) or Process(popen.pid, 0)
        self._servers[popen.pid] = (process, grace)
        return process._asdict()

    def _stop(self, pid: int) -> bool:
        leader, grace = self._servers[pid]
        # What a server's dead children left behind has become ours; it goes with the first server that is stopped.
        servers = {process for process, _ in self._servers.values()}
        strays = {process for process in read_family({_OURSELVES}) if _parent(process) == _OURSELVES.pid} - servers
        well = stop_family(leader, grace, strays, self._reap)
        self._reap()
        del self._servers[pid]
        return well

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._statuses[found[0]] = os.waitstatus_to_exitcode(found[1])


def _parent(process: Process) -> int | None:
    entry = _read_entry(process.pid)
    return entry.parent if entry and entry.process == process else None


def _die_with_keeper() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != _OURSELVES.pid:  # it died before the kernel knew
        os._exit(1)


def _serve(keeper: Keeper) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(keeper.answer(request) | {"id": request["id"]}), flush=True)


def main() -> None:
    """Serve requests until the supervisor is gone, which closes our standard input; then stop all."""
    supervisor, keeper = os.getppid(), Keeper()

    def look(number: int, frame: FrameType | None) -> None:
        # A fork of the supervisor may hold our input open longer than the supervisor lives.
        if keeper.serves and os.getppid() != supervisor:
            raise EOFError

    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, look)
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    with suppress(EOFError, BrokenPipeError):
        _serve(keeper)
        keeper.serves = False  # the signal may come after the end of our input; from here on it would stop the stopping
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    keeper.stop_all()


_OURSELVES = read_process(os.getpid()) or Process(os.getpid(), 0)

if __name__ == "__main__":
    main()
