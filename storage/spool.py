"""The spool: where the attempts of a crawl lie until the bucket has them.

    {spool}/{crawl_id}/{nonce}/lock     flock of whoever works on this attempt
    {spool}/{crawl_id}/{nonce}/…        what the attempt wrote (spiders.job says what)

Nobody touches an attempt whose lock they do not hold; a killed process gives its locks back by dying.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from storage.model.errors import StorageError, disk_error

STORED_SUFFIX = ".stored.json"
"""``{file}.stored.json`` in an attempt: the bucket has *file* durably, who holds the attempt's lock may remove it."""

_POLL_SECONDS = 0.05


def create_attempt(spool: Path, crawl_id: str, nonce: str) -> Path:
    """Make the directory of a new attempt and return it. Raises StorageError when it cannot, or is there already."""
    directory = spool / crawl_id / nonce
    try:
        directory.mkdir(parents=True)
    except OSError as error:
        raise disk_error(f"{directory}: attempt not begun", error) from error
    return directory


def list_crawls(spool: Path) -> list[str]:
    """Return the ids of the crawls that have something in the spool, sorted."""
    return _directories(spool)


def list_attempts(spool: Path, crawl_id: str) -> list[Path]:
    """Return the directories of a crawl's attempts, sorted by nonce."""
    return [spool / crawl_id / nonce for nonce in _directories(spool / crawl_id)]


def _directories(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []


def list_warcs(directory: Path) -> list[Path]:
    """Return the closed WARC files of an attempt, sorted; those that the bucket has may be gone from here."""
    there = {path.name for path in directory.glob("*.warc.gz")}
    stored = {path.name.removesuffix(STORED_SUFFIX) for path in directory.glob(f"*.warc.gz{STORED_SUFFIX}")}
    return [directory / name for name in sorted(there | stored)]


def is_stored(path: Path) -> bool:
    """Say whether the bucket has the WARC file that is or was at *path*."""
    return path.with_name(path.name + STORED_SUFFIX).exists()


def drop_stored(directory: Path) -> None:
    """Remove the WARC files of an attempt that the bucket has. For who holds its lock."""
    for path in directory.glob("*.warc.gz"):
        if is_stored(path):
            path.unlink()


class AttemptLock:
    """The exclusive lock of the attempt in *directory*, across processes; not handed to children on exec."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def acquire(self, timeout: float = 0.0) -> bool:
        """Wait up to *timeout* seconds for the lock; say whether it is held now.

        Raises StorageError when the attempt is gone: its last holder finished and removed it.
        """
        deadline = time.monotonic() + timeout
        while not self.held:
            if self._try():
                break
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))
        return True

    def _try(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StorageError(f"{self._path}: no such attempt: {error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # a lock on a file that was removed while we opened it keeps nobody out
            if os.fstat(descriptor).st_nlink:
                self._descriptor = descriptor
        except BlockingIOError:
            pass
        finally:
            if self._descriptor is None:
                os.close(descriptor)
        return self.held

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        if not self.acquire():
            raise StorageError(f"{self._path}: held by another process")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def process_started(pid: int) -> int | None:
    """Return when process *pid* started, in clock ticks since boot (field 22 of /proc/PID/stat); None when it is gone.

    With the pid it names one process, however often the number is used again. A zombie counts as gone.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the command name before it may hold spaces and parentheses
    return None if fields[0] in "ZX" else int(fields[19])


def write_json_atomically(path: Path, record: BaseModel) -> None:
    """Write *record* to *path*: whoever reads it sees all of it or what was there before. Raises StorageError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w") as file:
            file.write(record.model_dump_json(by_alias=True))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise disk_error(f"{path}: not written", error) from error
