"""The bucket of schema 1 in ``bucket-1`` beside this file, put into a current store, with its original tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storage.objects import Store

BUCKET_1 = Path(__file__).parent / "bucket-1"
OLD_COLUMNS = {"documents": 34, "ledger": 24}


def put_bucket_1(store: Store) -> None:
    for path in sorted(BUCKET_1.rglob("*.*")):
        store.put_new(str(path.relative_to(BUCKET_1)), path.read_bytes(), schema="")


def put_tables_1(store: Store) -> None:
    """Put the tables of both nights, as the first release wrote them: the rows of the objects, ``night`` among them."""
    for table, columns in OLD_COLUMNS.items():
        for night in ("2026-11-23", "2026-11-24"):
            files = sorted((BUCKET_1 / table).rglob(f"date={night}/*.parquet"))
            rows = pa.concat_tables([pq.ParquetFile(file).read() for file in files])
            assert len(rows.schema.names) == columns
            sink = pa.BufferOutputStream()
            pq.write_table(rows, sink, store_schema=False)
            store.put_derived(f"tables/{table}/night={night}/part-0.parquet", sink.getvalue().to_pybytes(), schema="")
