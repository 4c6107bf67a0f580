"""The analyst's tables: what is committed of a night, as Parquet that any engine reads as it lies.

tables/{documents,ledger}/night={yyyy-mm-dd}/part-{n}.parquet   parts 0, 1, … without a gap
A part has no column ``night``: as Hive's partitioning has it, the key says it, and some engines refuse both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Literal

import pyarrow as pa

from storage.documents import DOCUMENT_SCHEMA, LONG_COLUMNS
from storage.keys import table_part
from storage.ledger import LEDGER_SCHEMA
from storage.model.night import Night
from storage.objects import Store
from storage.parquet import conform, open_table_writer, read_rows, schema_name

Table = Literal["documents", "ledger"]

SCHEMAS = {"documents": DOCUMENT_SCHEMA, "ledger": LEDGER_SCHEMA}
PART_BYTES = 1024**3
_NIGHT = "night"
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
    store: Store, table: Table, night: Night, rows: Iterable[pa.Table], part_bytes: int = PART_BYTES
) -> list[str]:
    """Write *rows* as the whole of a night's table and return the keys of its parts, one at least.

    The same rows in the same order give the same bytes. A part that has *part_bytes* is followed by another.
    Parts of an earlier, longer table are emptied. The caller holds the night's lock.
    """
    schema = _part_schema(table)
    before = len(_parts_of(store, table, night))
    written = []
    for number, part in enumerate(_parts(rows, schema, part_bytes)):
        written.append(table_part(table, night, number))
        store.put_derived(written[-1], part, schema=schema_name(schema) or "")
    empty = next(_parts([], schema, part_bytes))
    for number in range(len(written), before):
        store.put_derived(table_part(table, night, number), empty, schema=schema_name(schema) or "")
    return written


def read_table(store: Store, table: Table, night: Night) -> pa.Table:
    """Return a night's table, in its order: no rows when it was not written yet."""
    schema = SCHEMAS[table]
    parts = [read_rows(store.read(key), schema) for key in _parts_of(store, table, night)]
    nights = [pa.repeat(str(night), len(rows)) for rows in parts]
    whole = [conform(rows.append_column(_NIGHT, column), schema) for rows, column in zip(parts, nights, strict=True)]
    return pa.concat_tables([schema.empty_table(), *whole])


def _part_schema(table: Table) -> pa.Schema:
    schema = SCHEMAS[table]
    return schema.remove(schema.get_field_index(_NIGHT))


def _parts_of(store: Store, table: Table, night: Night) -> list[str]:
    folder = PurePosixPath(table_part(table, night)).parent
    return [table_part(table, night, number) for number, _ in enumerate(store.list_keys(f"{folder}/"))]


def _parts(rows: Iterable[pa.Table], schema: pa.Schema, part_bytes: int) -> Iterator[bytes]:
    groups = _groups(rows, schema)
    more = True
    while more:
        more = False
        sink = pa.BufferOutputStream()
        with open_table_writer(sink, schema, LONG_COLUMNS) as writer:
            for group in groups:
                writer.write_table(group, row_group_size=_ROW_GROUP_ROWS)
                if sink.tell() >= part_bytes:
                    more = True
                    break
        yield sink.getvalue().to_pybytes()


def _groups(rows: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield *rows* in tables large enough for a row group, so that many small crawls do not become many groups."""
    waiting: list[pa.Table] = []
    for piece in rows:
        waiting.append(conform(piece, schema))
        if sum(map(len, waiting)) >= _ROW_GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
