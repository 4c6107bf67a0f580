"""Indexes of a WARC file, made by one walk over it, and their two forms in the bucket.

    {warc}.cdxj.gz            one line a capture: ``urlkey timestamp {json}``, sorted (CDXJ, schema index/1)
    {warc}.records.jsonl.gz   one line a record of any type, in file order (schema records/1)

CDX names appear here and nowhere else.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from storage.model.capture import Capture, Location, StoredRecordLine
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome
from storage.surt import urlkey
from storage.warc.http import HttpHead, parse_head
from storage.warc.reader import WarcRecord, iter_records
from storage.warc.written import judge

_CDX_NAMES = {
    "url": "target_uri",
    "mime": "media_type",
    "status": "status",
    "digest": "payload_digest",
    "recordDigest": "record_digest",
}
_PLACED = {"location", "request", "urlkey"}
_META = '!meta {"format":"cdxj","schema":"index/1"}'


class FileIndex(NamedTuple):
    """Everything one WARC file says. ``outcomes`` are those of acknowledged exchanges, in file order."""

    captures: list[Capture]
    records: list[StoredRecordLine]
    outcomes: list[Outcome]


class _Exchange:
    """The records of one exchange, gathered while the file is walked."""

    def __init__(self) -> None:
        self.response: _Response | None = None
        self.request: WarcRecord | None = None
        self.metadata: WarcRecord | None = None


class _Response(NamedTuple):
    record: WarcRecord
    head: HttpHead


def index_warc(path: Path, crawl: Crawl, key: str) -> FileIndex:
    """Walk the file at *path*, which lies or will lie at *key*; FixityError at a cut or damaged record."""
    exchanges: dict[str, _Exchange] = defaultdict(_Exchange)
    records = []
    for record in iter_records(path):
        records.append(_line(record))
        if record.type == "warcinfo":
            continue
        exchange = exchanges[record.reference("WARC-Concurrent-To") or record.id]
        if record.type in ("response", "revisit"):
            head = parse_head(record.block.partition(b"\r\n\r\n")[0])
            exchange.response = _Response(record._replace(block=b""), head)
        elif record.type == "request":
            exchange.request = record._replace(block=b"")
        elif record.type == "metadata":
            exchange.metadata = record
    captures = [_capture(exchange, crawl, key) for exchange in exchanges.values()]
    outcomes = [_outcome(exchange, crawl) for exchange in exchanges.values()]
    return FileIndex([c for c in captures if c], records, [o for o in outcomes if o])


def _line(record: WarcRecord) -> StoredRecordLine:
    return StoredRecordLine(
        record_id=record.id,
        record_type=record.type,
        target_uri=record.uri,
        date=record.date,
        offset=record.offset,
        length=record.length,
        sha256=record.sha256,
        concurrent_to=record.reference("WARC-Concurrent-To"),
    )


def _capture(exchange: _Exchange, crawl: Crawl, key: str) -> Capture | None:
    if exchange.response is None:
        return None
    record, head = exchange.response
    fields = _metadata(exchange)
    request = exchange.request
    refers_date = record.header("WARC-Refers-To-Date")
    return Capture.model_validate(
        {
            "record_id": record.id,
            "record_type": record.type,
            "target_uri": record.uri,
            "urlkey": urlkey(record.uri or ""),
            "date": record.date,
            "status": head.status,
            "media_type": head.media_type,
            "payload_digest": record.header("WARC-Payload-Digest"),
            "record_digest": f"sha256:{record.sha256}",
            "refers_to": record.reference("WARC-Refers-To"),
            "refers_to_uri": record.header("WARC-Refers-To-Target-URI"),
            "refers_to_date": refers_date,
            "truncated": record.header("WARC-Truncated"),
            "location": Location(key=key, offset=record.offset, length=record.length),
            "request": Location(key=key, offset=request.offset, length=request.length) if request else None,
            "crawl_id": crawl.id,
            "source_id": crawl.source_id,
            "night": str(crawl.night),
            "kind": fields.get("kind", ["unfinished"])[0],
            "purpose": fields.get("purpose", ["unfinished"])[0],
            "via": fields.get("via", [None])[0],
            "redirected_from": tuple(fields.get("redirectedFrom", ())),
        }
    )


def _outcome(exchange: _Exchange, crawl: Crawl) -> Outcome | None:
    """Return what an acknowledged exchange stands for: one whose last record, the metadata, is there."""
    if exchange.metadata is None or exchange.metadata.uri is None:
        return None
    fields = {name: values[0] for name, values in _metadata(exchange).items()}
    response = exchange.response
    truncated = response.record.header("WARC-Truncated") if response else None
    state, reason = (
        judge(response.record.type, response.head.status, truncated, fields.get("reason"))
        if response
        else ("failed", fields.get("reason") or "error")
    )
    url = exchange.metadata.uri
    outcome = {
        "crawl_id": crawl.id,
        "source_id": crawl.source_id,
        "night": str(crawl.night),
        "url": url,
        "urlkey": urlkey(url),
        "kind": fields["kind"],
        "purpose": fields["purpose"],
        "state": state,
        "reason": reason,
        "detail": fields.get("fetchError"),
        "via": fields.get("via"),
        "redirected_from": tuple(_metadata(exchange).get("redirectedFrom", ())),
        "announced": fields.get("announced"),
        "fetched_at": exchange.metadata.date,
        "duration_seconds": int(fields.get("fetchTimeMs", 0)) / 1000,
        "wire_bytes": int(fields.get("wireBytes", 0)),
        "body_digest": fields.get("bodyDigest"),
    }
    return Outcome.model_validate(outcome | (_response_fields(response) if response else {}))


def _response_fields(response: _Response) -> dict[str, Any]:
    record, head = response
    return {
        "status": head.status,
        "record_id": record.id,
        "media_type": head.media_type,
        "etag": head.value(b"etag"),
        "last_modified": head.value(b"last-modified"),
        "payload_digest": record.header("WARC-Payload-Digest"),
        "flags": ("truncated",) if record.header("WARC-Truncated") else (),
    }


def _metadata(exchange: _Exchange) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = defaultdict(list)
    for name, value in exchange.metadata.fields() if exchange.metadata else ():
        fields[name].append(value)
    return fields


def write_cdxj(captures: Iterable[Capture]) -> bytes:
    """Return *captures* as CDXJ, gzip, sorted by urlkey and time: the same captures give the same bytes."""
    ordered = sorted(captures, key=lambda capture: (capture.urlkey, capture.date, capture.record_id))
    lines = map(_cdxj_line, ordered)
    return gzip.compress("".join(f"{line}\n" for line in [_META, *lines]).encode(), mtime=0)


def _cdxj_line(capture: Capture) -> str:
    fields = capture.model_dump(mode="json", exclude_none=True, exclude=_PLACED)
    cdx = {name: fields.pop(ours) for name, ours in _CDX_NAMES.items() if ours in fields}
    cdx["status"] = str(cdx["status"])
    where = capture.location
    cdx |= {"length": str(where.length), "offset": str(where.offset), "filename": where.key, **fields}
    if capture.request:
        cdx["request"] = {"offset": capture.request.offset, "length": capture.request.length}
    return f"{capture.urlkey} {capture.date:%Y%m%d%H%M%S} {json.dumps(cdx, ensure_ascii=False, separators=(',', ':'))}"


def read_cdxj(content: bytes) -> list[Capture]:
    """Return the captures of what ``write_cdxj`` returned, of this release or an earlier one."""
    lines = gzip.decompress(content).decode().splitlines()
    return [_read_cdxj_line(line) for line in lines if line and not line.startswith("!")]


def _read_cdxj_line(line: str) -> Capture:
    key, _, text = line.split(" ", 2)
    fields = json.loads(text)
    place = {"key": fields.pop("filename"), "offset": fields.pop("offset"), "length": fields.pop("length")}
    fields |= {ours: fields.pop(name) for name, ours in _CDX_NAMES.items() if name in fields}
    if "request" in fields:
        fields["request"] = {"key": place["key"], **fields["request"]}
    return Capture.model_validate({**fields, "urlkey": key, "location": place})


def write_records(records: Iterable[StoredRecordLine]) -> bytes:
    """Return *records* as JSON lines, gzip; the first line names the schema."""
    lines = ['{"schema":"records/1"}', *(record.model_dump_json(exclude_none=True) for record in records)]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def read_records(content: bytes) -> list[StoredRecordLine]:
    """Return the records of what ``write_records`` returned."""
    lines = gzip.decompress(content).decode().split("\n")[1:]
    return [StoredRecordLine.model_validate_json(line) for line in lines if line]
