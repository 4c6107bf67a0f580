"""Records read from the bucket by range, each checked against the digest that its capture names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from storage.model.capture import Capture, Location
from storage.model.errors import FixityError
from storage.warc.http import HttpHead, decode_content
from storage.warc.reader import read_member
from storage.warc.record import WarcResponse

if TYPE_CHECKING:  # so that who only reads the catalog loads no S3 client
    from storage.objects import Store

MAX_GAP_BYTES = 256 * 1024
MAX_SPAN_BYTES = 8 * 1024 * 1024
"""Records close to each other are read with one GET: requests and metadata between them cost less than another."""


class Response(NamedTuple):
    """An archived response: its head, and its payload with the content coding still on."""

    head: HttpHead
    payload: bytes

    def body(self, limit_bytes: int) -> bytes:
        """Return the payload without content coding, charset untouched.

        Raises NoMainTextError: undecodable, too_large.
        """
        return decode_content(self.payload, self.head.headers, limit_bytes)


def read_stored_record(store: Store, capture: Capture) -> bytes:
    """Return the stored gzip member of *capture*, by one range read. Raises FixityError when it is another."""
    return _hold(store.read_range(*capture.location.span), capture)


def read_stored_request(store: Store, capture: Capture, sha256: str) -> bytes:
    """Return the stored gzip member of the request of *capture*, of which *sha256* (hex) was promised."""
    assert capture.request is not None
    content = store.read_range(*capture.request.span)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FixityError(f"{capture.request.key}: holds no request of {capture.record_id} at {capture.request.offset}")
    return content


def read_span(store: Store, span: Sequence[Capture]) -> Iterator[tuple[Capture, bytes | FixityError]]:
    """Read the records of *span*, which are close together, at once; a damaged one comes with the error instead."""
    first = span[0].location
    try:
        content = store.read_range(first.key, first.offset, _end(span[-1].location) - first.offset)
    except FixityError as error:
        yield from ((capture, error) for capture in span)
        return
    for capture in span:
        start = capture.location.offset - first.offset
        try:
            yield capture, _hold(content[start : start + capture.location.length], capture)
        except FixityError as error:
            yield capture, error


def read_response(stored: bytes) -> Response:
    """Return the response that a stored member holds. Raises FixityError when it holds another record."""
    record = read_member(stored)
    if not isinstance(record, WarcResponse):
        raise FixityError(f"{record.record_id} is a {record.type} record, not a response")
    return Response(*record.read_http())


def _hold(stored: bytes, capture: Capture) -> bytes:
    """Return *stored* when it is the record of *capture*, byte for byte; FixityError otherwise."""
    if f"sha256:{hashlib.sha256(stored).hexdigest()}" != capture.record_digest:
        where = capture.location
        raise FixityError(f"{where.key}: the {where.length} bytes at {where.offset} are not {capture.record_id}")
    return stored


def split_spans(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    """Yield *captures* in the order in which they are stored, those together that one range read fetches."""
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
