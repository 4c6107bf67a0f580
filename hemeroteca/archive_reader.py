"""Reading an archive, from Python and the command: captures, pages, tables; its S3 server runs while bytes are read."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.catalog_doubts import describe_absence, describe_shortfall
from hemeroteca.archive.reading import lookup
from hemeroteca.archive.reading.answers import FoundCaptures
from hemeroteca.configuration import Settings
from hemeroteca.held_capture import HeldCapture
from storage.catalog import Selection
from storage.model.errors import NotArchivedError, SeedError
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.archive.reading.citations import Style
    from hemeroteca.archive.reading.kept_items import KeptItem
    from storage.analysis.arrow_rows import ArrowRows
    from storage.analysis.document_search import DocumentSearch
    from storage.objects import S3Settings
    from storage.table_reads import Watch

Moment = datetime | str
"""A time, or ISO 8601; without a zone it is UTC."""
Names = str | Iterable[str] | None
"""One name, several, or several in one string with commas between them."""


class Reader:
    """An archive opened for reading. Use it as a context, or it stays open until the process ends."""

    def __init__(self, settings: Settings, warn: Callable[[str], None] | None = None) -> None:
        """*warn* gets what the catalog lacks; by default it is logged. Raises NotArchivedError if there is none."""
        check_archived(settings)
        self._warn = warn or _log_shortfall
        self._settings = settings
        self._has_warned = False
        self._exits = ExitStack()
        self.close = weakref.finalize(self, self._exits.close)

    @cached_property
    def _archive(self) -> Archive:
        return self._exits.enter_context(Archive(self._settings))

    @cached_property
    def with_store(self) -> Archive:
        """The archive with its S3 server running. Raises ServiceError when that does not answer."""
        from hemeroteca.services.preflight import check_endpoint
        from hemeroteca.services.seaweed import use_embedded_s3

        check_endpoint(self._settings)
        if self._settings.embedded_s3:
            self._exits.enter_context(use_embedded_s3(self._settings.home))
        return self._archive

    @cached_property
    def shortfall(self) -> str | None:
        """What the catalog is known to lack of the bucket, in one line that says what to do; None for nothing."""
        return describe_shortfall(self._archive)

    def describe_absence(self) -> str:
        """Return why nothing was found, as far as is known: ``not in the archive``, or what the catalog lacks."""
        return describe_absence(self._archive)

    @property
    def s3(self) -> S3Settings:
        """Where the bucket is, for other tools that read it."""
        return read_s3_settings(self.with_store.settings)

    def captures(
        self,
        url: str,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        source_id: str | None = None,
        night: Night | str | None = None,
        after: str | None = None,
    ) -> FoundCaptures:
        """Give the captures of *url*, by address and time; with a ``*`` at its end, of all addresses that begin so.

        Those of requests that were not GET have a ``method``. They are found by a ``*`` or by their request URL alone.
        They are read as they are used, so that memory stays small. Both times are inclusive. *after* is the record id
        of a capture: what follows it is given. Of an address that was not captured under its own name the
        captures of a double or of its canonical address are given: ``found_by(capture)`` tells. Where the catalog is
        known to lack crawls, that is logged: see ``shortfall``.
        """
        wanted = Selection(None, None, _moment(since), _moment(until), source_id, _night(night))
        found = lookup.find_captures(self._archive, url, wanted, after)
        self._warn_once()
        return found

    def get(self, url: str, at: Moment | None = None, extractor_id: str | None = None) -> HeldCapture:
        """Return the capture of *url* closest to *at*, the earlier of two equally close ones; without *at* the newest.

        Its document is the current one, or the one that *extractor_id* made. ``found_by`` tells whether the capture is
        of a double or a canonical address of *url*. Raises NotArchivedError when there is no capture.
        """
        found = lookup.find_answer(self._archive, url, _moment(at))
        self._warn_once()
        return HeldCapture(lambda: self.with_store, found, extractor_id)

    def cite(self, url: str, at: Moment | None = None, style: Style = "apa") -> str:
        """Return a citation of the capture that ``get`` returns, in a style that ``HeldCapture.cite`` has."""
        return self.get(url, at).cite(style)

    def _warn_once(self) -> None:
        """Say once what the catalog lacks: a better answer may be in it."""
        if self.shortfall and not self._has_warned:
            self._warn(self.shortfall)
        self._has_warned = True

    def documents(  # noqa: PLR0913 - each narrows it in a way of its own
        self,
        night: Night | str | None = None,
        *,
        since: Night | str | None = None,
        until: Night | str | None = None,
        source_id: str | None = None,
        sources: Names = None,
        lang: Names = None,
        contains: str | None = None,
        columns: Names = None,
        latest: bool = False,
    ) -> ArrowRows:
        """Give the documents of *night*, or of the nights from *since* to *until*, both inclusive, or of all nights.

        >>> archive.documents(since="2026-03-01", lang="es", contains="sequía", columns=["url", "text"]).to_pandas()

        Each of *sources*, *lang* and *columns* is one name or several; *contains* finds a word as
        ``hemeroteca documents --contains`` does. With *latest* there is one row an article: its newest document of
        those nights and *sources*, if the rest holds for that one.

        They come by night, in batches of Arrow that are read as they are used, so that memory stays small;
        ``read_all()`` makes one Arrow table of them, ``to_pandas()`` and ``to_polars()`` a data frame, without rows
        when there are none. Raises SeedError for a column that is none. Reading raises FixityError for a damaged
        table, which ``hemeroteca admin rebuild`` writes again, and StorageError when the store is away.
        """
        search = make_search(
            since=max(filter(None, (_night(night), _night(since))), default=None),
            until=min(filter(None, (_night(night), _night(until))), default=None),
            sources=[*_names(sources), *_names(source_id)],
            lang=lang,
            contains=contains,
            columns=columns,
            latest=latest,
        )
        return self.search_documents(search)

    def search_documents(self, search: DocumentSearch, watch: Watch | None = None) -> ArrowRows:
        """Give the documents of *search*; *watch* is called with how far the reading has got."""
        from storage.analysis.document_search import open_documents

        return open_documents(self.with_store.store, search, watch)

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> ArrowRows:
        """Give what a query in SQL finds in the views ``documents`` and ``ledger``, in all nights; times are UTC.

        >>> archive.sql("SELECT night, count(*) FROM documents WHERE source_id = ? GROUP BY ALL", ["es-elpais"])

        It needs DuckDB, downloads nothing, and reads only the columns and rows that the query needs. Raises SeedError
        for what is no query, MissingExtraError without DuckDB, FixityError for a damaged table.
        """
        from storage.analysis.sql import run_query

        return run_query(self.with_store.store, query, parameters)

    def nights(self) -> list[Night]:
        """Return the nights in which anything was crawled, the first first."""
        return self._archive.catalog.find_nights()

    def sources(self) -> list[str]:
        """Return the ids of the newspapers of which anything was crawled, for ``documents(sources=…)``."""
        return self._archive.catalog.find_sources()

    def items(self, night: Night | str | None = None, *, source_id: str | None = None) -> Iterator[KeptItem]:
        """Give what spiders scraped: of a night, of a source, or all of it, by night, source and crawl.

        Items are read as they are used. Raises FixityError for an object that is damaged, once all others were read.
        """
        from hemeroteca.archive.reading.kept_items import read_kept_items

        return read_kept_items(self.with_store, source_id, _night(night))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_search(*, since: Night | None, until: Night | None, **wanted: Any) -> DocumentSearch:
    """Return a search of what ``documents`` is asked for. Raises SeedError for nights in the wrong order."""
    from storage.analysis.document_search import DocumentSearch

    if since and until and since > until:
        raise SeedError(f"{since} is after {until}: name the first night first")
    columns = wanted["columns"]
    return DocumentSearch(
        since=since or Night.min,
        until=until or Night.max,
        sources=tuple(_names(wanted["sources"])),
        languages=tuple(_names(wanted["lang"])),
        contains=wanted["contains"],
        columns=None if columns is None else tuple(dict.fromkeys(_names(columns))),
        latest=wanted["latest"],
    )


def _names(given: Names) -> list[str]:
    """Return one name, several names, or several in one string with commas between them, as a list."""
    names = given.split(",") if isinstance(given, str) else given or ()
    return [name.strip() for name in names if name.strip()]


def _log_shortfall(shortfall: str) -> None:
    import structlog  # here, because who is told otherwise need not load it: that takes a fifth of the time of `ls`

    structlog.get_logger().warning("catalog incomplete", reason=shortfall)


def check_archived(settings: Settings) -> None:
    """Raise NotArchivedError when nothing was ever archived in the home of *settings*, SeedError when it is no home."""
    if settings.embedded_s3 or not settings.catalog:
        settings.home.check()
    if settings.embedded_s3 and not settings.home.s3.exists():
        raise NotArchivedError(
            f"{settings.home}: there is no archive yet; `hemeroteca {'--demo ' * settings.demo}nightly` makes one"
        )


def _night(night: Night | str | None) -> Night | None:
    return Night.fromisoformat(night) if isinstance(night, str) else night


def _moment(at: Moment | None) -> datetime | None:
    return lookup.parse_time(at) if isinstance(at, str) else at
