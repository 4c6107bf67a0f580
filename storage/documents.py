"""The documents of a cleaning: one flat row each (Parquet, schema document/1)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.model.document import Document
from storage.model.errors import NotArchivedError
from storage.objects import Store
from storage.parquet import TIME, WORDS, named_schema, read_arrow, write_rows

DOCUMENT = "document/1"
GROUP_ROWS = 64  # a look-up reads one row group

_NESTED = {"location": "warc", "extractor": "extractor", "software": "software"}
"""Fields that are records, and what their columns begin with."""
_FLAT = [name for name in Document.model_fields if name not in _NESTED and name != "schema_name"]
_TYPES = {
    "fetched_at": TIME,
    "extracted_at": TIME,
    "status": pa.int32(),
    "warc_offset": pa.int64(),
    "warc_length": pa.int64(),
    "authors": WORDS,
    "redirected_from": WORDS,
}
_COLUMNS = [
    *_FLAT,
    *("warc_key", "warc_offset", "warc_length"),
    *("extractor_name", "extractor_version", "extractor_settings_digest"),
    *("software_name", "software_version", "software_commit", "software_lock_digest", "software_python"),
]
DOCUMENT_SCHEMA = named_schema(DOCUMENT, {name: _TYPES.get(name, pa.string()) for name in _COLUMNS})


def write_documents(documents: Iterable[Document]) -> bytes:
    """Return *documents* as Parquet, in their order; a row's number is its place in it."""
    return write_rows((_row(document) for document in documents), DOCUMENT_SCHEMA, GROUP_ROWS)


def read_documents(content: bytes) -> list[Document]:
    """Return the documents of what ``write_documents`` returned."""
    return [document_of(row) for row in read_arrow(content).to_pylist()]


def read_document_row(store: Store, key: str, row: int) -> Document:
    """Return the document in *row* of the object at *key*, reading only its row group; NotArchivedError."""
    with pq.ParquetFile(_RangeFile(store, key)) as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if row < rows:
                return document_of(file.read_row_group(group).slice(row, 1).to_pylist()[0])
            row -= rows
    raise NotArchivedError(f"{key}: has no such row")


def document_of(row: dict[str, Any]) -> Document:
    """Return the document that a row of this table holds."""
    nested = {
        field: {name.removeprefix(f"{prefix}_"): row[name] for name in row if name.startswith(f"{prefix}_")}
        for field, prefix in _NESTED.items()
    }
    return Document.model_validate({**{name: row[name] for name in _FLAT}, **nested})


def _row(document: Document) -> dict[str, Any]:
    fields = document.model_dump()
    row = {name: fields[name] for name in _FLAT}
    for field, prefix in _NESTED.items():
        row |= {f"{prefix}_{name}": value for name, value in fields[field].items()}
    return row


class _RangeFile(io.RawIOBase):
    """An object of the store as a file to seek in: each read is one ranged GET."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__()
        found = store.stat(key)
        if found is None:
            raise NotArchivedError(f"{key}: not in the store")
        self._store, self._key, self._size, self._at = store, key, found.bytes, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = self._size - self._at
        length = left if size is None or size < 0 else min(size, left)
        if length <= 0:
            return b""
        content = self._store.read_range(self._key, self._at, length)
        self._at += length
        return content
