"""Reading the analyst's tables of many nights, batch by batch: one part at a time is on this machine's disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from tempfile import NamedTemporaryFile
from typing import BinaryIO, NamedTuple, cast

import pyarrow as pa
import pyarrow.parquet as pq

from storage.document_columns import DERIVED_COLUMNS, PUBLISHED, add_dates
from storage.model.errors import FixityError
from storage.model.night import Night
from storage.night_tables import NIGHT_COLUMN, SCHEMAS, Table, list_parts_between
from storage.objects import Store
from storage.parquet import check_schema, conform
from storage.rereading import Rereader

BATCH_ROWS = 1024
_PAGE_BUFFER_BYTES = 1024 * 1024


class TableRange(NamedTuple):
    """What is read of a table: the nights from *since* to *until*, both inclusive, of one source or all."""

    since: Night = Night.min
    until: Night = Night.max
    source_id: str | None = None
    columns: tuple[str, ...] | None = None
    """In this order; None: all."""


class ReadProgress(NamedTuple):
    """How far the reading of a table is: the night whose part is read now, and how many parts of all come before."""

    night: Night
    parts_read: int
    parts: int


Watch = Callable[[ReadProgress], None]


def open_batches(store: Store, table: Table, wanted: TableRange, watch: Watch | None = None) -> pa.RecordBatchReader:
    """Return the rows *wanted* of a table, by night and in its order, in batches that are read as they are used.

    Each part is held to the digest that it was put with before its first row is given. *watch* is called for each part.
    Reading raises FixityError for a damaged one, and StorageError when the store is away.
    """
    schema = choose_columns(SCHEMAS[table], wanted.columns)
    return pa.RecordBatchReader.from_batches(schema, _read_batches(store, table, wanted, watch))


def choose_columns(schema: pa.Schema, columns: tuple[str, ...] | None) -> pa.Schema:
    """Return *schema* with only *columns*, in their order; None: all."""
    if columns is None:
        return schema
    return pa.schema([schema.field(name) for name in columns], metadata=schema.metadata)


def read_table(store: Store, table: Table, night: Night) -> pa.Table:
    """Return a night's table whole, in its order: no rows when it was not written yet."""
    return open_batches(store, table, TableRange(night, night)).read_all()


def _read_batches(store: Store, table: Table, wanted: TableRange, watch: Watch | None) -> Iterator[pa.RecordBatch]:
    reader = Rereader(store)
    schema = choose_columns(SCHEMAS[table], wanted.columns)
    parts = list_parts_between(store, table, wanted.since, wanted.until)
    for number, (night, part) in enumerate(parts):
        if watch:
            watch(ReadProgress(night, number, len(parts)))
        with NamedTemporaryFile(prefix="hemeroteca-", suffix=".parquet") as copy:
            reader.read(part.key, partial(_copy_part, key=part.key, copy=cast("BinaryIO", copy)))
            for rows in _iter_rows(part.key, copy.name, SCHEMAS[table], _find_needed(wanted)):
                yield from _complete(rows, schema, night, wanted.source_id)


def _find_needed(wanted: TableRange) -> frozenset[str] | None:
    """Return the columns that must be read for those *wanted*; None: all."""
    if wanted.columns is None:
        return None
    needed = {*wanted.columns, "source_id"}  # one at least, or a part would have no rows
    return frozenset(needed | {PUBLISHED} if needed & {*DERIVED_COLUMNS} else needed)


def _copy_part(store: Store, key: str, copy: BinaryIO) -> None:
    """Copy a part into the file *copy*. Raises FixityError for other bytes than were put."""
    found = store.read_digest(key, copy)
    if found.promised not in (None, found.sha256):
        raise FixityError(f"{key}: its SHA-256 is not {found.promised}")
    copy.flush()


def _iter_rows(key: str, file: str, schema: pa.Schema, needed: frozenset[str] | None) -> Iterator[pa.Table]:
    """Yield the rows of a part; of its columns no more than what a batch needs is unpacked at a time."""
    try:
        with pq.ParquetFile(file, buffer_size=_PAGE_BUFFER_BYTES, page_checksum_verification=True) as parquet:
            check_schema(parquet.schema_arrow, schema)
            columns = [name for name in parquet.schema_arrow.names if needed is None or name in needed]
            for batch in parquet.iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise FixityError(f"{key}: not a whole Parquet file: {error}") from error


def _complete(rows: pa.Table, schema: pa.Schema, night: Night, source_id: str | None) -> list[pa.RecordBatch]:
    """Return *rows*, of one source if given, with the night that their key says and the columns of *schema*."""
    if source_id is not None:
        rows = rows.filter(pa.array([one == source_id for one in rows["source_id"].to_pylist()], pa.bool_()))
    if set(DERIVED_COLUMNS) & set(schema.names):
        rows = add_dates(rows)
    whole = conform(rows.append_column(NIGHT_COLUMN, pa.repeat(str(night), len(rows))), schema)
    return [batch for batch in whole.to_batches() if batch.num_rows]
