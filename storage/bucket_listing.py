"""A listing of the whole bucket, compared with what manifests and catalog promise: on disk, to save memory.

An archive of ten years has 10^7 keys. SQLite keeps them in a temporary file, which is gone when the listing is closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

from storage.keys import CRAWL_MANIFESTS, TEXT_MANIFESTS, crawl_of, evidence_night_of
from storage.model.crawl import StoredObject
from storage.model.errors import StorageError
from storage.model.night import Night
from storage.objects import ListedObject, Store

SHOWN = 20
_MANIFESTS = "manifests/"
_TABLES = """
CREATE TABLE objects (key TEXT PRIMARY KEY, bytes INTEGER, kind TEXT, night TEXT, crawl TEXT) WITHOUT ROWID;
CREATE TABLE promised (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE known (key TEXT PRIMARY KEY, least INTEGER) WITHOUT ROWID;
"""
_MISSING = """
SELECT key FROM (
    SELECT key, promised.bytes AS least, promised.bytes AS most FROM promised
    UNION ALL SELECT key, least, NULL FROM known WHERE key NOT IN (SELECT key FROM promised)
) LEFT JOIN objects USING (key)
WHERE objects.bytes IS NULL OR objects.bytes < least OR objects.bytes > most
"""
_UNCOMMITTED = """
SELECT key FROM objects WHERE kind IN ('warc', 'index', 'ledger', 'items', 'documents', 'text') AND night < ?
AND crawl IS NOT NULL AND crawl NOT IN (SELECT crawl FROM objects WHERE kind = 'crawl' AND crawl IS NOT NULL)
"""
_UNPUBLISHED = "SELECT key FROM objects WHERE kind IN ('crawl', 'text') AND key NOT IN (SELECT key FROM known)"


class Named(NamedTuple):
    """How many keys were found, and the first of them."""

    total: int
    first: tuple[str, ...]

    @classmethod
    def of(cls, keys: Iterable[str]) -> Named:
        total, first = 0, []
        for key in keys:
            total += 1
            if total <= SHOWN:
                first.append(key)
        return cls(total, tuple(first))

    def __str__(self) -> str:
        more = f" and {self.total - len(self.first):,} more" if self.total > len(self.first) else ""
        return ", ".join(self.first) + more


class BucketListing:
    """What is in a bucket, what its manifests promise, and what the catalog knows about it. Close it at the end."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        with _storage_errors():
            self._database.executescript(_TABLES)

    def know(self, sizes: Iterable[tuple[str, int]]) -> None:
        """Add what the catalog refers to, with how many bytes it must have at least: before the bucket is listed."""
        with _storage_errors():
            self._database.executemany(
                "INSERT INTO known VALUES (?, ?) ON CONFLICT DO UPDATE SET least = max(least, excluded.least)", sizes
            )

    def take(self, store: Store) -> None:
        """List the bucket: manifests first, so that what they promise is listed, whatever is put meanwhile."""
        with _storage_errors():
            self._add(store.list_objects(_MANIFESTS))
            self._add(one for one in store.list_objects("") if not one.key.startswith(_MANIFESTS))

    def _add(self, listed: Iterable[ListedObject]) -> None:
        self._database.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", map(_row, listed))

    def list_manifests(self) -> Iterator[str]:
        """Yield the key of every manifest, by night, those of crawls before those of cleanings."""
        yield from self._ask("SELECT key FROM objects WHERE kind IN ('crawl', 'text') ORDER BY night, key")

    def list_nights(self) -> list[Night]:
        """Return the nights that have manifests of crawls."""
        found = self._ask("SELECT DISTINCT night FROM objects WHERE kind = 'crawl' AND night IS NOT NULL")
        return sorted(map(Night.fromisoformat, found))

    def promise(self, objects: Iterable[StoredObject]) -> None:
        """Add the objects that a manifest lists."""
        rows = ((stored.key, stored.bytes) for stored in objects)
        with _storage_errors():
            self._database.executemany("INSERT OR REPLACE INTO promised VALUES (?, ?)", rows)

    def count_promised(self) -> int:
        counted = "SELECT count(*) FROM (SELECT key FROM promised UNION SELECT key FROM known)"
        return int(next(self._ask(counted)))

    def find_missing(self) -> Iterator[str]:
        """Yield the keys of what is promised or known and is gone, cut short, or of another size."""
        yield from self._ask(f"{_MISSING} ORDER BY key")

    def find_uncommitted(self, before: Night) -> Iterator[str]:
        """Yield the keys of evidence from nights before *before* whose crawl has no manifest at all."""
        yield from self._ask(f"{_UNCOMMITTED} ORDER BY crawl, key", str(before))

    def find_unpublished(self) -> Iterator[str]:
        """Yield, by night, the keys of the manifests that the catalog does not know."""
        yield from self._ask(f"{_UNPUBLISHED} ORDER BY night, key")

    def _ask(self, query: str, *values: str) -> Iterator[str]:
        with _storage_errors():
            for (key,) in self._database.execute(query, values):
                yield key

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()


def kind_of(key: str) -> str:
    """Return what is at *key*: ``crawl`` or ``text`` for manifests, else the first word of the key."""
    if key.startswith(CRAWL_MANIFESTS):
        return "crawl"
    return "text" if key.startswith(TEXT_MANIFESTS) else key.partition("/")[0]


def _row(listed: ListedObject) -> tuple[str, int, str, str | None, str | None]:
    key, night = listed.key, evidence_night_of(listed.key)
    return key, listed.bytes, kind_of(key), str(night) if night else None, crawl_of(key)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"the listing of the bucket: {error}; SQLITE_TMPDIR names a folder with room") from error
