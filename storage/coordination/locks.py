"""Named locks that are released when their process ends: flock on one machine, advisory locks in PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, func, select

from storage.database import translate_errors
from storage.files import PRIVATE_FOLDER, FileLock
from storage.model.errors import StorageError


@contextmanager
def file_lock(folder: Path, name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock *name* of *folder*: wait for it as long as it takes, or without *wait* say whether it is held.

    Its file is removed at the end.
    """
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"lock {name}: {error}") from error
    lock = FileLock(folder / quote(name, safe=" "))
    is_held = lock.acquire(None if wait else 0)
    try:
        yield is_held
    finally:
        if is_held:
            lock.remove()


def sweep_locks(folder: Path) -> None:
    """Remove the files of locks whose holders were killed."""
    for path in folder.glob("*"):
        lock = FileLock(path)
        if lock.acquire():
            lock.remove()


@contextmanager
def advisory_lock(engine: Engine, name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock *name* of the PostgreSQL database, as ``file_lock`` does.

    Raises StorageError at the end when the connection, and so the lock, was lost meanwhile.
    """
    number = int.from_bytes(hashlib.sha256(f"hemeroteca\n{name}".encode()).digest()[:8], signed=True)
    with translate_errors(engine), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if wait:
            connection.execute(select(func.pg_advisory_lock(number)))
        elif not connection.scalar(select(func.pg_try_advisory_lock(number))):
            yield False
            return
        try:
            yield True
        finally:
            held = connection.scalar(select(func.pg_advisory_unlock(number)))
        if not held:
            raise StorageError(f"lock {name}: was lost while held")
