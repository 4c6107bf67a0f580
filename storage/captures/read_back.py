"""The exchanges of a WARC file of ours: the records of each, the capture that they are, the outcome they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.captures.metadata_record import read_page
from storage.captures.outcomes import flags, judge
from storage.model.capture import Capture, Location, StoredRecordLine
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome, State
from storage.surt import urlkey
from storage.warc.fields import Fields
from storage.warc.http import HttpHead
from storage.warc.reader import iter_records
from storage.warc.record import WarcCaptureRecord, WarcMetadata, WarcRecord, WarcRequest, WarcResponse, WarcRevisit


@dataclass
class StoredExchange:
    """The records met of one exchange, without their blocks but the metadata record's."""

    response: WarcResponse | WarcRevisit | None = None
    head: HttpHead | None = None
    request: WarcRequest | None = None
    metadata: WarcMetadata | None = None
    said: Fields = field(default_factory=list)
    """What the metadata record says, or a revisit in its place."""

    @property
    def last(self) -> WarcCaptureRecord | None:
        """The record with which the exchange was acknowledged."""
        return self.metadata or (self.request if self.said else None)

    def add(self, record: WarcRecord) -> None:
        if isinstance(record, WarcMetadata):
            self.metadata, self.said = record, record.block_fields()
        elif isinstance(record, WarcRequest):
            self.request = record._replace(block=b"")
        elif isinstance(record, WarcResponse | WarcRevisit):
            self.head = record.read_http_head()
            self.response = record._replace(block=b"")
            self.said = record.headers if record.header("fetchTimeMs") else []


def read_exchanges(path: Path, take: Callable[[StoredRecordLine], None]) -> Iterator[StoredExchange]:
    """Yield each exchange when its last record is met, and at the end those without; *take* the line of each record."""
    exchanges: dict[str, StoredExchange] = {}
    for record in iter_records(path):
        take(_record_line(record))
        if not isinstance(record, WarcCaptureRecord):
            continue
        # the record that the others are concurrent to gives it its name
        name = next(iter(record.concurrent_to), record.record_id)
        found = exchanges.setdefault(name, StoredExchange())
        found.add(record)
        if found.last:
            yield exchanges.pop(name)
    yield from exchanges.values()


def _record_line(record: WarcRecord) -> StoredRecordLine:
    return StoredRecordLine(
        record_id=record.record_id,
        record_type=record.type,
        offset=record.offset,
        length=record.length,
        sha256=record.sha256,
    )


def capture_of(found: StoredExchange, crawl: Crawl, key: str) -> Capture:
    """Return the capture that is the response of an exchange, in the object at *key*."""
    response, head = found.response, found.head
    assert response is not None
    assert head is not None
    fields: dict[str, Any] = {"kind": "unfinished", "purpose": "unfinished"}
    if found.last:
        fields = _how_found(found.said) | read_page(found.said)
    return Capture.model_validate(
        fields
        | {
            "record_id": response.record_id,
            "record_type": response.type,
            "target_uri": response.target_uri,
            "urlkey": urlkey(response.target_uri),
            "date": response.date,
            "status": head.status,
            "media_type": head.media_type,
            "payload_digest": response.payload_digest,
            "record_digest": f"sha256:{response.sha256}",
            "truncated": response.truncated,
            "location": _location(response, key),
            "request": _location(found.request, key) if found.request else None,
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


def outcome_of(found: StoredExchange, crawl: Crawl) -> Outcome:
    """Return how the URL of an exchange that was acknowledged ended."""
    last, said = found.last, dict(found.said)
    assert last is not None
    state: State = "failed"
    reason: str | None = said.get("reason", "error")
    detail = said.get("fetchError")
    fields: dict[str, Any] = {}
    if found.response and found.head:
        truncated = found.response.truncated
        state, reason = judge(found.response.type, found.head.status, truncated, said.get("reason"))
        fields = {
            "status": found.head.status,
            "record_id": found.response.record_id,
            "media_type": found.head.media_type,
            "etag": found.head.value(b"etag"),
            "last_modified": found.head.value(b"last-modified"),
            "payload_digest": found.response.payload_digest,
        }
        fields |= (page := read_page(found.said))
        fields["flags"] = flags(truncated, said.get("bodyError"), said.get("tlsError")) + page["flags"]
        if 300 <= found.head.status < 400:
            detail = detail or found.head.value(b"location")
    fields |= _how_found(found.said) | _of_crawl(crawl)
    return Outcome.model_validate(
        fields
        | {
            "url": last.target_uri,
            "urlkey": urlkey(last.target_uri),
            "state": state,
            "reason": reason,
            "detail": detail,
            "announced": said.get("announced"),
            "fetched_at": last.date,
            "duration_seconds": int(said["fetchTimeMs"]) / 1000 if "fetchTimeMs" in said else None,
            "wire_bytes": said.get("wireBytes", 0),
            "body_digest": said.get("bodyDigest"),
            "distrust": said.get("distrust"),
        }
    )


def _how_found(fields: Fields) -> dict[str, Any]:
    said = dict(fields)
    redirected_from = tuple(value for name, value in fields if name == "redirectedFrom")
    purpose = said.get("purpose", said.get("kind"))
    return {"kind": said.get("kind"), "purpose": purpose, "via": said.get("via"), "redirected_from": redirected_from}


def _of_crawl(crawl: Crawl) -> dict[str, Any]:
    return {"crawl_id": crawl.id, "source_id": crawl.source_id, "night": crawl.night}


def _location(record: WarcRecord, key: str) -> Location:
    return Location(key=key, offset=record.offset, length=record.length)
