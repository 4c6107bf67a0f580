"""Records read from the bucket by range, each held to the digest that its capture names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from storage.model.capture import Capture, Location
from storage.model.errors import FixityError, NotArchivedError, StorageError
from storage.objects import Store
from storage.warc.http import HttpHead, decode_content
from storage.warc.reader import read_member
from storage.warc.record import WarcResponse

MAX_GAP_BYTES = 256 * 1024
MAX_SPAN_BYTES = 8 * 1024 * 1024
"""Records that lie near each other are read by one GET: requests and metadata between them cost less than another."""


class Response(NamedTuple):
    """An archived response: its head, and its payload with the content coding still on."""

    head: HttpHead
    payload: bytes

    def body(self, limit_bytes: int) -> bytes:
        """Return the payload without content coding, charset untouched.

        Raises NoMainTextError: undecodable, too_large.
        """
        return decode_content(self.payload, self.head.headers, limit_bytes)


def read_record(store: Store, capture: Capture) -> bytes:
    """Return the stored gzip member of *capture*, by one range read. Raises FixityError when it is another."""
    where = capture.location
    return _checked(_read_range(store, where, where.length), capture)


def read_records(store: Store, captures: Iterable[Capture]) -> Iterator[tuple[Capture, bytes | FixityError]]:
    """Yield each capture with its stored member, in the order they lie in; a damaged one with the error instead."""
    for span in _spans(captures):
        yield from _read_span(store, span)


def _read_span(store: Store, span: list[Capture]) -> Iterator[tuple[Capture, bytes | FixityError]]:
    """Read the records of *span* at once, or one by one where the object has not all of it."""
    first = span[0].location
    try:
        content = _read_range(store, first, _end(span[-1].location) - first.offset)
    except FixityError as error:
        if len(span) == 1:
            yield span[0], error
            return
        for capture in span:
            yield from _read_span(store, [capture])
        return
    for capture in span:
        start = capture.location.offset - first.offset
        try:
            yield capture, _checked(content[start : start + capture.location.length], capture)
        except FixityError as error:
            yield capture, error


def read_response(stored: bytes) -> Response:
    """Return the response that a stored member holds. Raises FixityError when it holds another record."""
    record = read_member(stored)
    if not isinstance(record, WarcResponse):
        raise FixityError(f"{record.record_id} is a {record.type} record, not a response")
    return Response(*record.read_http())


def _checked(stored: bytes, capture: Capture) -> bytes:
    """Return *stored* when it is the record of *capture*, byte for byte; FixityError otherwise."""
    if f"sha256:{hashlib.sha256(stored).hexdigest()}" != capture.record_digest:
        where = capture.location
        raise FixityError(f"{where.key}: the {where.length} bytes at {where.offset} are not {capture.record_id}")
    return stored


def _read_range(store: Store, first: Location, length: int) -> bytes:
    """Read from where *first* lies. Raises FixityError when the object is gone or ends before."""
    try:
        return store.read_range(first.key, first.offset, length)
    except NotArchivedError as error:
        raise FixityError(f"{first.key}: is gone") from error
    except StorageError:
        found = store.stat(first.key)
        if found is None or found.bytes < first.offset + length:
            raise FixityError(f"{first.key}: ends at {found.bytes if found else 0}") from None
        raise


def _spans(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    span: list[Capture] = []
    for capture in sorted(captures, key=lambda one: (one.location.key, one.location.offset)):
        if span and not _fits(span, capture.location):
            yield span
            span = []
        span.append(capture)
    if span:
        yield span


def _fits(span: list[Capture], where: Location) -> bool:
    first, last = span[0].location, span[-1].location
    near = where.key == first.key and where.offset - _end(last) <= MAX_GAP_BYTES
    return near and _end(where) - first.offset <= MAX_SPAN_BYTES


def _end(where: Location) -> int:
    return where.offset + where.length
