"""The spool: where the attempts of a crawl are kept until the bucket has them.

    {spool}/{crawl_id}/{nonce}/lock     flock of whoever works on this attempt
    {spool}/{crawl_id}/{nonce}/…        what the attempt wrote (spiders.job says what)
    {spool}/.removed-…/                 an attempt that is being removed, or was when its process died

Only the holder of an attempt's lock touches it; a process that dies gives its locks back.
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from storage.files import FileLock
from storage.model.errors import StorageError, disk_error

_REMOVED = ".removed-"
STORED_SUFFIX = ".stored.json"
"""``{file}.stored.json`` in an attempt: the bucket has *file* on its disk, so the holder of the lock may remove it."""


def create_attempt(spool: Path, crawl_id: str, nonce: str) -> Path:
    """Make the directory of a new attempt and return it. Raises StorageError if that fails or it exists already."""
    directory = spool / crawl_id / nonce
    try:
        try:
            directory.mkdir(parents=True)
        except FileNotFoundError:  # the crawl's folder was just removed, for its last attempt was
            directory.mkdir(parents=True)
    except OSError as error:
        raise disk_error(f"{directory}: attempt not begun", error) from error
    return directory


def remove_attempt(directory: Path) -> None:
    """Remove an attempt, and its crawl's folder after the last one. For the holder of its lock alone.

    It is moved aside first: nobody ever finds half of it. Raises StorageError.
    """
    crawl, spool = directory.parent, directory.parent.parent
    try:
        directory.rename(spool / f"{_REMOVED}{crawl.name}-{directory.name}-{secrets.token_hex(4)}")
    except OSError as error:
        raise disk_error(f"{directory}: not removed", error) from error
    sweep_spool(spool)


def sweep_spool(spool: Path) -> None:
    """Remove the attempts that were moved aside, also by processes that died since, and folders without any."""
    for path in spool.glob(f"{_REMOVED}*"):
        shutil.rmtree(path, ignore_errors=True)  # another process may be at it too
    for crawl_id in list_crawls(spool):
        with suppress(OSError):  # it is not empty, or not there
            (spool / crawl_id).rmdir()


def list_crawls(spool: Path) -> list[str]:
    """Return the ids of the crawls that have something in the spool, sorted."""
    return [name for name in _list_folders(spool) if not name.startswith(_REMOVED)]


def list_attempts(spool: Path, crawl_id: str) -> list[Path]:
    """Return the directories of a crawl's attempts, sorted by nonce."""
    return [spool / crawl_id / nonce for nonce in _list_folders(spool / crawl_id)]


def _list_folders(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []


def list_warcs(directory: Path) -> list[Path]:
    """Return the closed WARC files of an attempt, sorted; those that the bucket has may no longer be there."""
    there = {path.name for path in directory.glob("*.warc.gz")}
    stored = {path.name.removesuffix(STORED_SUFFIX) for path in directory.glob(f"*.warc.gz{STORED_SUFFIX}")}
    return [directory / name for name in sorted(there | stored)]


def is_stored(path: Path) -> bool:
    """Say whether the bucket has the WARC file that is or was at *path*."""
    return path.with_name(path.name + STORED_SUFFIX).exists()


def drop_stored(directory: Path) -> None:
    """Remove the WARC files of an attempt that the bucket has. For the holder of its lock alone."""
    for path in directory.glob("*.warc.gz"):
        if is_stored(path):
            path.unlink()


def attempt_lock(directory: Path) -> FileLock:
    """Return the lock of the attempt in *directory*, not yet held."""
    return FileLock(directory / "lock")


def find_waiting(spool: Path) -> dict[str, int]:
    """Return by crawl id how many bytes of WARC files wait for the bucket, of attempts that nobody works on."""
    sizes = {crawl_id: sum(map(_measure_waiting, list_attempts(spool, crawl_id))) for crawl_id in list_crawls(spool)}
    return {crawl_id: size for crawl_id, size in sizes.items() if size}


def _measure_waiting(directory: Path) -> int:
    lock = attempt_lock(directory)
    try:
        if not lock.acquire():
            return 0
        files = [path for path in directory.glob("*.warc.gz*") if not path.name.endswith(STORED_SUFFIX)]
        return sum(path.stat().st_size for path in files if not is_stored(path))
    except (OSError, StorageError):  # it is being removed
        return 0
    finally:
        lock.release()
