"""Rows as Parquet: zstd, page checksums, and the name of their schema in the file's metadata."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.model.errors import FixityError

WORDS = pa.string()
LIST_OF_WORDS = pa.list_(pa.string())
MOMENT = pa.timestamp("us", tz="UTC")


def make_schema(name: str, required: dict[str, Any], optional: dict[str, Any]) -> pa.Schema:
    """Return the Arrow schema called *name*; *required* columns hold no null."""
    fields = [pa.field(column, kind, nullable=False) for column, kind in required.items()]
    fields += [pa.field(column, kind) for column, kind in optional.items()]
    return pa.schema(fields, metadata={"schema": name})


def schema_name(schema: pa.Schema) -> str | None:
    """Return the name that ``make_schema`` gave."""
    name = (schema.metadata or {}).get(b"schema")
    return name.decode(errors="replace") if name else None


def open_table_writer(
    sink: pa.NativeFile,
    schema: pa.Schema,
    without_statistics: tuple[str, ...] = (),
    encodings: dict[str, str] | None = None,
) -> pq.ParquetWriter:
    """Begin a Parquet file. Columns *without_statistics*: long texts would fill the footer.

    *encodings* are for columns that hardly repeat a value; the others have a dictionary.
    """
    names = [column for column in schema.names if column not in without_statistics]
    writer = pq.ParquetWriter(
        sink, schema, compression="zstd", write_statistics=names, write_page_checksum=True, version="2.6",
        use_dictionary=[column for column in schema.names if column not in encodings] if encodings else True,
        column_encoding=encodings, store_schema=False,
    )  # fmt: skip
    writer.add_key_value_metadata(
        schema.metadata
    )  # kept here because Arrow's own schema, half of a small footer, is left out
    return writer


def write_rows(
    rows: pa.Table,
    row_group_rows: int,
    without_statistics: tuple[str, ...] = (),
    encodings: dict[str, str] | None = None,
) -> bytes:
    """Return *rows* as one Parquet file; the same rows give the same bytes. The rest as for ``open_table_writer``."""
    sink = pa.BufferOutputStream()
    with open_table_writer(sink, rows.schema, without_statistics, encodings) as writer:
        writer.write_table(rows, row_group_size=row_group_rows)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_rows(content: bytes, *expected: pa.Schema) -> pa.Table:
    """Return every row and column of a Parquet file. Raises FixityError when it is damaged or not *expected*."""
    try:
        rows = pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise FixityError(f"not a whole Parquet file: {error}") from error
    check_schema(rows.schema, *expected)
    return rows


def check_schema(found: pa.Schema, *expected: pa.Schema) -> None:
    """Raise FixityError when *found* has the name of none of *expected*."""
    names = [schema_name(schema) for schema in expected]
    if schema_name(found) not in names:
        raise FixityError(f"schema {schema_name(found)}, not {' or '.join(map(str, names))}")


def conform(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return *rows* with exactly the columns of *schema*: those that older objects lack are null."""
    columns = [
        rows.column(field.name).cast(field.type) if field.name in rows.schema.names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
