"""What the archive holds of a source, for the crawl that goes there next: one small SQLite file.

A file, not the catalog, so that a crawl process needs no database of ours, and rows are found one by one, so
that a source of a million addresses costs no memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from storage.model.night import Night
from storage.model.outcome import Distrust, Kind, more_distrust

_NEVER_CHANGES = "mode=ro&immutable=1"  # else each look-up locks the file and looks for a journal


class KnownCapture(NamedTuple):
    """The newest payload held of *url*: the response record that has it, its digests and validators.

    ``looks`` counts the crawls that fetched it, ``last_night`` is the last one's (ISO 8601), ``last_fetched`` when that
    was and ``purpose`` what it wanted there; ``distrust`` is the worst that any of them found of its validators. Times
    are as ``write_moment`` writes them. No model, because a plan passes 100,000 of them on.
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


_COLUMNS = KnownCapture._fields


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


def write_known(path: Path, captures: Iterable[KnownCapture], superseded: Iterable[KnownPayload] = ()) -> None:
    """Write *captures* to a new file at *path*, and by date the *superseded* payloads: no URL has one as its newest."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is written again
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"CREATE TABLE known ({', '.join(_COLUMNS)})")
        rows = map(tuple, captures)  # binding named tuples takes half as long again
        connection.executemany(f"INSERT INTO known VALUES ({', '.join('?' * len(_COLUMNS))})", rows)
        # at the end: sorting an index is quicker than growing it
        connection.execute("CREATE UNIQUE INDEX known_url ON known (url)")
        connection.execute("CREATE INDEX known_payload ON known (payload_digest, purpose)")
        names = ", ".join(KnownPayload._fields)
        connection.execute(f"CREATE TABLE superseded ({names}, PRIMARY KEY (payload_digest, purpose)) WITHOUT ROWID")
        connection.executemany("INSERT OR IGNORE INTO superseded VALUES (?, ?, ?, ?, ?)", superseded)
    connection.close()


class Known:
    """The file at *path*, read only. Without a path nothing is known."""

    def __init__(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(f"file:{path}?{_NEVER_CHANGES}", uri=True) if path else None
        self._filled = [table for table in ("known", "superseded") if self._has_rows(table)]

    def _has_rows(self, table: str) -> bool:
        """Say whether *table* is worth a query: a page makes five, and on a first night there is nothing to find."""
        found = self._connection and self._connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
        return bool(found)

    def find(self, url: str) -> KnownCapture | None:
        rows = self._rows("WHERE url = ?", (url,))
        return next(rows, None)

    def find_payload(self, payload_digest: str, purpose: str) -> KnownPayload | None:
        """Return where this payload is held, of any URL that was ever fetched as *purpose*."""
        if self._connection is None:
            return None
        names = ", ".join(KnownPayload._fields)
        for table in self._filled:
            query = f"SELECT {names} FROM {table} WHERE payload_digest = ? AND purpose = ? ORDER BY date LIMIT 1"
            if row := self._connection.execute(query, (payload_digest, purpose)).fetchone():
                return KnownPayload._make(row)
        return None

    def find_distrusted(self) -> dict[Kind, Distrust]:
        """Return, by purpose, the worst that any URL of the source showed of its validators."""
        found: dict[Kind, Distrust] = {}
        for known in self._rows("WHERE distrust IS NOT NULL", ()):
            assert known.distrust is not None
            found[known.purpose] = more_distrust(known.distrust, found.get(known.purpose))
        return found

    def __iter__(self) -> Iterator[KnownCapture]:
        return self._rows("ORDER BY url", ())

    def find_due(self, night: Night, ladder: Sequence[int]) -> Iterator[KnownCapture]:
        """Yield the articles that are due to be looked at again on *night* without being announced, newest first.

        The k-th look again is *ladder*[k-1] nights after the one before. After the last rung an article comes back only
        when it is announced: a night's work must not grow with the archive.
        """
        rungs = [(looks, str(night - timedelta(days=nights))) for looks, nights in enumerate(ladder, 1)]
        fits = " OR ".join(f"(max(looks, 1) = {looks} AND last_night <= ?)" for looks, _ in rungs)
        clause = f"WHERE purpose = 'article' AND ({fits}) ORDER BY date DESC, url"
        return self._rows(clause, tuple(latest for _, latest in rungs))

    def _rows(self, clause: str, values: tuple[str, ...]) -> Iterator[KnownCapture]:
        if self._connection is None or "known" not in self._filled:
            return iter(())
        found = self._connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM known {clause}", values)
        return map(KnownCapture._make, found)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
