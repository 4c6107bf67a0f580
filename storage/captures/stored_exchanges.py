"""The exchanges of one of our WARC files, read back: the records of each, its capture and its outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.captures.metadata_record import read_discovery, read_page_facts, read_request_key
from storage.captures.outcomes import StoredResponse, make_outcome
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome
from storage.request_key import join_request_url
from storage.surt import urlkey
from storage.warc.fields import Fields
from storage.warc.http import HttpHead
from storage.warc.reader import iter_records
from storage.warc.record import WarcCaptureRecord, WarcMetadata, WarcRecord, WarcRequest, WarcResponse, WarcRevisit


@dataclass
class StoredExchange:
    """The records of one exchange that were read so far; only a metadata record keeps its block."""

    response: WarcResponse | WarcRevisit | None = None
    head: HttpHead | None = None
    request: WarcRequest | None = None
    metadata: WarcMetadata | None = None
    fields: Fields = field(default_factory=list)
    """What the metadata record says, or a revisit in its place."""

    @property
    def last(self) -> WarcCaptureRecord | None:
        """The record with which the exchange was acknowledged."""
        return self.metadata or (self.request if self.fields else None)

    def add(self, record: WarcRecord) -> None:
        if isinstance(record, WarcMetadata):
            self.metadata, self.fields = record, record.block_fields()
        elif isinstance(record, WarcRequest):
            self.request = record._replace(block=b"")
        elif isinstance(record, WarcResponse | WarcRevisit):
            self.head = record.read_http_head()
            self.response = record._replace(block=b"")
            self.fields = record.headers if record.header("fetchTimeMs") else []


def read_exchanges(path: Path, take: Callable[[IndexedRecord], None]) -> Iterator[StoredExchange]:
    """Yield each exchange at its last record, unfinished ones at the end; call *take* with the line of every record."""
    exchanges: dict[str, StoredExchange] = {}
    for record in iter_records(path):
        take(_record_line(record))
        if not isinstance(record, WarcCaptureRecord):
            continue
        # named for the record that the others are concurrent to
        name = next(iter(record.concurrent_to), record.record_id)
        exchange = exchanges.setdefault(name, StoredExchange())
        exchange.add(record)
        if exchange.last:
            yield exchanges.pop(name)
    yield from exchanges.values()


def list_acknowledged(path: Path) -> Iterator[list[IndexedRecord]]:
    """Yield the lines of the records of each exchange that was acknowledged. Raises FixityError."""
    lines: dict[str, IndexedRecord] = {}

    def take(line: IndexedRecord) -> None:
        lines[line.record_id] = line

    for exchange in read_exchanges(path, take):
        if exchange.last:
            records = (exchange.response, exchange.request, exchange.metadata)
            yield [lines.pop(record.record_id) for record in records if record]


def cut_unfinished(path: Path) -> int:
    """Cut the whole file at *path* after its last acknowledged exchange; return how many bytes were cut.

    Nobody had acknowledged what is cut: its URL is fetched again. Left there, a response could come to be in two
    files: here, and where another copy of this file has the whole exchange. Raises FixityError for a damaged file.
    """
    info = next(iter_records(path), None)
    ends = [info.offset + info.length] if info else [0]
    ends += (line.offset + line.length for exchange in list_acknowledged(path) for line in exchange)
    excess = path.stat().st_size - max(ends)
    if excess:
        os.truncate(path, max(ends))
    return excess


def _record_line(record: WarcRecord) -> IndexedRecord:
    return IndexedRecord(
        record_id=record.record_id,
        record_type=record.type,
        offset=record.offset,
        length=record.length,
        sha256=record.sha256,
    )


def read_capture(exchange: StoredExchange, crawl: Crawl, key: str) -> Capture:
    """Return the capture that is the response of an exchange, in the object at *key*."""
    response, head = exchange.response, exchange.head
    assert response is not None
    assert head is not None
    fields: dict[str, Any] = {"kind": "unfinished", "purpose": "unfinished"}
    if exchange.last:
        fields = read_discovery(exchange.fields) | read_page_facts(exchange.fields)
    request = read_request_key(exchange.fields)
    request_url = join_request_url(response.target_uri, request["method"], request["request_query"])
    return Capture.model_validate(
        fields
        | request
        | {
            "record_id": response.record_id,
            "record_type": response.type,
            "target_uri": response.target_uri,
            "urlkey": urlkey(request_url),
            "date": response.date,
            "status": head.status,
            "media_type": head.media_type,
            "payload_digest": response.payload_digest,
            "record_digest": f"sha256:{response.sha256}",
            "truncated": response.truncated,
            "location": _location(response, key),
            "request": _location(exchange.request, key) if exchange.request else None,
        }
        | _refers_to(response)
        | _of_crawl(crawl)
    )


def _refers_to(response: WarcResponse | WarcRevisit) -> dict[str, Any]:
    if isinstance(response, WarcResponse):
        return {}
    return {
        "refers_to": response.refers_to,
        "refers_to_uri": response.refers_to_target_uri,
        "refers_to_date": response.refers_to_date,
    }


def read_outcome(exchange: StoredExchange, crawl: Crawl) -> Outcome:
    """Return how the URL of an exchange that was acknowledged ended."""
    last, record, response = exchange.last, exchange.response, None
    assert last is not None
    if record and exchange.head:
        response = StoredResponse(
            record_id=record.record_id,
            record_type=record.type,
            payload_digest=record.payload_digest,
            truncated=record.truncated,
            head=exchange.head,
        )
    return make_outcome(crawl, url=last.target_uri, begun=last.date, fields=exchange.fields, response=response)


def _of_crawl(crawl: Crawl) -> dict[str, Any]:
    return {"crawl_id": crawl.id, "source_id": crawl.source_id, "night": crawl.night}


def _location(record: WarcRecord, key: str) -> Location:
    return Location(key=key, offset=record.offset, length=record.length)
