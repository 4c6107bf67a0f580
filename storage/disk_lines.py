"""Lines by key in an unnamed temporary file; memory holds only the keys and where each line begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from storage.model.errors import disk_error

_BUFFER_BYTES = 16 * 1024
_LINE_BYTES = 2048


class DiskLines(MutableMapping[str, bytes]):
    """A mapping from keys to lines, without their line ends, in a file in *directory*, which must exist by the first.

    Raises StorageError when the disk refuses a line; none may be added after that.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: IO[bytes] | None = None
        self._starts: dict[str, int] = {}
        self._end = 0

    def __setitem__(self, key: str, line: bytes) -> None:
        with self._our_errors():
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=_BUFFER_BYTES, dir=self._directory)  # noqa: SIM115
            self._file.write(line + b"\n")
        self._starts[key] = self._end
        self._end += len(line) + 1

    def __getitem__(self, key: str) -> bytes:
        start, length = self._starts[key], _LINE_BYTES
        assert self._file is not None
        with self._our_errors():
            self._file.flush()
            while b"\n" not in (found := os.pread(self._file.fileno(), length, start)):
                length *= 2
        return found[: found.index(b"\n")]

    def __delitem__(self, key: str) -> None:
        del self._starts[key]

    def __contains__(self, key: object) -> bool:
        return key in self._starts  # the mixin reads the line

    def __iter__(self) -> Iterator[str]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise disk_error(f"{self._directory}: line not kept", error) from error
