"""Reading the records of a WARC file of any origin, plain or gzip, and saying where it is damaged.

The two inner layers of what ``check`` holds a file to: members or plain records, and their heads. Our own files are
read by ``reader``, which makes no exceptions.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from storage.warc.fields import Fields, read_fields
from storage.warc.members import MEMBER_ERRORS, iter_members
from storage.warc.reader import KEPT_BLOCK_BYTES
from storage.warc.record import CLASSES, WarcRecord

_MAX_HEAD_BYTES = 256 * 1024
_PIECE_BYTES = 1024 * 1024
_VERSION = re.compile(rb"WARC/(0\.1[78]|1\.[01])\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Problem(NamedTuple):
    """What is wrong at ``offset``. Nothing of the file was read after a ``fatal`` one."""

    offset: int
    reason: str
    fatal: bool = False


class _Head(NamedTuple):
    """A record's named fields, and where the block that they announce begins."""

    headers: Fields
    by_name: dict[str, str]
    length: int

    @property
    def block_bytes(self) -> int:
        return int(self.by_name["content-length"])


def iter_foreign_records(path: Path) -> Iterator[WarcRecord | Problem]:
    """Yield the records of the file at *path*, and the problems in their place. Raises OSError only."""
    with path.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        yield from _iter_packed(path) if magic == b"\x1f\x8b" else _iter_plain(file)


def _iter_packed(path: Path) -> Iterator[WarcRecord | Problem]:
    """Yield the records of a file with one gzip member a record (the annex on compression)."""
    offset = 0
    try:
        for member in iter_members(path, KEPT_BLOCK_BYTES):
            offset = member.offset + member.length
            head = _read_head(member.content)
            if isinstance(head, str):
                yield Problem(member.offset, head)
            elif member.content_bytes != head.length + head.block_bytes + 4 or member.tail != b"\r\n\r\n":
                yield Problem(member.offset, "the member is not one whole record")
            else:
                block = member.content[head.length : head.length + head.block_bytes]
                yield _make_record(head, block, (member.offset, member.length, member.sha256))
    except MEMBER_ERRORS as error:
        yield Problem(offset, f"not a gzip member: {error}", fatal=True)


def _iter_plain(file: BinaryIO) -> Iterator[WarcRecord | Problem]:
    """Yield the records of a file without compression (clause 4): one that is wrong hides where the next begins."""
    offset = 0
    while content := file.read(_MAX_HEAD_BYTES):
        head = _read_head(content)
        if isinstance(head, str):
            yield Problem(offset, head, fatal=True)
            return
        end = offset + head.length + head.block_bytes
        file.seek(offset + head.length)
        block = file.read(min(head.block_bytes, KEPT_BLOCK_BYTES))
        file.seek(end)
        if file.read(4) != b"\r\n\r\n":
            yield Problem(min(end, file.seek(0, os.SEEK_END)), "the record does not end where it says", fatal=True)
            return
        length = end + 4 - offset
        yield _make_record(head, block, (offset, length, _sha256_of(file, offset, length)))
        offset += length


def _make_record(head: _Head, block: bytes, place: tuple[int, int, str]) -> WarcRecord:
    kind = CLASSES.get(head.by_name.get("warc-type", ""), WarcRecord)
    return kind(head.headers, head.by_name, block, *place)


def _sha256_of(file: BinaryIO, offset: int, length: int) -> str:
    """Return the SHA-256 (hex) of a range of *file*, which is then read up to its end."""
    file.seek(offset)
    digest = hashlib.sha256()
    while length:
        piece = file.read(min(length, _PIECE_BYTES))
        digest.update(piece)
        length -= len(piece)
    return digest.hexdigest()


def _read_head(content: bytes) -> _Head | str:
    """Return the head that *content* begins with (clauses 4 and 5.3), or what is wrong with it."""
    version, end = _VERSION.match(content), _HEAD_END.search(content)
    if not version:
        return "no WARC version"
    if not end:
        return "the header does not end"
    headers = [(name.strip(), value) for name, value in read_fields(_unfold(content[version.end() : end.end()]))]
    by_name = {name.lower(): value for name, value in reversed(headers)}
    if not by_name.get("content-length", "").isdigit():
        return "no Content-Length"
    return _Head(headers, by_name, end.end())


def _unfold(lines: bytes) -> bytes:
    """Return *lines* with folded values joined and CRLF at the end of each."""
    return re.sub(rb"\r?\n[ \t]+", b" ", lines).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
