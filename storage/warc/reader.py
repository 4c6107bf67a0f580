"""Reading back the WARC records of our own files: one from the bytes of its member, or all of a file."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from storage.model.errors import FixityError
from storage.warc.fields import read_fields
from storage.warc.members import MEMBER_ERRORS, Member, iter_members
from storage.warc.record import CLASSES, WarcRecord

KEPT_BLOCK_BYTES = 4 * 1024 * 1024
"""Of a longer block ``iter_records`` gives this much."""


def read_member(stored: bytes) -> WarcRecord:
    """Return the record in the gzip member *stored*, all of it. Raises FixityError when it is not one whole record."""
    try:
        stream = zlib.decompressobj(31)
        content = stream.decompress(stored)
    except zlib.error as error:
        raise FixityError(f"not a gzip member: {error}") from error
    if not stream.eof or stream.unused_data:
        raise FixityError("not one whole gzip member")
    sha256 = hashlib.sha256(stored).hexdigest()
    return _read_record(Member(0, len(stored), sha256, content, len(content), content[-4:]))


def iter_records(path: Path) -> Iterator[WarcRecord]:
    """Yield the records of the file at *path* in order. Raises FixityError at a cut or damaged one."""
    try:
        for member in iter_members(path, KEPT_BLOCK_BYTES):
            yield _read_record(member)
    except MEMBER_ERRORS as error:
        raise FixityError(f"{path}: {error}") from error


def _read_record(member: Member) -> WarcRecord:
    head, _, rest = member.content.partition(b"\r\n\r\n")
    version, _, lines = head.partition(b"\r\n")
    headers = read_fields(lines)
    by_name = {name.lower(): value for name, value in reversed(headers)}
    length = by_name.get("content-length", "")
    left = member.content_bytes - len(head) - 4
    whole = length.isdigit() and left == int(length) + 4 and member.tail == b"\r\n\r\n"
    if not version.startswith(b"WARC/") or not whole:
        raise FixityError(f"not one whole WARC record at {member.offset}")
    kind = CLASSES.get(by_name.get("warc-type", ""), WarcRecord)
    return kind(headers, by_name, rest[: int(length)], member.offset, member.length, member.sha256)
