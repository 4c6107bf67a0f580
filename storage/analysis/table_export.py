"""Rows written to a file: Parquet and JSON lines, which have them exactly, and CSV for spreadsheets.

In CSV lists and maps are JSON, times ISO 8601 in UTC, and what is unknown is empty. Strangers wrote the texts: a cell
that a spreadsheet would take for a formula begins with an apostrophe, as OWASP says (`= + - @`, tab, carriage return).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from storage.analysis.arrow_rows import ArrowRows
from storage.documents import LONG_COLUMNS
from storage.model.errors import SeedError
from storage.parquet import open_table_writer

_ROW_GROUP_BYTES = 16 * 1024 * 1024
_FORMULA_SIGNS = tuple("=+-@\t\r")


def export_rows(rows: ArrowRows, file: BinaryIO, name: Path) -> int:
    """Write *rows* to *file* in the format that the ending of *name* says, and return how many there were."""
    return _WRITERS[find_format(name)](rows, file)


def find_format(name: Path) -> str:
    """Return the format of a file of this *name*: its ending. Raises SeedError for an ending that says none."""
    ending = name.suffix.lower().removeprefix(".")
    if ending not in _WRITERS:
        raise SeedError(f"{name}: the name must end with {', '.join(f'.{one}' for one in _WRITERS)}")
    return ending


def _write_parquet(rows: ArrowRows, file: BinaryIO) -> int:
    without_statistics = tuple(name for name in LONG_COLUMNS if name in rows.schema.names)
    written = 0
    with open_table_writer(pa.PythonFile(file, mode="w"), rows.schema, without_statistics) as writer:
        for group in _gather(rows):
            writer.write_table(group)
            written += group.num_rows
    return written


def _gather(rows: ArrowRows) -> Iterator[pa.Table]:
    """Yield *rows* in tables large enough for a row group: a search may leave few rows of each batch."""
    waiting: list[pa.RecordBatch] = []
    for batch in rows:
        waiting.append(batch)
        if sum(one.nbytes for one in waiting) >= _ROW_GROUP_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _write_csv(rows: ArrowRows, file: BinaryIO) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(rows.schema.names)
    written = 0
    for row in _iter_rows(rows):
        writer.writerow([_to_cell(value) for value in row.values()])
        written += 1
    text.detach()
    return written


def _to_cell(value: Any) -> Any:
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return "'" + value
    return value


def _write_json_lines(rows: ArrowRows, file: BinaryIO) -> int:
    written = 0
    for line in to_json_lines(rows):
        file.write(line.encode())
        written += 1
    return written


def to_json_lines(rows: ArrowRows) -> Iterator[str]:
    """Yield *rows* as JSON, a line each."""
    for row in _iter_rows(rows):
        yield json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _iter_rows(rows: ArrowRows) -> Iterator[dict[str, Any]]:
    """Yield *rows* in values that JSON has."""
    for batch in rows:
        for row in batch.to_pylist(maps_as_pydicts="strict"):
            yield {name: _to_json_value(value) for name, value in row.items()}


def _to_json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    return value.isoformat() if isinstance(value, date) else value


_WRITERS: dict[str, Callable[[ArrowRows, BinaryIO], int]] = {
    "parquet": _write_parquet,
    "csv": _write_csv,
    "jsonl": _write_json_lines,
}
"""By ending."""
