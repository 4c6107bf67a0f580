"""What the kernel knows of our servers: which live, and where they listen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from hemeroteca.services.keeper import Process, read_family, read_process

LISTENING = "0A"
LOOPBACK = "0100007F"
"""127.0.0.1 as /proc/net/tcp writes it."""


def wait_for(ready: Callable[[], object], seconds: float = 30.0) -> None:
    """Return when *ready* gives something true; AssertionError when it never does."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def family_of(pid: int) -> set[Process]:
    """Return the process with *pid* and all that descend from it."""
    process = read_process(pid)
    assert process is not None
    return read_family([process])


def living(processes: Iterable[Process]) -> set[Process]:
    return {process for process in processes if read_process(process.pid) == process}


def listeners(processes: Iterable[Process]) -> set[str]:
    """Return the addresses (hex) that any of *processes* listens on."""
    inodes = {link for process in processes for link in _open_files(process.pid)}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return {row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in inodes}


def _open_files(pid: int) -> list[str]:
    try:
        return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return []
