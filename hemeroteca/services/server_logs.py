"""The logs of our servers, cut at their beginning while the servers keep writing: no line is lost, no server restarted.

{log}        what a server writes, through a descriptor that appends
{log}.old    what was cut from it last
{log}.lock   while it is cut

A server keeps its log open for as long as it lives, so the file cannot be replaced; and what it writes between a copy
and a truncation would be lost. So the beginning is copied, and then taken out of the file: the end, to which the server
writes, stays as it is. Where the file system cannot do that (ext4 and XFS can), the disk gets the room back all the
same, and the log begins with a hole, which reads as zeros.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from hemeroteca.home import Home
from storage.files import FileLock, open_replacement
from storage.model.errors import disk_error

LOG_BYTES = 20_000_000
"""A log with more than this is cut when its server starts; while it runs, HEMEROTECA_LOG_BYTES says when."""

_KEEP_SIZE, _PUNCH_HOLE, _COLLAPSE_RANGE = 0x01, 0x02, 0x08
_FALLOCATE = ctypes.CDLL(None, use_errno=True).fallocate
_FALLOCATE.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


def list_logs(home: Home) -> list[Path]:
    """Return the logs of all servers of *home*."""
    return sorted(path for folder in (home.s3, home.airflow, home.demo) for path in folder.glob("*.log"))


class LogReader:
    """Reads what servers write to their logs from now on."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._read = {path: path.stat().st_size for path in list_logs(home)}

    def read_lines(self) -> Iterator[str]:
        """Yield the new lines of every log, each behind the name of its server."""
        for path in list_logs(self._home):
            begin = min(self._read.get(path, 0), path.stat().st_size)  # it may have been cut since
            with path.open("rb") as log:
                log.seek(begin)
                *lines, _unfinished = log.read().split(b"\n")
            self._read[path] = begin + sum(len(line) + 1 for line in lines)
            for line in lines:
                yield f"{path.stem}: {line.decode(errors='replace')}"


def measure_log(path: Path) -> int:
    """Return how many bytes a log has, without the hole at its beginning; 0 when it is gone."""
    try:
        with path.open("rb", buffering=0) as log:
            return os.fstat(log.fileno()).st_size - _find_begin(log.fileno())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise disk_error(f"{path}: cannot be read", error) from error


def cut_log(path: Path, most_bytes: int) -> int:
    """Move all but the last block of a log to ``{log}.old`` if it has more than *most_bytes*; return how many went.

    Nothing happens while another process does so. Raises StorageError.
    """
    if measure_log(path) <= most_bytes:
        return 0
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    if not lock.acquire():
        return 0
    try:
        return _cut(path, most_bytes)
    except OSError as error:
        raise disk_error(f"{path}: not cut", error) from error
    finally:
        lock.remove()


def _cut(path: Path, most_bytes: int) -> int:
    with path.open("r+b", buffering=0) as log:
        descriptor = log.fileno()
        size, begin = os.fstat(descriptor).st_size, _find_begin(descriptor)
        block = os.fstatvfs(descriptor).f_bsize
        end = (size - 1) // block * block
        if size - begin <= most_bytes or end <= begin:
            return 0
        with open_replacement(path.with_name(f"{path.name}.old")) as copy:
            at = begin
            while at < end:
                sent = os.sendfile(copy.fileno(), descriptor, at, end - at)
                if not sent:
                    raise OSError(errno.ESTALE, "became shorter while it was cut")
                at += sent
        _take_out(descriptor, end)
        return end - begin


def _take_out(descriptor: int, end: int) -> None:
    """Take the bytes before *end* out of a file, or at least off the disk. Raises OSError."""
    for mode in (_COLLAPSE_RANGE, _PUNCH_HOLE | _KEEP_SIZE):
        if _FALLOCATE(descriptor, mode, 0, end) == 0:
            return
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def _find_begin(descriptor: int) -> int:
    """Return where the data of a file begin: after its hole, if it has one."""
    try:
        return os.lseek(descriptor, 0, os.SEEK_DATA)
    except OSError:  # it is empty, or all hole
        return os.fstat(descriptor).st_size
