"""Read WARC records back: one from the bytes of its member, or every one of a file."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from storage.model.errors import FixityError
from storage.warc.fields import Fields, read_date, read_fields
from storage.warc.http import HttpHead, split_response
from storage.warc.members import MEMBER_ERRORS, Member, iter_members

KEPT_BLOCK_BYTES = 4 * 1024 * 1024


class WarcRecord(NamedTuple):
    """One record. ``id`` is the bare URN, ``sha256`` (hex) is over the stored member of ``length`` bytes at ``offset``.

    A record read without its file has offset 0. ``headers`` are all of its fields, in order. ``block`` is whole up to
    KEPT_BLOCK_BYTES or, of a longer one read from a file, its beginning.
    """

    type: str
    id: str
    uri: str | None
    date: datetime
    headers: Fields
    by_name: dict[str, str]
    """The first value of each field, by its name in lowercase."""
    block: bytes
    offset: int
    length: int
    sha256: str

    def header(self, name: str) -> str | None:
        """Return the first field *name*, whatever its case, or None."""
        return self.by_name.get(name.lower())

    def reference(self, name: str) -> str | None:
        """Return the record id that the field *name* holds, without its angle brackets."""
        value = self.header(name)
        return value.strip("<>") if value else None

    def fields(self) -> Fields:
        """Return the block of a warcinfo or metadata record as fields, in order."""
        return read_fields(self.block)


def read_member(stored: bytes, offset: int = 0) -> WarcRecord:
    """Return the record in the gzip member *stored*, all of it. Raises FixityError when it is not one whole record."""
    try:
        stream = zlib.decompressobj(31)
        content = stream.decompress(stored)
    except zlib.error as error:
        raise FixityError(f"not a gzip member: {error}") from error
    if not stream.eof or stream.unused_data:
        raise FixityError("not one whole gzip member")
    sha256 = hashlib.sha256(stored).hexdigest()
    return _record(Member(offset, len(stored), sha256, content, len(content), content[-4:]))


def iter_records(path: Path) -> Iterator[WarcRecord]:
    """Yield the records of the file at *path* in order. Raises FixityError at a cut or damaged one."""
    try:
        for member in iter_members(path, KEPT_BLOCK_BYTES):
            yield _record(member)
    except MEMBER_ERRORS as error:
        raise FixityError(f"{path}: {error}") from error


def parse_response(record: WarcRecord) -> tuple[HttpHead, bytes]:
    """Return the head and payload (transfer coding undone) of a response; of a revisit, the head and nothing."""
    return split_response(record.block)


def _record(member: Member) -> WarcRecord:
    head, _, rest = member.content.partition(b"\r\n\r\n")
    version, _, lines = head.partition(b"\r\n")
    headers = read_fields(lines)
    known = {name.lower(): value for name, value in reversed(headers)}
    length = known.get("content-length", "")
    left = member.content_bytes - len(head) - 4
    whole = length.isdigit() and left == int(length) + 4 and member.tail == b"\r\n\r\n"
    if not version.startswith(b"WARC/") or not whole:
        raise FixityError(f"not one whole WARC record at {member.offset}")
    return WarcRecord(
        type=known.get("warc-type", ""),
        id=known.get("warc-record-id", "").strip("<>"),
        uri=known.get("warc-target-uri"),
        date=read_date(known.get("warc-date", "")),
        headers=headers,
        by_name=known,
        block=rest[: int(length)],
        offset=member.offset,
        length=member.length,
        sha256=member.sha256,
    )
