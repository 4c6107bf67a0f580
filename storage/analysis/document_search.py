"""Searching the documents table: by night, newspaper, language and word, and for the newest document of each article.

An article is what has one ``urlkey``: its address without scheme and ``www``. It may be captured on several nights, and
has a document for each capture; ``version`` goes up when the text differs from that of the document before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from storage.analysis.arrow_rows import ArrowRows
from storage.analysis.table_dataset import StoreFaults, open_dataset
from storage.analysis.word_search import WordSearch
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.model.suggestions import suggest
from storage.night_tables import SCHEMAS
from storage.objects import Store
from storage.table_reads import TableRange, Watch, choose_columns, open_batches

VERSION = pa.field("version", pa.int32(), nullable=False)
SEARCH_SCHEMA = pa.schema([*SCHEMAS["documents"], VERSION], metadata=SCHEMAS["documents"].metadata)
"""The columns that can be asked for: those of the table, and the version, which is counted as they are read."""


class Condition(NamedTuple):
    """What a row must meet: a function of the values of some of its columns."""

    columns: tuple[str, ...]
    is_met: Callable[..., bool]


class DocumentSearch(NamedTuple):
    """Which documents are asked for, and which of their columns; what is empty leaves nothing out."""

    since: Night = Night.min
    until: Night = Night.max
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47; ``es`` has ``es-MX`` too."""
    contains: str | None = None
    columns: tuple[str, ...] | None = None
    latest: bool = False
    """Only the newest document of each article, among those of the nights and newspapers that are asked for."""


def open_documents(store: Store, search: DocumentSearch, watch: Watch | None = None) -> ArrowRows:
    """Return the documents that *search* asks for, by night, read as they are used.

    Raises SeedError for a column that is none and for a word that is blank; reading raises what ``open_batches`` does.
    """
    check_columns(search.columns)
    schema = choose_columns(SEARCH_SCHEMA, search.columns)
    return ArrowRows(pa.RecordBatchReader.from_batches(schema, _search(store, search, _find_conditions(search), watch)))


def check_columns(columns: tuple[str, ...] | None) -> None:
    """Raise SeedError with a line for each of *columns* that documents do not have, or when there is none."""
    if columns == ():
        raise SeedError("columns: name at least one; `hemeroteca columns documents` lists them")
    unknown = [name for name in columns or () if name not in SEARCH_SCHEMA.names]
    if unknown:
        raise SeedError("\n".join(f"columns: {name}: no such column{_advise(name)}" for name in unknown))


def _advise(name: str) -> str:
    return suggest(name, SEARCH_SCHEMA.names) or "; `hemeroteca columns documents` lists them"


def _find_conditions(search: DocumentSearch) -> list[Condition]:
    """Return what a document must meet, whatever other documents there are; in the order of what it costs."""
    found = []
    if search.languages:
        wanted = tuple(language.lower() for language in search.languages)
        found.append(Condition(("language",), lambda language: _is_language(language, wanted)))
    if search.contains is not None:
        try:
            words = WordSearch(search.contains)
        except ValueError:
            raise SeedError(f"contains: {search.contains!r}: name a word") from None
        found.append(Condition(("title", "text"), words.is_in))
    return found


def _is_language(language: str | None, wanted: tuple[str, ...]) -> bool:
    found = (language or "").lower()
    return any(found == one or found.startswith(f"{one}-") for one in wanted)


def _search(
    store: Store, search: DocumentSearch, of_document: list[Condition], watch: Watch | None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows asked for. Versions are counted before what is asked of a single document leaves any out."""
    schema = choose_columns(SEARCH_SCHEMA, search.columns)
    of_source = [Condition(("source_id",), search.sources.__contains__)] if search.sources else []
    newest = [Condition(Newest.COLUMNS, Newest(store, search).is_newest)] if search.latest else []
    versions = Versions() if VERSION.name in schema.names else None
    needed = {name for one in (*of_source, *newest, *of_document) for name in one.columns} | {*schema.names}
    needed |= {*Versions.COLUMNS} if versions else set()
    columns = tuple(name for name in SCHEMAS["documents"].names if name in needed)
    for batch in open_batches(store, "documents", TableRange(search.since, search.until, columns=columns), watch):
        rows = _keep(batch, of_source)
        if versions:
            rows = rows.append_column(
                VERSION, pa.array(map(versions.count, *_values(rows, versions.COLUMNS)), pa.int32())
            )
        rows = _keep(rows, [*newest, *of_document])
        if rows.num_rows:
            yield pa.RecordBatch.from_arrays([rows[name] for name in schema.names], schema=schema)


def _keep(rows: pa.RecordBatch, conditions: list[Condition]) -> pa.RecordBatch:
    for condition in conditions:
        met = list(map(condition.is_met, *_values(rows, condition.columns)))
        if not all(met):
            rows = rows.filter(pa.array(met, pa.bool_()))
    return rows


def _values(rows: pa.RecordBatch, columns: tuple[str, ...]) -> list[list[Any]]:
    return [rows[name].to_pylist() for name in columns]


class Versions:
    """The texts of each article that were seen so far. An article takes about 100 bytes."""

    COLUMNS = ("urlkey", "text_digest")

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        """By a hash of the article, a hash of its last text: two of millions are equal once in a billion archives."""
        self._counts: dict[int, int] = {}
        """Of the articles that have more than one."""

    def count(self, urlkey: str, text_digest: str) -> int:
        """Return which version of the article *urlkey* its next document has, from 1."""
        article, text = hash(urlkey), hash(text_digest)
        if self._last.get(article, text) != text:
            self._counts[article] = self._counts.get(article, 1) + 1
        self._last[article] = text
        return self._counts.get(article, 1)


class Newest:
    """The newest document of each article that a search is for, found before the first row is asked for."""

    COLUMNS = ("urlkey", "fetched_at", "derived_from")

    def __init__(self, store: Store, search: DocumentSearch) -> None:
        self._newest: dict[int, tuple[datetime, int]] = {}
        names, faults = (*self.COLUMNS, "source_id"), StoreFaults()
        stored = open_dataset(store, "documents", TableRange(search.since, search.until), faults)
        try:
            for batch in stored.to_batches(columns=list(names)):
                for *row, source_id in zip(*_values(batch, names), strict=True):
                    if not search.sources or source_id in search.sources:
                        self._add(*row)
        except (pa.ArrowException, OSError) as error:
            raise faults.translate(error) from error

    def _add(self, urlkey: str, fetched_at: datetime, record_id: str) -> None:
        article, found = hash(urlkey), (fetched_at, hash(record_id))
        self._newest[article] = max(found, self._newest.get(article, found))

    def is_newest(self, urlkey: str, fetched_at: datetime, record_id: str) -> bool:
        return self._newest.get(hash(urlkey)) == (fetched_at, hash(record_id))
