"""Checking a WARC file of any origin against ISO 28500:2017, and finding the captures in it.

From the inside to the outside, each layer with the clause that it holds the file to:

    member or plain record → head (both in ``foreign_reader``) → fields → block → HTTP message → relations of records
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from storage.warc.body_framing import transfer_codings
from storage.warc.foreign_reader import Problem, iter_foreign_records
from storage.warc.http import HttpFramer
from storage.warc.record import (
    WarcCaptureRecord,
    WarcContinuation,
    Warcinfo,
    WarcRecord,
    WarcResource,
    WarcResponse,
    WarcRevisit,
    WarcTargetRecord,
)

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?Z)?)?)?")
_MANDATORY = ("warc-type", "warc-record-id", "warc-date")
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


class FoundCapture(NamedTuple):
    """A response, revisit or resource record: ``length`` bytes at ``offset`` of the file, as it is stored."""

    target_uri: str
    date: datetime
    status: int | None
    payload_digest: str | None
    offset: int
    length: int


class CheckedWarc(NamedTuple):
    captures: list[FoundCapture]
    problems: list[Problem]


def check_warc(path: Path) -> CheckedWarc:
    """Read the file at *path* as far as it can be read. Raises OSError only."""
    captures: list[FoundCapture] = []
    problems: list[Problem] = []
    earlier: dict[str, type[WarcRecord]] = {}
    for record in iter_foreign_records(path):
        if isinstance(record, Problem):
            problems.append(record)
            continue
        message = _frame_response(record)
        reasons = [*_check_fields(record), *_check_block(record)]
        reasons += [*_check_http(record, message), *_check_relations(record, earlier)]
        problems += [Problem(record.offset, reason) for reason in reasons]
        earlier[(record.header("WARC-Record-ID") or "").strip("<>")] = type(record)
        if capture := _find_capture(record, message):
            captures.append(capture)
    if not earlier and not problems:
        problems.append(Problem(0, "no record"))  # a file is one record or more (clause 4)
    return CheckedWarc(captures, problems)


def _check_fields(record: WarcRecord) -> Iterator[str]:
    """What every record must have (5.2, 5.4, 5.5), its media type (5.6), its place in a series of segments (5.20)."""
    for name in _MANDATORY:
        if not record.header(name):
            yield f"no {name}"
    record_type = record.header("WARC-Type") or ""
    media_type = (record.content_type or "").lower().replace(" ", "")
    http, _, message_type = media_type.partition(";msgtype=")
    if record_type in ("response", "request") and http == "application/http" and message_type not in ("", record_type):
        yield f"a {record_type} whose Content-Type is {media_type}"
    if _read_date(record) is None:
        yield "WARC-Date is not a date"
    segment = record.segment_number
    if isinstance(record, WarcContinuation) != (segment is not None and segment.isdigit() and int(segment) > 1):
        yield "WARC-Segment-Number does not fit its type"


def _check_block(record: WarcRecord) -> Iterator[str]:
    """The digest of the block (5.8), unless only its beginning is here or we do not know the algorithm."""
    algorithm, _, value = (record.block_digest or "").partition(":")
    if not _is_whole(record) or algorithm.lower() not in _DIGESTS:
        return
    digest = hashlib.new(algorithm.lower(), record.block).digest()
    if value.lower() not in (digest.hex(), base64.b32encode(digest).decode().lower()):
        yield "the block does not match WARC-Block-Digest"


def _is_whole(record: WarcRecord) -> bool:
    return len(record.block) == record.content_length


def _frame_response(record: WarcRecord) -> HttpFramer | None:
    """Return the HTTP response in the block of a capture; None where its Content-Type is not that of one."""
    is_http = (record.content_type or "").lower().startswith("application/http")
    if not is_http or not isinstance(record, WarcResponse | WarcRevisit | WarcResource):
        return None
    framer = HttpFramer("GET", lambda raw: None, lambda payload: None)
    framer.feed(record.block)
    return framer


def _check_http(record: WarcRecord, message: HttpFramer | None) -> Iterator[str]:
    """A response has a head (6.3); a whole one is framed to the letter (RFC 9112, sections 6 and 7)."""
    if message is None or not isinstance(record, WarcResponse):
        return
    if message.head is None:
        yield "no HTTP response head"
    elif _is_whole(record):
        chunked = transfer_codings(message.head.values(b"transfer-encoding"))[-1:] == [b"chunked"]
        if message.broken or (chunked and not _is_chunked(record.block[len(message.head_block) :])):
            yield "the HTTP response breaks its own framing"


def _is_chunked(body: bytes) -> bool:
    """Say whether *body* is chunks whose lines end with CRLF; a cut one may end anywhere."""
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


def _check_relations(record: WarcRecord, earlier: dict[str, type[WarcRecord]]) -> Iterator[str]:
    """The records that this one names are of the right type (5.7, 5.16), where they stand earlier in the file."""
    if isinstance(record, WarcTargetRecord):
        named = earlier.get(record.warcinfo_id or "")
        if named and not issubclass(named, Warcinfo):
            yield "WARC-Warcinfo-ID names a record that is not a warcinfo"
    if isinstance(record, WarcCaptureRecord):
        found = [earlier[record_id] for record_id in record.concurrent_to if record_id in earlier]
        if not all(issubclass(named, WarcCaptureRecord) for named in found):
            yield "WARC-Concurrent-To names a record that is not of a capture"


def _find_capture(record: WarcRecord, message: HttpFramer | None) -> FoundCapture | None:
    date, uri = _read_date(record), (record.header("WARC-Target-URI") or "").strip("<>")
    head = message.head if message else None
    if not isinstance(record, WarcResponse | WarcRevisit | WarcResource) or date is None or not uri:
        return None
    if isinstance(record, WarcResponse) and head is None:  # of DNS, for one
        return None
    status = head.status if head else None
    return FoundCapture(uri, date, status, record.payload_digest, record.offset, record.length)


def _read_date(record: WarcRecord) -> datetime | None:
    """Read WARC-Date in any of its precisions (5.4); None when it is missing or no date."""
    match = _DATE.fullmatch(record.header("WARC-Date") or "")
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
