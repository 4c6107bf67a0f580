"""Files shared by several processes: locks, atomic replacements, and syncing to disk.

Whoever dies gives its locks back and leaves no half-written file under the name that others read.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from storage.model.errors import StorageError, disk_error

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_POLL_SECONDS = 0.05
_FS_IOC_GETFLAGS, _FS_IOC_SETFLAGS, _FS_SYNC_FL = 0x80086601, 0x40086602, 0x00000008
T = TypeVar("T")


class FileLock:
    """An flock on *path*: exclusive, or shared with others who take it so. Its folder must exist.

    Processes that this one starts do not inherit it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, timeout_seconds: float | None = 0.0, *, shared: bool = False) -> bool:
        """Wait up to *timeout_seconds* (None: for ever) and say whether the lock is held now.

        Who holds it may ask again, to change from shared to exclusive or back; when that fails it is held no longer.
        Raises StorageError when there is no such folder.
        """
        wanted = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if timeout_seconds is None:
            while not self._take(wanted):
                pass
            return True
        deadline = time.monotonic() + timeout_seconds
        while not self._take(wanted | fcntl.LOCK_NB):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))
        return True

    def _take(self, operation: int) -> bool:
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, operation)
        except BlockingIOError:
            self.release()
            return False
        if self._is_at_path(descriptor):
            return True
        self.release()  # the file was removed or moved while we waited: a lock on it keeps nobody out
        return False

    def _is_at_path(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.lstat())
        except FileNotFoundError:
            return False

    def _open(self) -> int:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
            except OSError as error:
                raise StorageError(f"{self._path}: cannot be locked: {error}") from error
        return self._descriptor

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # a forked child may keep the file open: closing is not enough
            os.close(self._descriptor)
            self._descriptor = None

    def remove(self) -> None:
        """Remove the file of this lock, which must be held exclusively, and give the lock back.

        Who waits for it notices, and makes a new file.
        """
        self._path.unlink(missing_ok=True)
        self.release()

    def __enter__(self) -> Self:
        self.acquire(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Process(NamedTuple):
    """One process and no later one with the same pid: *started* is field 22 of /proc/PID/stat (ticks since boot)."""

    pid: int
    started: int


def read_process(pid: int) -> Process | None:
    """Return the process that has *pid* now; None when there is none. A zombie counts as gone.

    (``hemeroteca.services.keeper`` reads /proc itself: it runs without our packages.)
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()  # the name in parentheses may hold anything
    threads = int(fields[17])
    if fields[0] == b"X" or (fields[0] == b"Z" and threads <= 1):  # with other threads it still ends
        return None
    return Process(pid, int(fields[19]))


@contextmanager
def open_replacement(path: Path, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """Give a file that takes the place of *path* at the end of the block, synced; without that end it is removed.

    Raises OSError.
    """
    with _draft(path, mode) as (file, draft):
        yield file
        _sync_file(file)
        draft.replace(path)
    sync_path(path.parent)


def replace_whole(path: Path, content: str | bytes, mode: int = PRIVATE_FILE) -> None:
    """Write *content* to *path*, synced: who reads it sees all of it or what was there before. Raises StorageError."""
    try:
        with open_replacement(path, mode) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise disk_error(f"{path}: not written", error) from error


def create_whole(path: Path, content: str, mode: int = PRIVATE_FILE) -> None:
    """Write the new file *path* as ``replace_whole`` does. Raises FileExistsError when it is there."""
    try:
        with _draft(path, mode) as (file, draft):
            file.write(content.encode())
            _sync_file(file)
            os.link(draft, path)
            draft.unlink()
        sync_path(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise disk_error(f"{path}: not written", error) from error


@contextmanager
def _draft(path: Path, mode: int) -> Iterator[tuple[BinaryIO, Path]]:
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE), "wb")
    try:
        os.fchmod(file.fileno(), mode)  # whatever the umask is
        yield file, draft
        file.close()
    except BaseException:
        draft.unlink(missing_ok=True)
        with suppress(OSError):  # a full disk says so a second time
            file.close()
        raise


def _sync_file(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def read_json(path: Path, kind: type[T]) -> T | None:
    """Return the *kind* that the JSON file *path* holds; None when it is not there, or is torn."""
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def sync_path(path: Path) -> None:
    """Return when the disk has the file or folder *path*."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_filesystem(folder: Path) -> None:
    """Return when the disk has all that any process wrote to the file system of *folder*. Raises StorageError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            raise StorageError(f"{folder}: not synced: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)


def write_through(folder: Path) -> bool:
    """Have every write to files that are made in *folder* go to the disk at once; False where no file system does that.

    It is ``chattr +S``, which ext4 has and tmpfs, overlay, ZFS and NFS refuse.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _set_flags(descriptor, _read_flags(descriptor) | _FS_SYNC_FL)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return is_written_through(folder)


def is_written_through(folder: Path) -> bool:
    """Say whether ``write_through`` holds for *folder*."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(_read_flags(descriptor) & _FS_SYNC_FL)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _read_flags(descriptor: int) -> int:
    flags: int = struct.unpack("L", fcntl.ioctl(descriptor, _FS_IOC_GETFLAGS, struct.pack("L", 0)))[0]
    return flags


def _set_flags(descriptor: int, flags: int) -> None:
    fcntl.ioctl(descriptor, _FS_IOC_SETFLAGS, struct.pack("L", flags))
