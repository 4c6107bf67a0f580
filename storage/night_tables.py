"""The analyst's tables: what is committed for a night, as Parquet that any engine can read in place.

tables/{documents,ledger}/night={yyyy-mm-dd}/part-{n}.parquet   parts 0, 1, … without a gap
A part has no column ``night``: as Hive's partitioning has it, the key says it, and some engines refuse both.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from os.path import commonprefix
from pathlib import PurePosixPath
from typing import Literal

import pyarrow as pa

from storage.closing_note import ClosingNote, read_note
from storage.document_columns import DOCUMENT_TABLE_SCHEMA, add_dates
from storage.documents import LONG_COLUMNS
from storage.keys import table_part
from storage.ledger import LEDGER_SCHEMA
from storage.model.errors import FixityError
from storage.model.night import Night
from storage.objects import ListedObject, Store
from storage.parquet import conform, open_table_writer, schema_name
from storage.rereading import Rereader

Table = Literal["documents", "ledger"]
NightParts = dict[Table, list[ListedObject]]
"""The parts of a night's tables, in order, as the store lists them."""

TABLES: tuple[Table, ...] = ("ledger", "documents")
SCHEMAS = {"documents": DOCUMENT_TABLE_SCHEMA, "ledger": LEDGER_SCHEMA}
PART_BYTES = 1024**3
NIGHT_COLUMN = "night"
_ROW_GROUP_ROWS = 16 * 1024


def keep_first_documents(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows of each of *tables*, with only the first document of each record: a crawl that went on after a
    late commit has the documents of the late one too.
    """
    seen: set[str] = set()
    for rows in tables:
        records = rows["derived_from"].to_pylist()
        yield rows.filter(pa.array([record not in seen for record in records], pa.bool_()))
        seen.update(records)


def write_table(
    store: Store,
    table: Table,
    night: Night,
    rows: Iterable[pa.Table],
    part_bytes: int = PART_BYTES,
    close: Callable[[], ClosingNote] | None = None,
) -> list[str]:
    """Write *rows* as the whole of a night's table and return the keys of its parts, one at least.

    The same rows in the same order give the same bytes. A part that has *part_bytes* is followed by another.
    Parts of an earlier, longer table are emptied. Part 0 is held back and written last, with the note that *close*
    returns once all rows are read. The caller holds the night's lock.
    """
    schema = part_schema(table)
    before = max((number_of(part.key) for part in list_parts(store, table, night)), default=-1)

    def put(number: int, part: _Part) -> None:
        store.put_derived(table_part(table, night, number), part.finish(), schema=schema_name(schema) or "")

    groups = _groups(rows, schema)
    first = _Part(schema)
    number, more = 0, first.fill(groups, part_bytes)
    while more:
        part = _Part(schema)
        number, more = number + 1, part.fill(groups, part_bytes)
        put(number, part)
    for empty in range(number + 1, before + 1):
        put(empty, _Part(schema))
    if close:
        first.writer.add_key_value_metadata(close().to_metadata(schema))
    put(0, first)
    return [table_part(table, night, one) for one in range(number + 1)]


def find_note(store: Store, parts: Sequence[ListedObject]) -> ClosingNote | None:
    """Return the closing note of a table of these *parts*; None when it was not written to its end, or is lost."""
    if not parts or number_of(parts[0].key) or not parts[0].bytes:
        return None
    first = parts[0]
    try:
        return Rereader(store).read(first.key, lambda reached: read_note(reached, first.key, first.bytes))
    except FixityError:
        return None


def find_damaged_parts(store: Store, parts: NightParts) -> list[str]:
    """Return the keys of those of *parts* that are not what was written, or are lost. All their bytes are read."""
    return [part.key for of_table in parts.values() for part in of_table if not _is_as_written(store, part.key)]


def _is_as_written(store: Store, key: str) -> bool:
    try:
        found = Rereader(store).read(key, lambda reached: reached.read_digest(key))
    except FixityError:
        return False
    return found.promised == found.sha256


def part_schema(table: Table) -> pa.Schema:
    """Return the schema of a part: all columns but the night."""
    schema = SCHEMAS[table]
    return schema.remove(schema.get_field_index(NIGHT_COLUMN))


def list_parts(store: Store, table: Table, night: Night) -> list[ListedObject]:
    """Return the parts of a night's table, in order, as the store lists them."""
    return [part for _, part in list_parts_between(store, table, night, night)]


def list_parts_between(store: Store, table: Table, since: Night, until: Night) -> list[tuple[Night, ListedObject]]:
    """Return each part of the nights from *since* to *until*, in order, with its night. One listing."""
    folders = [str(PurePosixPath(table_part(table, night)).parent) + "/" for night in (since, until)]
    parts = [(_night_of(part.key), number_of(part.key), part) for part in store.list_objects(commonprefix(folders))]
    return [(night, part) for night, _, part in sorted(parts) if since <= night <= until]


def list_night_parts(store: Store, night: Night) -> NightParts:
    return {table: list_parts(store, table, night) for table in TABLES}


def list_parts_of_month(store: Store, month: Night) -> dict[Night, NightParts]:
    """Return the parts of the tables of each night of the month in which *month* is that has any. Two listings."""
    since, until = month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])
    found: dict[Night, NightParts] = defaultdict(lambda: {table: [] for table in TABLES})
    for table in TABLES:
        for night, part in list_parts_between(store, table, since, until):
            found[night][table].append(part)
    return dict(found)


def _night_of(part: str) -> Night:
    return Night.fromisoformat(PurePosixPath(part).parent.name.removeprefix("night="))


def number_of(part: str) -> int:
    """Return which part of its night *part* is, by its key."""
    return int(PurePosixPath(part).stem.removeprefix("part-"))


class _Part:
    """A part in the making."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = pa.BufferOutputStream()
        self.writer = open_table_writer(self._sink, schema, LONG_COLUMNS)

    def fill(self, groups: Iterator[pa.Table], part_bytes: int) -> bool:
        """Take *groups* until there are *part_bytes*; False when they came to an end before."""
        for group in groups:
            self.writer.write_table(group, row_group_size=_ROW_GROUP_ROWS)
            if self._sink.tell() >= part_bytes:
                return True
        return False

    def finish(self) -> bytes:
        self.writer.close()
        content: bytes = self._sink.getvalue().to_pybytes()
        return content


def _groups(rows: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield *rows* in tables large enough for a row group, so that many small crawls do not become many groups."""
    waiting: list[pa.Table] = []
    for piece in rows:
        waiting.append(conform(add_dates(piece), schema))
        if sum(map(len, waiting)) >= _ROW_GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
