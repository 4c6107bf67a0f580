"""A WARC file as a series of gzip members, one for each record: written, read in order, repaired after an accident.

While it is written it is called ``NAME.open``; ``NAME`` alone is whole and synced.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from isal import isal_zlib

from storage.files import sync_path

OPEN_SUFFIX = ".open"
_LEVEL = 2  # a third of zlib 6's CPU time for a tenth more bytes
_SMALL_BYTES = 4096
_TIGHT = (6, zlib.DEFLATED, 16 + 12, 5)  # for small members: as quick as isal, and smaller; a window of 4096 bytes
_WRITE_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024


MEMBER_ERRORS: tuple[Any, ...] = (EOFError, isal_zlib.error)
"""What a cut or damaged gzip member raises."""


class Member(NamedTuple):
    """One gzip member: where its stored bytes lie, their SHA-256 (hex), and what they decompress to.

    ``content`` is the beginning of the ``content_bytes``, or all of them; ``tail`` are the last four.
    """

    offset: int
    length: int
    sha256: str
    content: bytes
    content_bytes: int
    tail: bytes


class MemberContent(Protocol):
    """What a member is to hold, about ``length`` bytes; ``is_packed`` when compressing would not make it smaller."""

    @property
    def length(self) -> int: ...

    @property
    def is_packed(self) -> bool: ...

    def pieces(self) -> Iterable[bytes]: ...


def _compressor(content: MemberContent) -> Any:
    if content.is_packed:
        return zlib.compressobj(0, zlib.DEFLATED, 31)
    if content.length <= _SMALL_BYTES:
        return zlib.compressobj(*_TIGHT)
    return isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, 31)


class MemberFile:
    """Append gzip members to a new file. Nothing is buffered here: what ``append`` returned is in the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        self._open_path = path.with_name(path.name + OPEN_SUFFIX)
        self._fd = os.open(self._open_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def append(self, records: Iterable[MemberContent]) -> list[tuple[int, int]]:
        """Write a member for each of *records*; return offsets and lengths in bytes. The mtime in them is 0."""
        places = []
        start = self.end
        pending = bytearray()
        for record in records:
            stream = _compressor(record)
            for piece in record.pieces():
                pending += stream.compress(piece)
                if len(pending) >= _WRITE_BYTES:
                    self._write(pending)
            pending += stream.flush()
            end = self.end + len(pending)
            places.append((start, end - start))
            start = end
        self._write(pending)
        return places

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
        return finish_warc(self._open_path)


def finish_warc(path: Path) -> Path:
    """Sync *path*, take ``.open`` off its name and sync its directory; return the final path."""
    sync_path(path)
    final = path.rename(path.with_name(path.name.removesuffix(OPEN_SUFFIX)))
    sync_path(path.parent)
    return final


def iter_members(path: Path, most_bytes: int) -> Iterator[Member]:
    """Yield the members of the file at *path* in order, with up to *most_bytes* of the content of each.

    Raises one of MEMBER_ERRORS at a cut or damaged member.
    """
    offset = 0
    with path.open("rb") as file:
        piece = file.read(_READ_BYTES)
        while piece:
            member, piece = _read_member(file, offset, piece, most_bytes)
            yield member
            offset += member.length


def _read_member(file: BinaryIO, offset: int, piece: bytes, most_bytes: int) -> tuple[Member, bytes]:
    """Return the member that begins with *piece*, and what was read beyond it."""
    stream, sha256 = isal_zlib.decompressobj(31), hashlib.sha256()
    length = content_bytes = 0
    content, tail, plain = bytearray(), b"", b""
    while not stream.eof:
        if not piece and len(plain) < _READ_BYTES:
            piece = file.read(_READ_BYTES)
            if not piece:
                raise EOFError(f"{file.name}: cut member at {offset}")
        plain = stream.decompress(piece, _READ_BYTES)
        rest = stream.unused_data if stream.eof else stream.unconsumed_tail
        sha256.update(piece[: len(piece) - len(rest)])
        length += len(piece) - len(rest)
        content_bytes += len(plain)
        content += plain[: max(0, most_bytes - len(content))]
        tail = (tail + plain[-4:])[-4:]
        piece = rest
    member = Member(offset, length, sha256.hexdigest(), bytes(content), content_bytes, tail)
    return member, piece or file.read(_READ_BYTES)


def mend_warc(path: Path) -> int:
    """Cut the file at *path* before its first damaged member; return how many bytes were cut.

    Whole means that its gzip trailer is there and right. ``finish_warc`` then gives the file its name.
    """
    good = 0
    with suppress(*MEMBER_ERRORS):
        for member in iter_members(path, 0):
            good = member.offset + member.length
    excess = path.stat().st_size - good
    if excess:
        os.truncate(path, good)
    return excess
