"""A WARC file as a row of gzip members, one a record: written, walked, mended.

While it is written it is called ``NAME.open``; ``NAME`` alone is whole and synced.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from isal import isal_zlib

OPEN_SUFFIX = ".open"
_LEVEL = 2  # a third of zlib 6's CPU time for a tenth more bytes
_WRITE_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024


class Member(NamedTuple):
    """One gzip member: where it lies, its stored bytes, and what they decompress to."""

    offset: int
    length: int
    stored: bytes
    content: bytes


class MemberFile:
    """Append gzip members to a new file. Nothing is buffered here: what ``append`` returned is in the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        self._open_path = path.with_name(path.name + OPEN_SUFFIX)
        self._fd = os.open(self._open_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def append(self, pieces: Iterable[bytes]) -> tuple[int, int]:
        """Write one member that holds *pieces*; return its offset and length in bytes. The mtime in it is 0."""
        start = self.end
        stream = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, 31)
        pending = bytearray()
        for piece in pieces:
            pending += stream.compress(piece)
            if len(pending) >= _WRITE_BYTES:
                self._write(pending)
        pending += stream.flush()
        self._write(pending)
        return start, self.end - start

    def _write(self, pending: bytearray) -> None:
        with memoryview(pending) as view:
            written = 0
            while written < len(view):
                written += os.write(self._fd, view[written:])
        self.end += len(pending)
        pending.clear()

    def cut(self, end: int) -> None:
        """Drop everything after *end*: a failed write leaves no part of an exchange."""
        os.ftruncate(self._fd, end)
        os.lseek(self._fd, end, os.SEEK_SET)
        self.end = end

    def discard(self) -> None:
        """Close the file and remove it: nothing in it was acknowledged."""
        os.close(self._fd)
        self._open_path.unlink()

    def finish(self) -> Path:
        """Sync and close the file and give it its name."""
        os.fsync(self._fd)
        os.close(self._fd)
        return settle(self._open_path)


def settle(path: Path) -> Path:
    """Sync *path*, take ``.open`` off its name and sync its directory; return the final path."""
    _sync(path)
    final = path.rename(path.with_name(path.name.removesuffix(OPEN_SUFFIX)))
    _sync(path.parent)
    return final


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def iter_members(path: Path) -> Iterator[Member]:
    """Yield the members of the file at *path* in order. Raises EOFError or zlib.error at a cut or damaged one."""
    return _walk(path, keep=True)


def mend(path: Path) -> int:
    """Cut the file at *path* after its last whole member; return how many bytes were cut.

    Whole means that its gzip trailer is there and right. ``settle`` then gives the file its name.
    """
    good = 0
    with suppress(EOFError, zlib.error):
        for member in _walk(path, keep=False):
            good = member.offset + member.length
    excess = path.stat().st_size - good
    if excess:
        os.truncate(path, good)
    return excess


def _walk(path: Path, *, keep: bool) -> Iterator[Member]:
    offset = 0
    with path.open("rb") as file:
        piece = file.read(_READ_BYTES)
        while piece:
            stream = zlib.decompressobj(31)
            length, stored, content = 0, bytearray(), bytearray()
            while not stream.eof:
                if not piece:
                    raise EOFError(f"{path}: cut member at {offset}")
                plain = stream.decompress(piece)
                used = len(piece) - len(stream.unused_data)
                length += used
                if keep:
                    stored += piece[:used]
                    content += plain
                piece = stream.unused_data or file.read(_READ_BYTES)
            yield Member(offset, length, bytes(stored), bytes(content))
            offset += length
