"""The servers that this process started: each in a session of its own, stopped in reverse order, none outliving us."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog

from hemeroteca.home import PRIVATE_UMASK
from hemeroteca.services import keeper
from hemeroteca.services.server_logs import LOG_BYTES, cut_log
from storage.files import PRIVATE_FOLDER
from storage.model.errors import ServiceError

log = structlog.get_logger()

_TAIL_BYTES = 2000


class Child(NamedTuple):
    """One server: which process it is, and where its output goes."""

    name: str
    process: keeper.Process
    log_file: Path


class Children:
    """A context whose end stops every server started in it, last started first."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._lock = Lock()
        self._numbers = itertools.count()
        # Run by its path: importing our packages would make it heavy.
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            umask=PRIVATE_UMASK,  # which every server inherits
        )

    def start(
        self, name: str, command: list[str], env: Mapping[str, str], log_file: Path, grace_seconds: float
    ) -> Child:
        """Start a server, its output appended to *log_file*, its working directory that of the log.

        Raises ServiceError when there is no such program.
        """
        log_file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        cut_log(log_file, LOG_BYTES)
        request = {"start": command, "env": dict(env), "log": str(log_file), "grace": grace_seconds}
        answer = self._request(request)
        if "error" in answer:
            raise ServiceError(f"{name} does not start: {answer['error']}")
        child = Child(name, keeper.Process(**answer), log_file)
        self._children.append(child)
        log.info("server started", server=name, pid=child.process.pid)
        return child

    def ask_to_stop(self, child: Child) -> None:
        """Ask a server to stop, and do not wait for it."""
        self._request({"ask": child.process.pid})

    def stop(self, child: Child) -> bool:
        """Stop one server with all its descendants; say whether it ended with status 0 and nothing had to be killed."""
        self._children.remove(child)
        answer = self._request({"stop": child.process.pid})
        log.info("server stopped", server=child.name, pid=child.process.pid, status=answer["status"])
        return bool(answer["well"]) and answer["status"] == 0

    def read_status(self, child: Child) -> int | None:
        """Return how a server ended; None while it runs."""
        status: int | None = self._request({"poll": child.process.pid})["status"]
        return status

    def check(self) -> None:
        """Raise ServiceError, with the end of its log, when a server has ended by itself."""
        for child in self._children:
            status = self.read_status(child)
            if status is not None and status < 0:  # its log cannot say so
                raise ServiceError(f"{child.name} was killed by {_signal_name(-status)}; see {child.log_file}")
            if status is not None:
                tail = child.log_file.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip()
                raise ServiceError(f"{child.name} ended with status {status}; see {child.log_file}\n{tail}")

    @property
    def last(self) -> Child:
        """The server that was started last."""
        return self._children[-1]

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._keeper.stdin and self._keeper.stdout
        number = next(self._numbers)
        with self._lock:
            try:
                self._keeper.stdin.write(json.dumps(request | {"id": number}) + "\n")
                self._keeper.stdin.flush()
                answer: dict[str, Any] = json.loads(self._keeper.stdout.readline())
                while answer.pop("id") != number:  # the answer to a request that a signal interrupted
                    answer = json.loads(self._keeper.stdout.readline())
            except (OSError, ValueError) as error:
                raise ServiceError("the process that keeps our servers was killed, and the servers with it") from error
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._children:
                self.stop(self._children[-1])
        finally:
            self._keeper.communicate()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
