"""Parquet files of ours: typed columns, zstd, and the schema's name in the file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TIME = pa.timestamp("us", tz="UTC")
WORDS = pa.list_(pa.string())


def named_schema(name: str, columns: dict[str, pa.DataType]) -> pa.Schema:
    """Return an Arrow schema of *columns* whose metadata says ``schema: name``."""
    return pa.schema(list(columns.items()), metadata={"schema": name})


def write_rows(rows: Iterable[dict[str, Any]], schema: pa.Schema, group_rows: int | None = None) -> bytes:
    """Return *rows* as one Parquet file, in row groups of *group_rows*."""
    return write_arrow(pa.Table.from_pylist(list(rows), schema=schema), group_rows)


def write_arrow(table: pa.Table, group_rows: int | None = None) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", row_group_size=group_rows)
    return sink.getvalue()


def read_arrow(content: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(content))


def schema_name(table: pa.Table) -> str | None:
    """Return the name that ``named_schema`` gave, or None."""
    metadata = table.schema.metadata or {}
    name = metadata.get(b"schema")
    return name.decode() if name else None
