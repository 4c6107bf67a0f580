"""The analyst's tables as Arrow datasets over the store: of each part only the columns and rows that are asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.fs

from storage.model.errors import FixityError, HemerotecaError
from storage.night_tables import NIGHT_COLUMN, SCHEMAS, Table, list_parts_between
from storage.objects import Store
from storage.table_reads import TableRange

_BLOCK_BYTES = 1024 * 1024


class StoreFaults:
    """The first error of the store while Arrow read from it, which an engine on top wraps in words of its own."""

    def __init__(self) -> None:
        self._first: HemerotecaError | None = None

    def note(self, error: HemerotecaError) -> None:
        self._first = self._first or error

    def translate(self, error: Exception) -> HemerotecaError:
        """Return what *error* of an engine is: of the store, else of a part that is damaged."""
        return self._first or FixityError(f"tables: a part is damaged, `hemeroteca admin rebuild` mends it: {error}")


def open_dataset(store: Store, table: Table, wanted: TableRange, faults: StoreFaults) -> Any:
    """Return the nights *wanted* of a table, as they are now, as a ``pyarrow.dataset.Dataset``, in their order.

    Columns that older parts lack are null. Bytes are read by range, held to the checksums of their Parquet pages.
    """
    schema = SCHEMAS[table]
    parts = [part for _, part in list_parts_between(store, table, wanted.since, wanted.until)]
    if not parts:
        return pyarrow.dataset.dataset(schema.empty_table())
    files = pyarrow.fs.PyFileSystem(_StoredFiles(store, {part.key: part.bytes for part in parts}, faults))
    checked = pyarrow.dataset.ParquetFragmentScanOptions(page_checksum_verification=True)
    return pyarrow.dataset.dataset(
        [part.key for part in parts],
        schema=schema,
        filesystem=files,
        format=pyarrow.dataset.ParquetFileFormat(default_fragment_scan_options=checked),
        partitioning=pyarrow.dataset.partitioning(pa.schema([schema.field(NIGHT_COLUMN)]), flavor="hive"),
    )


class _StoredFiles(pyarrow.fs.FileSystemHandler):  # type: ignore[misc]
    """The objects of a store that are listed, for Arrow to read."""

    def __init__(self, store: Store, sizes: dict[str, int], faults: StoreFaults) -> None:
        self._store = store
        self._sizes = sizes
        self._faults = faults

    def get_type_name(self) -> str:
        return "hemeroteca"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[Any]:
        kind = pyarrow.fs.FileType
        return [
            pyarrow.fs.FileInfo(path, kind.File, size=self._sizes[path])
            if path in self._sizes
            else pyarrow.fs.FileInfo(path, kind.NotFound)
            for path in paths
        ]

    def open_input_file(self, path: str) -> Any:
        stored = _Object(partial(self._read, path), self._sizes[path])
        return pa.PythonFile(io.BufferedReader(stored, _BLOCK_BYTES), mode="r")

    def _read(self, key: str, offset: int, length: int) -> bytes:
        try:
            content = self._store.read_range(key, offset, length)
            if len(content) != length:
                raise FixityError(f"{key}: has fewer bytes than are listed")
        except HemerotecaError as error:
            self._faults.note(error)
            raise
        return content

    def open_input_stream(self, path: str) -> Any:
        return self.open_input_file(path)

    def _refuse(self, *_: object, **__: object) -> Any:
        raise NotImplementedError("tables are only read here")

    get_file_info_selector = create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = _refuse
    delete_file = move = copy_file = open_output_stream = open_append_stream = _refuse


class _Object(io.RawIOBase):
    """An object as a file whose bytes are read from the store by range."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read = read
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._place)
        if wanted <= 0:
            return 0
        buffer[:wanted] = self._read(self._place, wanted)
        self._place += wanted
        return wanted
