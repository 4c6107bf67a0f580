"""The catalog: which captures, documents and crawls the archive holds, and where. Derived from manifests.

SQLite        catalog.sqlite, or after a rebuild catalog-{8 hex}.sqlite beside it
PostgreSQL    schema hemeroteca_catalog, or hemeroteca_catalog_{8 hex}

The note ``catalog`` in coordination names the one in use; every operation reads it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from threading import Lock
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine

from storage.catalog import apply, capture_listing, migrate, other_addresses, queries, rows, url_states, versions
from storage.catalog.capture_listing import CaptureMoment, Selection
from storage.catalog.migrate import first_name, is_catalog_name, is_current, prepare
from storage.catalog.numbers import Values
from storage.catalog.outcome_rows import make_outcome_row
from storage.catalog.rows import CrawlRow, DocumentPlace
from storage.catalog.shortfall import Shortfall, forget_shortfall, mark_new, read_shortfall
from storage.catalog.versions import ArticleVersion
from storage.coordination import Coordination
from storage.database import drop_database, list_databases, open_engine, parse_database_url, reading
from storage.known import KnownMark, KnownNews
from storage.model.capture import Capture
from storage.model.crawl import Manifest, Trigger
from storage.model.document import TextManifest
from storage.model.errors import AlreadyStoredError, StorageError
from storage.model.night import Night
from storage.model.outcome import Outcome
from storage.model.placed_document import PlacedDocument

POINTER = "catalog"
PUBLISH_LOCK = "publish"
_SCHEMA_LOCK = "catalog schema"
T = TypeVar("T")


class Catalog:
    """One catalog: the one in use, whichever that is, or with *name* always that one. Threads may share it.

    Who applies a manifest to the catalog in use holds ``coordination.lock(PUBLISH_LOCK)`` meanwhile: a rebuild
    takes the same lock to switch, so that nothing is applied to a catalog that is being left.
    """

    def __init__(self, url: URL, coordination: Coordination, name: str | None = None) -> None:
        self._url = url
        self._coordination = coordination
        self._pinned = name
        self._opened: tuple[str, Engine] | None = None
        self._guard = Lock()

    @classmethod
    def open(cls, url: str, coordination: Coordination) -> Catalog:
        """Open the catalog in use at *url*; it is created, which is noted, or migrated where needed.

        Raises SeedError for an address of another kind, ServiceError when a later release made the catalog.
        """
        catalog = cls(parse_database_url(url), coordination)
        if not is_current(catalog._url, catalog.name):
            with coordination.lock(_SCHEMA_LOCK):
                if migrate.read_revision(catalog._url, catalog.name) is None:
                    mark_new(coordination, catalog.name)
                prepare(catalog._url, catalog.name)
        return catalog

    @classmethod
    def create_beside(cls, url: str, coordination: Coordination, name: str) -> Catalog:
        """Create the empty catalog *name* (see ``beside_name``); ``switch_to`` puts it to use."""
        place = parse_database_url(url)
        if not is_catalog_name(place, name):
            raise ValueError(f"{name}: not the name of a catalog")
        with coordination.lock(_SCHEMA_LOCK):
            if name in list_databases(place):
                raise AlreadyStoredError(f"catalog {name}: exists already")
            try:
                prepare(place, name)
            except BaseException:
                drop_database(place, name)
                raise
        return cls(place, coordination, name)

    @classmethod
    def reopen_beside(cls, url: str, coordination: Coordination, name: str) -> Catalog | None:
        """Open the catalog *name*, which is not in use; None if this release cannot continue it."""
        place = parse_database_url(url)
        catalog = cls(place, coordination, name)
        return catalog if name in catalog.list_others() and migrate.is_sound(place, name) else None

    @staticmethod
    def beside_name(url: str, nonce: str) -> str:
        """Return the name of another catalog at *url*; *nonce* is 8 hex digits."""
        return migrate.beside_name(parse_database_url(url), nonce)

    @property
    def name(self) -> str:
        return self._pinned or self._coordination.read_note(POINTER) or first_name(self._url)

    def switch_to(self, name: str) -> None:
        """Put the catalog *name* to use, for every process. The caller holds the publish lock."""
        if not is_current(self._url, name):
            raise StorageError(f"catalog {name}: is missing or incomplete")
        self._coordination.write_note(POINTER, name)

    def list_others(self) -> list[str]:
        """Return the names of the catalogs not in use: replaced ones, and what failed rebuilds left."""
        in_use = self._coordination.read_note(POINTER) or first_name(self._url)
        return [n for n in list_databases(self._url) if n != in_use and is_catalog_name(self._url, n)]

    def remove(self, name: str) -> None:
        """Remove one of ``list_others``. Whoever still reads it is given the one in use at the next operation."""
        if name not in self.list_others():
            raise ValueError(f"{name}: not an unused catalog")
        drop_database(self._url, name)
        forget_shortfall(self._coordination, name)

    def close(self) -> None:
        with self._guard:
            if self._opened:
                self._opened[1].dispose()
            self._opened = None

    def _engine(self) -> Engine:
        return self._open_in_use()[1]

    def _open_in_use(self) -> tuple[str, Engine]:
        name = self.name
        with self._guard:
            if self._opened is None or self._opened[0] != name:
                if self._opened:
                    self._opened[1].dispose()
                self._opened = (name, open_engine(self._url, name))
            return self._opened

    def _ask(self, question: Callable[[Connection], T]) -> T:
        engine = self._engine()
        try:
            with reading(engine) as connection:
                return question(connection)
        except StorageError:
            if self._engine() is engine:
                raise
        with reading(self._engine()) as connection:  # the catalog was replaced and removed meanwhile
            return question(connection)

    def apply_manifest(
        self, key: str, manifest: Manifest, captures: Iterable[Capture], outcomes: Iterable[Outcome]
    ) -> bool:
        """Apply a crawl's manifest: its captures, and its outcomes where they are the crawl's.

        False when it was applied before: then nothing changes. In whatever order manifests are applied, the
        rows are the same in the end. A try that breaks off leaves nothing.
        """
        made = (make_outcome_row(outcome, key if manifest.late else "") for outcome in outcomes)
        return self.apply_rows(key, manifest, map(rows.make_capture_row, captures), filter(None, made))

    def apply_rows(self, key: str, manifest: Manifest, captures: Iterable[Values], outcomes: Iterable[Values]) -> bool:
        """Apply a crawl's manifest by the rows of its captures and outcomes (see ``rows``), read in this order."""
        with self._publishing(key, "crawl") as connection:
            if connection:
                apply.apply_crawl(connection, key, manifest, captures, outcomes)
            return connection is not None

    def apply_text_manifest(self, key: str, manifest: TextManifest, documents: Iterable[PlacedDocument]) -> bool:
        """Apply a cleaning. False when it was applied before: then nothing changes."""
        placed = ((rows.make_object_row(o), rows.make_document_row(one, o.key, row)) for one, o, row in documents)
        return self.apply_text_rows(key, manifest, placed)

    def apply_text_rows(self, key: str, manifest: TextManifest, placed: Iterable[tuple[Values, Values]]) -> bool:
        """Apply a cleaning by the rows of its documents, each after that of the object that holds it."""
        with self._publishing(key, "text") as connection:
            if connection:
                apply.apply_cleaning(connection, key, manifest, placed)
            return connection is not None

    def _publishing(self, key: str, kind: str) -> AbstractContextManager[Connection | None]:
        return nullcontext() if self.is_published(key) else apply.publishing(self._engine(), key, kind)

    def is_published(self, key: str) -> bool:
        return self._ask(lambda connection: queries.is_published(connection, key))

    def find_published(self, keys: Iterable[str]) -> set[str]:
        return self._ask(lambda connection: queries.find_published(connection, keys))

    def find_publications(self, prefix: str) -> set[str]:
        """Return the keys of all applied manifests that begin with *prefix*."""
        return self._ask(lambda connection: queries.find_publications(connection, prefix))

    def find_shortfall(self) -> Shortfall:
        return read_shortfall(self._coordination, self.name, self.find_published)

    def find_captures(
        self,
        *,
        urlkey: str | None = None,
        urlkey_prefix: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        crawl_id: str | None = None,
        limit: int | None = None,
    ) -> list[Capture]:
        """Return the captures that meet every condition given, by urlkey, then date. Times are inclusive."""
        wanted = queries.choose_captures(urlkey, urlkey_prefix, since, until, crawl_id)
        return self._ask(lambda connection: queries.find_captures(connection, wanted, limit))

    def list_captures(self, wanted: Selection, after: str | None = None, skip: int = 0) -> Iterator[Capture]:
        """Yield the captures *wanted* as they are used: those after the record *after*, or after *skip* others."""
        return capture_listing.list_captures(self._ask, wanted, after, skip)

    def count_captures(self, wanted: Selection) -> int:
        return self._ask(lambda connection: capture_listing.count_captures(connection, wanted))

    def list_moments(self, urlkey: str) -> list[CaptureMoment]:
        """Return when what has *urlkey* was captured, by date."""
        return self._ask(lambda connection: capture_listing.list_moments(connection, urlkey))

    def find_doubles(self, urlkey: str) -> list[other_addresses.Address]:
        """Return the addresses that crawls took instead of those with *urlkey*."""
        return self._ask(lambda connection: other_addresses.find_doubles(connection, urlkey))

    def find_canonical_links(self, urlkey: str) -> list[other_addresses.CanonicalLink]:
        """Return which captured pages name *urlkey*, or what its own pages name, as canonical."""
        return self._ask(lambda connection: other_addresses.find_canonical_links(connection, urlkey))

    def find_closest(self, urlkey: str, at: datetime) -> Capture | None:
        """Return the capture nearest to *at*; of two as near the earlier."""
        return self._ask(lambda connection: queries.find_closest(connection, urlkey, at))

    def find_capture(self, record_id: str) -> Capture | None:
        return self._ask(lambda connection: queries.find_capture(connection, record_id))

    def find_document(self, record_id: str, extractor_id: str | None = None) -> DocumentPlace | None:
        """Return where a capture's document by *extractor_id*, or by the current cleaning, lies; None: it has none."""
        return self._ask(lambda connection: queries.find_document(connection, record_id, extractor_id))

    def find_documents(self, record_id: str) -> list[DocumentPlace]:
        """Return where every document of that capture is, including superseded cleanings, the last extracted first."""
        return self._ask(lambda connection: queries.find_documents(connection, record_id))

    def find_cleanings(self, record_id: str) -> list[str]:
        """Return the keys of the current text manifests of that capture's crawl, what adds to one before it."""
        current = self._ask(lambda connection: queries.find_current(connection, record_id))
        return [key for of_manifest in current for key, _ in reversed(of_manifest)]

    def find_versions(self, source_id: str, urlkey: str) -> list[ArticleVersion]:
        """Return what an article of *source_id* said from when to when, by time: A, B, then A are three."""
        return self._ask(lambda connection: versions.find_versions(connection, source_id, urlkey))

    @contextmanager
    def read_known(self, source_id: str, since: KnownMark | None = None) -> Iterator[KnownNews]:
        """Give what is known of *source_id*: what changed since the mark of a file, or all where that is not to be had.

        It is read row by row, as long as the ``with`` block lasts.
        """
        name, engine = self._open_in_use()
        with reading(engine) as connection:
            yield url_states.read_known(connection, source_id, migrate.describe_place(self._url, name), since)

    def find_crawls(self, night: Night | None = None, source_id: str | None = None) -> list[CrawlRow]:
        return self._ask(lambda connection: queries.find_crawls(connection, night, source_id))

    def find_backfills(self, source_ids: Iterable[str], since: datetime) -> list[CrawlRow]:
        return self._ask(lambda connection: queries.find_backfills(connection, source_ids, since))

    def last_crawls(
        self, source_id: str, count: int, trigger: Trigger | None = None, before: Night | None = None
    ) -> list[CrawlRow]:
        """Return the *count* crawls of *source_id* that began last, of nights *before* one, the oldest first.

        Those that were committed late are left out.
        """
        return self._ask(lambda connection: queries.last_crawls(connection, source_id, count, trigger, before))

    def newest_night(self) -> Night | None:
        return self._ask(queries.newest_night)

    def find_nights(
        self, since: Night | None = None, until: Night | None = None, source_ids: Sequence[str] = ()
    ) -> list[Night]:
        """Return the nights, both ends included, in which one of *source_ids* (none: any source) was crawled."""
        return self._ask(lambda connection: queries.find_nights(connection, since, until, source_ids))

    def find_sources(self) -> list[str]:
        return self._ask(queries.find_sources)

    def find_last_manifest(self, source_id: str) -> str | None:
        return self._ask(lambda connection: queries.find_last_manifest(connection, source_id))

    def count_rows(self) -> dict[str, int]:
        return self._ask(queries.count_rows)

    def find_least_sizes(self) -> Iterator[tuple[str, int]]:
        """Yield keys, and the least bytes that each object must have for what the catalog says is in it."""
        with reading(self._engine()) as connection:
            yield from queries.find_extents(connection)
