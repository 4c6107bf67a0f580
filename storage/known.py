"""What the archive holds of a source, read from that source's SQLite file by its next crawl.

A file, not the catalog, so that a crawl process needs no database of ours, and rows are found one by one, so
that a source of a million addresses costs no memory. ``storage.known_files`` writes it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from storage.files import FileLock
from storage.model.errors import DiskFullError, StorageError
from storage.model.night import Night
from storage.model.outcome import Distrust, Kind, more_distrust


class KnownCapture(NamedTuple):
    """The newest payload held of *url*: the response record that has it, its digests and validators.

    ``looks`` counts the crawls that fetched it, ``last_night`` is the last one's (ISO 8601), ``last_fetched`` when that
    was and ``purpose`` what it wanted there; ``distrust`` is the worst that any of them found of its validators, and
    ``distrusted`` the last night on which one found anything. Times are as ``write_moment`` writes them. No model,
    because a plan passes 100,000 of them on.
    """

    date: str
    url: str
    record_id: str
    target_uri: str
    payload_digest: str
    last_night: str
    purpose: Kind = "article"
    looks: int = 1
    body_digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    distrust: Distrust | None = None
    last_fetched: str | None = None
    distrusted: str | None = None


class KnownPending(NamedTuple):
    """A URL that was announced and not got (storage.pending): pending ``since`` a night, and ``due`` on one.

    It was asked for on ``asks`` nights, the last one ``last_asked``, or is put off for ``reason``, with an age that is
    counted from ``born``. ``held``: only its last look failed. ``listed_in`` is the document that announced it,
    ``for_since`` and ``for_until`` are the nights of the backfill that did.
    """

    url: str
    since: str
    due: str
    born: str
    asks: int = 0
    last_asked: str | None = None
    given_up: bool = False
    held: bool = False
    reason: str | None = None
    announced: str | None = None
    listed_in: str | None = None
    for_since: str | None = None
    for_until: str | None = None


class KnownPayload(NamedTuple):
    """A payload held of a source, wanted as *purpose*, and the first response record that has it."""

    payload_digest: str
    purpose: str
    record_id: str
    target_uri: str
    date: str


def write_moment(moment: datetime) -> str:
    """Return *moment* as the catalog has it in SQLite: UTC, ``YYYY-MM-DD HH:MM:SS.ffffff``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def read_moment(text: str) -> datetime:
    """Return what ``write_moment`` wrote, aware."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


_SHARED_BYTES = 64 * 1024
"""Room for the file in which SQLite notes who reads: without it opening fails, as for any fault of the disk."""
TARGET_URI = "coalesce(target_uri, url)"
"""In ``known`` the target is NULL where it is the URL, as it nearly always is."""
_CAPTURE = ", ".join(TARGET_URI if name == "target_uri" else name for name in KnownCapture._fields)
_PENDING = ", ".join(KnownPending._fields)
PAYLOADS_OF = {
    "known": f"SELECT payload_digest, purpose, record_id, {TARGET_URI}, date FROM known",
    "superseded": f"SELECT {', '.join(KnownPayload._fields)} FROM superseded",
}


FORGIVEN_AFTER = timedelta(days=30)
"""How long after their last lie validators are trusted again."""


class KnownMark(NamedTuple):
    """How far a file has what a catalog knows of its source: up to the manifest that was ``applied`` as that number."""

    catalog: str
    applied: int
    manifest_key: str | None


class KnownNews(NamedTuple):
    """What brings a file to *mark*: all that is known, or what changed since the mark that it has."""

    mark: KnownMark
    is_whole: bool
    captures: Iterator[KnownCapture]
    superseded: Iterator[KnownPayload]
    """Payloads that no URL has as its newest, by date; of what changed, also those that one has."""
    pending: Iterator[tuple[str, KnownPending | None]]
    """URLs with what is pending of them now."""


@contextmanager
def hold_known(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of the file at *path*, which is *shared* by those who open it. Its own file goes at the end."""
    lock = _lock_of(path)
    lock.acquire(None, shared=shared)
    try:
        yield
    finally:
        if lock.acquire():
            lock.remove()


def _lock_of(path: Path) -> FileLock:
    return FileLock(path.with_suffix(".lock"))


class Known:
    """The file at *path*, read only, as it was when it was opened. Without a path nothing is known.

    Threads may hand it on. Raises StorageError when it cannot be read; one that is damaged is removed, so that it is
    made again for the next try.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection = _open_state(path) if path else None
        self._filled = [table for table in ("known", "superseded", "pending") if self._has_rows(table)]

    def _has_rows(self, table: str) -> bool:
        """Say whether *table* is worth a query: a page makes five, and on a first night there is nothing to find."""
        return next(self._select(f"SELECT 1 FROM {table} LIMIT 1"), None) is not None

    def find(self, url: str) -> KnownCapture | None:
        rows = self._rows("WHERE url = ?", (url,))
        return next(rows, None)

    def find_payload(self, payload_digest: str, purpose: str) -> KnownPayload | None:
        """Return where this payload is held, of any URL that was ever fetched as *purpose*."""
        for table in (one for one in PAYLOADS_OF if one in self._filled):
            query = f"{PAYLOADS_OF[table]} WHERE payload_digest = ? AND purpose = ? ORDER BY date LIMIT 1"
            if row := next(self._select(query, (payload_digest, purpose)), None):
                return KnownPayload._make(row)
        return None

    def find_distrusted(self, night: Night) -> dict[Kind, Distrust]:
        """Return, by purpose, the worst that any URL of the source showed of its validators.

        What showed nothing for ``FORGIVEN_AFTER`` before *night* is trusted again.
        """
        query = "SELECT DISTINCT purpose, distrust FROM known WHERE distrust IS NOT NULL AND distrusted > ?"
        found: dict[Kind, Distrust] = {}
        for purpose, distrust in self._select(query, (str(night - FORGIVEN_AFTER),)):
            found[purpose] = more_distrust(distrust, found.get(purpose))
        return found

    def __iter__(self) -> Iterator[KnownCapture]:
        return self._rows("ORDER BY url", ())

    def find_due(self, night: Night, ladder: Sequence[int]) -> Iterator[KnownCapture]:
        """Yield the articles that are due to be looked at again on *night* without being announced, newest first.

        The k-th look again is *ladder*[k-1] nights after the one before. After the last rung an article comes back only
        when it is announced: a night's work must not grow with the archive.
        """
        latest = tuple(str(night - timedelta(days=nights)) for nights in ladder)
        rungs = range(1, len(ladder) + 1)
        fits = " OR ".join(f"(purpose = 'article' AND looks = {looks} AND last_night <= ?)" for looks in rungs)
        if "pending" not in self._filled:
            return self._rows(f"WHERE {fits} ORDER BY date DESC, url", latest)
        failed = "SELECT url FROM pending WHERE held AND NOT given_up AND due <= ?"
        query = (
            f"SELECT {_CAPTURE} FROM known WHERE url IN ({failed}) UNION ALL SELECT {_CAPTURE} FROM known"
            f" WHERE ({fits}) AND url NOT IN (SELECT url FROM pending WHERE held) ORDER BY date DESC, url"
        )
        return map(KnownCapture._make, self._select(query, (str(night), *latest)))

    def find_pending(self, url: str) -> KnownPending | None:
        """Return what is pending of *url*, or was given up."""
        return next(self._pending("url = ?", (url,)), None)

    def find_pending_due(
        self, night: Night, oldest: Night | None, most: int, for_nights: tuple[Night, Night] | None = None
    ) -> Iterator[KnownPending]:
        """Yield up to *most* pending URLs due on *night*: the never asked for first, then what waits longest.

        What was never asked for and was born before *oldest* is not: see ``find_expired``. Of *for_nights* only what
        a backfill of one of them left.
        """
        of_nights = "AND for_until >= ? AND for_since <= ?" if for_nights else ""
        clause = f"due <= ? AND (asks > 0 OR born >= ?) {of_nights} AND NOT held AND NOT given_up"
        order = "ORDER BY asks > 0, since, url LIMIT ?"
        return self._pending(f"{clause} {order}", (str(night), str(oldest or ""), *map(str, for_nights or ()), most))

    def find_expired(self, oldest: Night, most: int) -> Iterator[KnownPending]:
        """Yield up to *most* URLs that were never asked for and were born before *oldest*."""
        clause = "asks = 0 AND born < ? AND NOT held AND NOT given_up ORDER BY born, url LIMIT ?"
        return self._pending(clause, (str(oldest), most))

    def count_pending(self) -> int:
        """Return how many URLs are asked for again, now or later."""
        found = self._select("SELECT count(*) FROM pending WHERE NOT held AND NOT given_up")
        return int(next(found, (0,))[0])

    def has_pending_of(self, document: str) -> bool:
        """Say whether a URL is pending that *document* announced."""
        return any(True for _ in self._pending("listed_in = ? AND NOT held AND NOT given_up LIMIT 1", (document,)))

    def _pending(self, clause: str, values: tuple[str | int, ...]) -> Iterator[KnownPending]:
        if "pending" not in self._filled:
            return iter(())
        return map(KnownPending._make, self._select(f"SELECT {_PENDING} FROM pending WHERE {clause}", values))

    def _rows(self, clause: str, values: tuple[str, ...]) -> Iterator[KnownCapture]:
        if "known" not in self._filled:
            return iter(())
        return map(KnownCapture._make, self._select(f"SELECT {_CAPTURE} FROM known {clause}", values))

    def _select(self, query: str, values: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if self._connection is None or self._path is None:
            return
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise known_error(self._path, error) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _open_state(path: Path) -> sqlite3.Connection:
    """Open the file at *path* and begin to read: what is written from then on is not seen, and no look-up locks it."""
    connection = None
    try:
        with hold_known(path, shared=True):
            connection = open_known_file(path)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM known LIMIT 1").fetchone()
    except sqlite3.Error as error:
        if connection:
            connection.close()
        raise known_error(path, error) from error
    return connection


def open_known_file(path: Path) -> sqlite3.Connection:
    """Open the database at *path*, which must be there. Its lock is held."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)


def known_error(path: Path, error: sqlite3.Error) -> StorageError:
    """Return what *error* of the file at *path* becomes. A damaged one is removed, unless somebody changes it now."""
    if is_damaged(error) and (lock := _lock_of(path)).acquire():
        remove_known(path)
        lock.remove()
    is_full = _code(error) == sqlite3.SQLITE_FULL or shutil.disk_usage(path.parent).free < _SHARED_BYTES
    return (DiskFullError if is_full else StorageError)(f"{path}: {error}")


def is_damaged(error: sqlite3.Error) -> bool:
    """Say whether *error* is that of a file which is not, or no longer, what we wrote."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _code(error: sqlite3.Error) -> int:
    return error.sqlite_errorcode & 0xFF  # without the details


def remove_known(path: Path) -> None:
    """Remove the file at *path*, whose lock is held; whoever has it open can continue reading."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
