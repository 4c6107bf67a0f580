"""The ledger of a crawl: one row a discovered URL (Parquet, schema ledger/1)."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from storage.model.outcome import Outcome
from storage.parquet import TIME, WORDS, named_schema, read_arrow, write_rows

LEDGER = "ledger/1"

_TIMES = ("announced", "fetched_at")
_LISTS = ("redirected_from", "flags")
_OTHERS = {"status": pa.int32(), "duration_seconds": pa.float64(), "wire_bytes": pa.int64()}


def _type(name: str) -> pa.DataType:
    if name in _TIMES:
        return TIME
    return WORDS if name in _LISTS else _OTHERS.get(name, pa.string())


LEDGER_SCHEMA = named_schema(LEDGER, {name: _type(name) for name in Outcome.model_fields})


def write_ledger(outcomes: Iterable[Outcome]) -> bytes:
    """Return *outcomes* as Parquet, sorted by URL: the same outcomes give the same rows."""
    rows = [outcome.model_dump() for outcome in sorted(outcomes, key=lambda outcome: outcome.url)]
    return write_rows(rows, LEDGER_SCHEMA)


def read_ledger(content: bytes) -> list[Outcome]:
    """Return the outcomes of what ``write_ledger`` returned."""
    return [Outcome.model_validate(row) for row in read_arrow(content).to_pylist()]
