"""The WARC records of an exchange (ISO 28500:2017 clauses 5 and 6), built before they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from storage.captures.exchange import Exchange
from storage.captures.payloads import Original
from storage.warc.fields import (
    IDENTICAL_PAYLOAD,
    NOT_MODIFIED,
    Fields,
    label_sha1,
    write_date,
    write_fields,
    write_record_head,
)
from storage.warc.http import HttpHead, content_codings

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_PACKED = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
_FACTS_IN_HEADER = 4096


class Ids(NamedTuple):
    """The record ids (``urn:uuid:…``) of one exchange."""

    warcinfo: str
    response: str
    request: str
    metadata: str


class RecordBytes(NamedTuple):
    """A record to write: its fields without Content-Length, and its block of ``length`` bytes."""

    fields: Fields
    block: Iterable[bytes]
    length: int
    is_packed: bool = False
    """True when the block is compressed already."""

    def pieces(self) -> Iterable[bytes]:
        yield write_record_head(self.fields, self.length)
        yield from self.block
        yield b"\r\n\r\n"


def build_warcinfo(record_id: str, date: str, name: str, info: dict[str, str]) -> RecordBytes:
    """Return the first record of the file *name*: *info*, and the format it is in."""
    block = write_fields({**info, "format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO}.items())
    fields = [("WARC-Type", "warcinfo"), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", date)]
    return _whole([*fields, ("WARC-Filename", name)], "application/warc-fields", block)


def build_records(exchange: Exchange, ids: Ids, original: Original | None, facts: Fields) -> list[RecordBytes]:
    """Return what is written of an ended *exchange*, in this order: response, request, metadata, which has *facts*.

    Where the response adds nothing to *original* it is a revisit. It then has the fields of the metadata record in its
    own header, and its request is the last record; unless they are long, because tools cut long headers, or there were
    1xx responses.
    """
    request = [build_request(exchange, ids)] if exchange.request else []
    is_short = sum(len(name) + len(value) for name, value in facts) <= _FACTS_IN_HEADER
    if original and request and is_short and not exchange.framer.interim:
        return [build_revisit(exchange, ids, original, facts), *request]
    response = [build_revisit(exchange, ids, original, [])] if original else []
    if exchange.has_response and not original:
        response = [build_response(exchange, ids)]
    return [*response, *request, build_metadata(exchange, ids, facts)]


def build_response(exchange: Exchange, ids: Ids) -> RecordBytes:
    """Return the response as it came."""
    fields = [
        *_common("response", ids.response, exchange, ids),
        *_connection(exchange),
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Block-Digest", label_sha1(exchange.block_sha1.digest())),
        ("WARC-Payload-Digest", exchange.payload_digest),
    ]
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    return RecordBytes(fields, exchange.block(), exchange.block_bytes, _is_packed(exchange.framer.head))


def _is_packed(head: HttpHead | None) -> bool:
    return head is not None and bool(_PACKED.intersection(content_codings(head.headers)))


def build_revisit(exchange: Exchange, ids: Ids, original: Original, facts: Fields) -> RecordBytes:
    """Return a response as a revisit: only its head; *original* has the payload. *facts* go into the WARC header."""
    status = exchange.framer.head.status if exchange.framer.head else 0
    fields = [
        *_common("revisit", ids.response, exchange, ids),
        *_connection(exchange),
        *facts,
        ("WARC-Profile", NOT_MODIFIED if status == 304 else IDENTICAL_PAYLOAD),
        ("WARC-Refers-To", f"<{original.record_id}>"),
        ("WARC-Refers-To-Target-URI", original.target_uri),
        ("WARC-Refers-To-Date", write_date(original.date)),
        ("WARC-Payload-Digest", original.payload_digest),
    ]
    return _whole(fields, "application/http; msgtype=response", exchange.framer.head_block)


def build_request(exchange: Exchange, ids: Ids) -> RecordBytes:
    """Return the request as it was sent."""
    fields = _common("request", ids.request, exchange, ids)
    if exchange.has_response:
        fields.append(("WARC-Concurrent-To", f"<{ids.response}>"))
    else:
        fields += _connection(exchange)
    return _whole(fields, "application/http; msgtype=request", bytes(exchange.request))


def build_metadata(exchange: Exchange, ids: Ids, facts: Fields) -> RecordBytes:
    """Return a record of *facts*, which ``write_metadata_fields`` gives."""
    fields = _common("metadata", ids.metadata, exchange, ids)
    concurrent_to = ids.response if exchange.has_response else ids.request if exchange.request else None
    if concurrent_to:
        fields.append(("WARC-Concurrent-To", f"<{concurrent_to}>"))
    else:
        fields += _connection(exchange)
    return _whole(fields, "application/warc-fields", write_fields(facts))


def _common(record_type: str, record_id: str, exchange: Exchange, ids: Ids) -> Fields:
    return [
        ("WARC-Type", record_type),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Target-URI", exchange.url),
        ("WARC-Date", write_date(exchange.begun)),
        ("WARC-Warcinfo-ID", f"<{ids.warcinfo}>"),
    ]


def _connection(exchange: Exchange) -> Fields:
    """WARC-IP-Address, WARC-Protocol, WARC-Cipher-Suite: for the one record that the others of the exchange refer to.

    The latter two as proposed to the IIPC (warc-specifications 42 and 86).
    """
    fields: Fields = [("WARC-IP-Address", exchange.peer)] if exchange.peer else []
    if exchange.framer.head or exchange.request:
        version = exchange.framer.head.version if exchange.framer.head else "1.1"  # as we ask
        fields.append(("WARC-Protocol", f"http/{version}"))
    if exchange.tls:
        fields.append(("WARC-Protocol", exchange.tls.version))
        if exchange.tls.cipher:
            fields.append(("WARC-Cipher-Suite", exchange.tls.cipher))
    return fields


def _whole(fields: Fields, content_type: str, block: bytes) -> RecordBytes:
    digest = label_sha1(hashlib.sha1(block).digest())
    fields = [*fields, ("Content-Type", content_type), ("WARC-Block-Digest", digest)]
    return RecordBytes(fields, [block], len(block))
