"""The servers this process started: each in a session of its own, none outliving us, stopped in reverse order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from hemeroteca.services import guard
from storage.model.errors import ServiceError

log = structlog.get_logger()

_LIBC = ctypes.CDLL(None)  # loaded before the fork: in the child only the call is made
_PR_SET_PDEATHSIG = 1
_TAIL_BYTES = 2000
_LOG_BYTES = 20_000_000


class Child:
    """One server: its process, and where its output goes."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log_file: Path, grace_seconds: float) -> None:
        self.name = name
        self.popen = popen
        self.log_file = log_file
        self.grace_seconds = grace_seconds
        self.process = guard.read_process(popen.pid) or guard.Process(popen.pid, 0)

    def check(self) -> None:
        """Raise ServiceError, with the end of its log, when the server has ended by itself."""
        status = self.popen.poll()
        if status is not None:
            tail = self.log_file.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip()
            raise ServiceError(f"{self.name} ended with status {status}; see {self.log_file}\n{tail}")

    def ask(self) -> None:
        """Ask the server to stop, and do not wait for it."""
        if self.popen.poll() is None:
            self.popen.terminate()

    def stop(self) -> bool:
        """Stop the server and all its descendants; say whether it ended well by itself."""
        in_time = guard.stop_family(self.process, self.grace_seconds, self.popen.poll)
        return in_time and self.popen.wait() == 0


class Children:
    """A context whose end stops every server started in it, last started first."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        # Run by its path: importing our packages would make the guard heavy.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )

    def start(
        self, name: str, command: list[str], env: Mapping[str, str], log_file: Path, grace_seconds: float
    ) -> Child:
        """Start a server, its output appended to *log_file*, its working directory that of the log.

        Must be called in the main thread: the kernel ends a server with the *thread* that started it.
        """
        _make_room(log_file)
        parent = os.getpid()
        with log_file.open("ab") as output:
            popen = subprocess.Popen(
                command,
                env=dict(env),
                cwd=log_file.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )
        child = Child(name, popen, log_file, grace_seconds)
        self._children.append(child)
        self._tell(f"+ {popen.pid} {child.process.started} {grace_seconds}")
        log.info("server started", server=name, pid=popen.pid)
        return child

    def stop(self, child: Child) -> bool:
        """Stop one server now; say whether it ended well by itself."""
        well = child.stop()
        self._children.remove(child)
        self._tell(f"- {child.popen.pid}")
        log.info("server stopped", server=child.name, pid=child.popen.pid, status=child.popen.returncode)
        return well

    def check(self) -> None:
        """Raise ServiceError when a server has ended by itself."""
        for child in self._children:
            child.check()

    def _tell(self, line: str) -> None:
        assert self._guard.stdin is not None
        try:
            self._guard.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            log.warning("guard is gone", pid=self._guard.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._children:
            self.stop(self._children[-1])
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()


def _make_room(log_file: Path) -> None:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > _LOG_BYTES:
        log_file.replace(log_file.with_name(f"{log_file.name}.old"))


def _die_with(parent: int) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel knew
        os._exit(1)
