"""The files of what is known, one for each source: made from the catalog, then updated with what has changed since.

{folder}/{source}.sqlite     read by storage.known; -wal and -shm beside it while it is open
{folder}/{source}.lock       while it is opened or changed
{folder}/{source}.part       a whole one in the making

A file is in WAL mode: who reads it sees one state, whatever is added meanwhile. What is added and how far it reaches
are one transaction, and a whole file takes its place at once, so whoever dies leaves one that is right, or none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import structlog

from storage.catalog import Catalog
from storage.files import sync_path
from storage.known import (
    PAYLOADS_OF,
    KnownCapture,
    KnownMark,
    KnownNews,
    KnownPayload,
    KnownPending,
    hold_known,
    is_damaged,
    known_error,
    open_known_file,
    remove_known,
)
from storage.model.errors import disk_error

log = structlog.get_logger()

_SCHEMA = 2
"""The version of the tables, as SQLite's ``user_version``: a file of another version is made again."""
_PLACES = {name: f"?{number}" for number, name in enumerate(KnownCapture._fields, 1)}
_VALUES = ", ".join((_PLACES | {"target_uri": f"nullif({_PLACES['target_uri']}, {_PLACES['url']})"}).values())
_ADD = f"INSERT INTO known VALUES ({_VALUES})"
_REPLACE = f"INSERT OR REPLACE INTO known VALUES ({_VALUES})"
_SUPERSEDE = f"INSERT OR IGNORE INTO superseded {PAYLOADS_OF['known']} WHERE url = ? AND record_id <> ?"
_KEEP = "INSERT OR IGNORE INTO superseded VALUES (?, ?, ?, ?, ?)"
_KEEP_OTHER = (
    "INSERT OR IGNORE INTO superseded SELECT ?1, ?2, ?3, ?4, ?5"
    " WHERE NOT EXISTS (SELECT 1 FROM known WHERE url = ?4 AND record_id = ?3)"
)
_INDEXES = (
    "CREATE UNIQUE INDEX known_url ON known (url)",
    "CREATE INDEX known_payload ON known (payload_digest, purpose)",
    "CREATE INDEX known_due ON known (looks, last_night) WHERE purpose = 'article'",
    "CREATE INDEX known_distrust ON known (purpose, distrust, distrusted) WHERE distrust IS NOT NULL",
)
_PENDING = ", ".join("?" for _ in KnownPending._fields)
_ADD_PENDING = f"INSERT OR REPLACE INTO pending VALUES ({_PENDING})"
_PENDING_INDEXES = (
    "CREATE INDEX pending_due ON pending (asks > 0, since, url) WHERE NOT held AND NOT given_up",
    "CREATE INDEX pending_born ON pending (born, url) WHERE asks = 0 AND NOT held AND NOT given_up",
    "CREATE INDEX pending_held ON pending (due) WHERE held",
    "CREATE INDEX pending_listed ON pending (listed_in) WHERE NOT held AND NOT given_up",
)


def update_known(path: Path, catalog: Catalog, source_id: str) -> None:
    """Bring the file at *path* to what *catalog* knows of *source_id*. Its folder must be there. Raises StorageError.

    One that is not an earlier state of this catalog, or cannot be read, is made again.
    """
    with hold_known(path):
        try:
            if not _add_news(path, catalog, source_id):
                _make_whole(path, catalog, source_id)
        except sqlite3.Error as error:
            raise known_error(path, error) from error
        except OSError as error:
            raise disk_error(f"{path}: not written", error) from error


def write_known(
    path: Path,
    captures: Iterable[KnownCapture],
    superseded: Iterable[KnownPayload] = (),
    pending: Iterable[KnownPending] = (),
    mark: KnownMark | None = None,
) -> None:
    """Write *captures* to a new file at *path*, and what is *pending*, and by date the *superseded* payloads: no URL
    has one as its newest.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is written again
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE known ({', '.join(KnownCapture._fields)})")
        connection.executemany(_ADD, map(tuple, captures))  # binding named tuples takes half as long again
        for index in _INDEXES:  # at the end: sorting an index is quicker than growing it
            connection.execute(index)
        names = ", ".join(KnownPayload._fields)
        connection.execute(f"CREATE TABLE superseded ({names}, PRIMARY KEY (payload_digest, purpose)) WITHOUT ROWID")
        connection.executemany(_KEEP, map(tuple, superseded))
        columns = ", ".join(KnownPending._fields[1:])
        connection.execute(f"CREATE TABLE pending (url PRIMARY KEY, {columns}) WITHOUT ROWID")
        connection.executemany(_ADD_PENDING, map(tuple, pending))
        for index in _PENDING_INDEXES:
            connection.execute(index)
        connection.execute(f"CREATE TABLE mark ({', '.join(KnownMark._fields)})")
        _set_mark(connection, mark or KnownMark("", 0, None))
        connection.execute(f"PRAGMA user_version = {_SCHEMA}")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _make_whole(path: Path, catalog: Catalog, source_id: str) -> None:
    draft = path.with_suffix(".part")
    remove_known(draft)
    try:
        with catalog.read_known(source_id) as news:
            pending = (one for _, one in news.pending if one is not None)
            write_known(draft, news.captures, news.superseded, pending, news.mark)
    except BaseException:
        remove_known(draft)  # perhaps it is what the disk has no room for
        raise
    sync_path(draft)
    remove_known(path)
    draft.rename(path)
    sync_path(path.parent)
    log.info("known file made", source_id=source_id, bytes=path.stat().st_size)


def _add_news(path: Path, catalog: Catalog, source_id: str) -> bool:
    """Add what the file at *path* lacks; False if it has to be made again."""
    if not path.exists():
        return False
    try:
        with closing(open_known_file(path)) as connection:
            mark = _read_mark(connection)
            if mark is None:
                return False
            with catalog.read_known(source_id, mark) as news:
                if not news.is_whole and news.mark != mark:
                    _add(connection, news)
                return not news.is_whole
    except sqlite3.Error as error:
        if not is_damaged(error):
            raise
        log.warning("known file damaged", source_id=source_id, reason=str(error))
        return False


def _add(connection: sqlite3.Connection, news: KnownNews) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is added once more
    with connection:
        connection.execute("BEGIN")
        for capture in news.captures:
            connection.execute(_SUPERSEDE, (capture.url, capture.record_id))
            connection.execute(_REPLACE, capture)
        connection.executemany(_KEEP_OTHER, map(tuple, news.superseded))
        for url, pending in news.pending:
            connection.execute("DELETE FROM pending WHERE url = ?", (url,))
            connection.executemany(_ADD_PENDING, [tuple(pending)] if pending else [])
        _set_mark(connection, news.mark)


def _read_mark(connection: sqlite3.Connection) -> KnownMark | None:
    """Return how far the file reaches; None where it has other tables than ours."""
    if connection.execute("PRAGMA user_version").fetchone() != (_SCHEMA,):
        return None
    return KnownMark._make(connection.execute("SELECT * FROM mark").fetchone())


def _set_mark(connection: sqlite3.Connection, mark: KnownMark) -> None:
    connection.execute("DELETE FROM mark")
    connection.execute("INSERT INTO mark VALUES (?, ?, ?)", mark)
