"""The analyst's tables as Arrow datasets over the store: of each part only the columns and rows that are asked for."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.fs

from storage.model.errors import FixityError
from storage.model.night import Night
from storage.night_tables import NIGHT_COLUMN, SCHEMAS, Table, list_parts_between
from storage.objects import Store

_BLOCK_BYTES = 1024 * 1024


def open_dataset(store: Store, table: Table, since: Night = Night.min, until: Night = Night.max) -> Any:
    """Return the parts of a table that there are now as a ``pyarrow.dataset.Dataset``, in the order of nights.

    Columns that older parts lack are null. Bytes are read by range, held to the checksums of their Parquet pages.
    """
    schema = SCHEMAS[table]
    parts = [part for _, part in list_parts_between(store, table, since, until)]
    if not parts:
        return pyarrow.dataset.dataset(schema.empty_table())
    files = pyarrow.fs.PyFileSystem(_StoredFiles(store, {part.key: part.bytes for part in parts}))
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

    def __init__(self, store: Store, sizes: dict[str, int]) -> None:
        self._store = store
        self._sizes = sizes

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
        return pa.PythonFile(io.BufferedReader(_Object(self._store, path, self._sizes[path]), _BLOCK_BYTES), mode="r")

    def open_input_stream(self, path: str) -> Any:
        return self.open_input_file(path)

    def _refuse(self, *_: object, **__: object) -> Any:
        raise NotImplementedError("tables are only read here")

    get_file_info_selector = create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = _refuse
    delete_file = move = copy_file = open_output_stream = open_append_stream = _refuse


class _Object(io.RawIOBase):
    """An object as a file whose bytes are read from the store by range."""

    def __init__(self, store: Store, key: str, size: int) -> None:
        self._store = store
        self._key = key
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
        content = self._store.read_range(self._key, self._place, wanted)
        if len(content) != wanted:
            raise FixityError(f"{self._key}: has fewer bytes than are listed")
        buffer[:wanted] = content
        self._place += wanted
        return wanted
