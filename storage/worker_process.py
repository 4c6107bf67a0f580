"""A worker process: it parses untrusted data, one piece at a time, within limits, and is killed if it does not answer.

Both sides are here: the process as its owner has it, and what the process does itself (``begin_work``). They talk in
frames on pipes:

4 bytes length of the head, 4 bytes length of the body (big endian) | head | body
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from storage.model.errors import ServiceError

START_SECONDS = 60.0
MAX_PART_BYTES = 128 * 1024 * 1024

_LENGTHS = struct.Struct(">II")
_ROOT = Path(__file__).resolve().parents[1]
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_PR_SET_PDEATHSIG = 1


class WorkerLostError(Exception):
    """The worker was killed, or died: start another.

    ``reason`` is ``timeout`` (by the clock, or its CPU's) or ``worker_died``; who asks may have others.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Frame(NamedTuple):
    """One message: a head, which says what the body is."""

    head: bytes
    body: bytes = b""


class WorkerProcess:
    """A process that runs *command*, a module with its arguments, in a session of its own and without our secrets.

    The kernel kills it when the thread that started it ends. Raises ServiceError when it does not start.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        module, *arguments = command
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(os.getpid()), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_choose_environment(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceError(f"{module}: does not start: {error}") from error
        self._stdin, self._stdout = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        try:
            self._exchange(None, START_SECONDS)
        except WorkerLostError as error:
            raise ServiceError(f"{module}: does not start: {error}; its stderr says why") from error

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, frame: Frame, seconds: float) -> bytes:
        """Return the head of its reply. Raises WorkerLostError when there is none within so many *seconds*."""
        return self._exchange(frame, seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        for stream in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                stream.close()

    def _exchange(self, frame: Frame | None, seconds: float) -> bytes:
        expired = threading.Event()
        timer = threading.Timer(seconds, self._expire, (expired,))
        timer.daemon = True
        timer.start()
        try:
            if frame is not None:
                write_frame(self._stdin, frame)
            return read_frame(self._stdout).head
        except (OSError, EOFError, ValueError) as error:
            self.kill()
            if expired.is_set():
                raise WorkerLostError("timeout", f"{seconds:g} s") from None
            if self._process.returncode == -signal.SIGXCPU:
                raise WorkerLostError("timeout", "its CPU time") from None
            detail = f"status {self._process.returncode} {error}".strip()
            raise WorkerLostError("worker_died", detail) from None
        finally:
            timer.cancel()
            if not self.alive:
                self.close()

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        self._process.kill()


def begin_work(memory_bytes: int) -> BinaryIO:
    """Make this process a worker of its parent, with so much memory; return the stream for its replies.

    The first one says that it is ready. What a library prints goes to stderr.
    """
    _die_with(int(sys.argv[1]))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    return replies


def limit_cpu(seconds: float) -> None:
    """Have the kernel kill this process once it has used so many *seconds* more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds + 0.999), most))


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    stream.write(_LENGTHS.pack(len(frame.head), len(frame.body)))
    stream.write(frame.head)
    stream.write(frame.body)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame:
    """Return the next frame. Raises EOFError when the stream ends before it does, ValueError for one too large."""
    head, body = _LENGTHS.unpack(_read_exactly(stream, _LENGTHS.size))
    if max(head, body) > MAX_PART_BYTES:
        raise ValueError(f"a frame of {head} and {body} bytes")
    return Frame(_read_exactly(stream, head), _read_exactly(stream, body))


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _choose_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of *environment* a worker needs, with settings that make its output the same everywhere."""
    kept = {name: environment[name] for name in _INHERITED if name in environment}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0", "TZ": "UTC", "PYTHONUTF8": "1"}


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends; exit if that is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
