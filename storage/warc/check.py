"""What a WARC file of anybody's holds, and where it is not what it should be (ISO 28500:2017 clauses 4 to 6).

Plain, or gzip with one member a record. Our own files are read by ``reader``, which takes no exceptions.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from storage.model.errors import NoMainTextError
from storage.warc.fields import Fields, read_fields
from storage.warc.http import HttpFramer, HttpHead, split_response, transfer_codings
from storage.warc.members import MEMBER_ERRORS, iter_members
from storage.warc.reader import KEPT_BLOCK_BYTES

_MAX_HEAD_BYTES = 256 * 1024
_VERSION = re.compile(rb"WARC/(0\.1[78]|1\.[01])\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?Z)?)?)?")
_CAPTURES = frozenset({"response", "revisit", "resource"})
_MANDATORY = ("warc-type", "warc-record-id", "warc-date")


class FoundCapture(NamedTuple):
    """A response, revisit or resource record: ``length`` bytes at ``offset`` of the file, as it is stored."""

    uri: str
    date: datetime
    status: int | None
    payload_digest: str | None
    offset: int
    length: int


class Problem(NamedTuple):
    """What is wrong at ``offset``. After a ``fatal`` one nothing of the file was read."""

    offset: int
    reason: str
    fatal: bool = False


class Survey(NamedTuple):
    captures: list[FoundCapture]
    problems: list[Problem]


class _Raw(NamedTuple):
    """A record as it lies: header, the beginning of its block, how long that is; or what is wrong with it."""

    offset: int
    length: int
    fields: dict[str, str]
    block: bytes
    block_bytes: int


def survey_warc(path: Path) -> Survey:
    """Read the file at *path* as far as it goes. Raises OSError only."""
    survey = Survey([], [])
    with path.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        records = _iter_packed(path) if magic == b"\x1f\x8b" else _iter_plain(file)
        for record in records:
            if isinstance(record, Problem):
                survey.problems.append(record)
            else:
                _take(record, survey)
    return survey


def _iter_packed(path: Path) -> Iterator[_Raw | Problem]:
    offset = 0
    try:
        for member in iter_members(path, KEPT_BLOCK_BYTES):
            offset = member.offset + member.length
            parsed = _parse_head(member.content)
            if isinstance(parsed, str):
                yield Problem(member.offset, parsed)
                continue
            fields, start = parsed
            size = int(fields["content-length"])
            if member.content_bytes != start + size + 4 or member.tail != b"\r\n\r\n":
                yield Problem(member.offset, "the member is not one whole record")
                continue
            block = member.content[start : start + size]
            yield _Raw(member.offset, member.length, fields, block, size)
    except MEMBER_ERRORS as error:
        yield Problem(offset, f"not a gzip member: {error}", fatal=True)


def _iter_plain(file: BinaryIO) -> Iterator[_Raw | Problem]:
    offset = 0
    while head := file.read(_MAX_HEAD_BYTES):
        parsed = _parse_head(head)
        if isinstance(parsed, str):
            yield Problem(offset, parsed, fatal=True)
            return
        fields, start = parsed
        size = int(fields["content-length"])
        file.seek(offset + start)
        block = file.read(min(size, KEPT_BLOCK_BYTES))
        file.seek(offset + start + size)
        if file.read(4) != b"\r\n\r\n":
            end = min(offset + start + size, file.seek(0, os.SEEK_END))
            yield Problem(end, "the record does not end where it says", fatal=True)
            return
        yield _Raw(offset, start + size + 4, fields, block, size)
        offset += start + size + 4


def _parse_head(content: bytes) -> tuple[dict[str, str], int] | str:
    """Return the fields of a record by lowercase name, and where its block begins; or what is wrong with them."""
    version, end = _VERSION.match(content), _HEAD_END.search(content)
    if not version:
        return "no WARC version"
    if not end:
        return "the header does not end"
    fields: dict[str, str] = {}
    for name, value in _unfolded(content[version.end() : end.end()]):
        fields.setdefault(name.strip().lower(), value)
    if not fields.get("content-length", "").isdigit():
        return "no Content-Length"
    return fields, end.end()


def _unfolded(head: bytes) -> Fields:
    return read_fields(re.sub(rb"\r?\n[ \t]+", b" ", head).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _take(record: _Raw, survey: Survey) -> None:
    fields = record.fields
    survey.problems.extend(Problem(record.offset, reason) for reason in _faults(record))
    date = _read_date(fields.get("warc-date", ""))
    uri = fields.get("warc-target-uri", "").strip("<>")
    if fields.get("warc-type") not in _CAPTURES or date is None or not uri:
        return
    is_http = fields.get("content-type", "").lower().startswith("application/http")
    if fields["warc-type"] == "response" and not is_http:  # of DNS, for one
        return
    head = _http_head(record.block) if is_http else None
    if is_http and head is None and fields["warc-type"] == "response":
        survey.problems.append(Problem(record.offset, "no HTTP response head"))
        return
    if head and _is_broken(record, head):
        survey.problems.append(Problem(record.offset, "the HTTP response breaks its own framing"))
    status, digest = head.status if head else None, fields.get("warc-payload-digest")
    survey.captures.append(FoundCapture(uri, date, status, digest, record.offset, record.length))


def _http_head(block: bytes) -> HttpHead | None:
    try:
        return split_response(block)[0]
    except NoMainTextError:
        return None


def _is_broken(record: _Raw, head: HttpHead) -> bool:
    """Say whether a whole response is not framed as RFC 9112 has it, to the letter."""
    if record.fields["warc-type"] != "response" or len(record.block) < record.block_bytes:
        return False
    framer = HttpFramer("GET", lambda raw: None, lambda payload: None)
    framer.feed(record.block)
    chunked = transfer_codings(head.values(b"transfer-encoding"))[-1:] == [b"chunked"]
    return framer.broken or (chunked and not _is_chunked(record.block[len(framer.head_block) :]))


def _is_chunked(body: bytes) -> bool:
    """Say whether *body* is chunks whose lines end with CRLF; a cut one is, as far as it goes."""
    position = 0
    while match := _CHUNK.match(body, position):
        size = int(match[1], 16)
        end = match.end() + size
        if not size or end >= len(body):
            return True
        if body[end : end + 2] != b"\r\n":
            return False
        position = end + 2
    return position == len(body)


def _faults(record: _Raw) -> Iterator[str]:
    fields = record.fields
    for name in _MANDATORY:
        if not fields.get(name):
            yield f"no {name}"
    kind, media_type = fields.get("warc-type", ""), fields.get("content-type", "").lower().replace(" ", "")
    http, _, message = media_type.partition(";msgtype=")
    if kind in ("response", "request") and http == "application/http" and message not in ("", kind):
        yield f"a {kind} whose Content-Type is {media_type}"
    if _read_date(fields.get("warc-date", "")) is None:
        yield "WARC-Date is no date"
    segment = fields.get("warc-segment-number")
    if (kind == "continuation") != (segment is not None and segment.isdigit() and int(segment) > 1):
        yield "WARC-Segment-Number is not that of its type"
    if len(record.block) == record.block_bytes and not _is_of(fields.get("warc-block-digest"), record.block):
        yield "the block is not that of WARC-Block-Digest"


def _is_of(label: str | None, block: bytes) -> bool:
    """Say whether *label* is a digest of *block*; one of an algorithm that we do not know is not doubted."""
    algorithm, _, value = (label or "").partition(":")
    if algorithm.lower() not in ("md5", "sha1", "sha256", "sha512"):
        return True
    digest = hashlib.new(algorithm.lower(), block).digest()
    return value.lower() in (digest.hex(), base64.b32encode(digest).decode().lower())


def _read_date(text: str) -> datetime | None:
    """Read a WARC-Date of any precision; None when it is none."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
