"""What the kernel knows about our servers: which are alive, and where they listen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hemeroteca.services.keeper import Process, read_family, read_process

LISTENING = "0A"
LOOPBACK = "0100007F"
"""127.0.0.1 as /proc/net/tcp writes it."""


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


def command_line(process: Process) -> bytes:
    """Return the command line of *process*; nothing when it has ended."""
    return _told(process, "cmdline")


def works_in(home: Path, process: Process) -> bool:
    """Say whether *process* belongs to *home*: other tests' servers may live in this process's family."""
    if str(home).encode() in _told(process, "environ"):
        return True
    try:
        return Path(f"/proc/{process.pid}/cwd").readlink().is_relative_to(home)
    except (FileNotFoundError, ProcessLookupError):
        return False


def _told(process: Process, name: str) -> bytes:
    try:
        return Path(f"/proc/{process.pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _open_files(pid: int) -> list[str]:
    try:
        entries = list(Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return []
    return [link for entry in entries if (link := _link_of(entry))]


def _link_of(entry: Path) -> str | None:
    try:
        return str(entry.readlink())
    except (FileNotFoundError, ProcessLookupError):  # it was closed meanwhile
        return None
