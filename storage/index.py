"""The index of a WARC file: its captures, its records, and the outcomes that its exchanges stand for.

….cdxj.gz            `!meta 0 {"format": "cdxj", "schema": "index/1"}`, then `urlkey yyyymmddhhmmss {…}` each, sorted
….records.jsonl.gz   `{"schema": "records/2"}`, then a record a line, in the file's order
Both are made by one walk over the file, and the same file gives the same bytes.
"""

from __future__ import annotations

import gc
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic.alias_generators import to_camel, to_snake

from storage.model.capture import Capture, Location, StoredRecordLine
from storage.model.crawl import Crawl
from storage.model.errors import FixityError, NoMainTextError
from storage.model.outcome import Outcome, State
from storage.surt import urlkey
from storage.warc.http import HttpHead, read_head
from storage.warc.page import read_page
from storage.warc.reader import WarcRecord, iter_records
from storage.warc.record import Fields
from storage.warc.written import flags, judge

INDEX_SCHEMA = "index/1"
RECORDS_SCHEMA = "records/2"
RECORDS_SCHEMAS = ("records/1", RECORDS_SCHEMA)
"""Every schema that ``read_records`` reads, the first with fields that are passed over."""

_CDX_NAMES = {"target_uri": "url", "payload_digest": "digest", "key": "filename"}
_NAMES = {name: _CDX_NAMES.get(name) or to_camel(name) for name in Capture.model_fields}
_OUR_NAMES = {cdx: ours for ours, cdx in _CDX_NAMES.items()}
_LEVEL = 9  # 50 µs a page, for a tenth less than isal packs
_REVISIT = "warc/revisit"  # what CDX tools look for in ``mime``


class FileIndex(NamedTuple):
    """What one WARC file holds: captures and records in its order, one outcome an acknowledged exchange.

    A URL that was fetched twice has two outcomes, the later one last.
    """

    captures: list[Capture]
    records: list[StoredRecordLine]
    outcomes: list[Outcome]


@dataclass
class _Exchange:
    """The records met of one exchange, without their blocks but the metadata record's."""

    response: WarcRecord | None = None
    head: HttpHead | None = None
    request: WarcRecord | None = None
    metadata: WarcRecord | None = None
    said: Fields = field(default_factory=list)
    """What the metadata record says, or a revisit in its place."""

    @property
    def last(self) -> WarcRecord | None:
        """The record with which the exchange was acknowledged."""
        return self.metadata or (self.request if self.said else None)


def index_warc(path: Path, crawl: Crawl, key: str) -> FileIndex:
    """Index the whole WARC file at *path*, which is or will be the object at *key*.

    An exchange without its last record (metadata, or request of a revisit) was never acknowledged: its records are
    listed, its response is a capture (of kind and purpose ``unfinished``, and nothing else said), it has no outcome.
    Raises FixityError for a cut or damaged file.
    """
    lines: list[StoredRecordLine] = []
    exchanges: dict[str, _Exchange] = {}
    try:
        with _no_collection():
            for record in iter_records(path):
                lines.append(_record_line(record))
                _sort_in(exchanges, record)
            captures = [_capture(found, crawl, key) for found in exchanges.values() if found.response]
            outcomes = [_outcome(found.last, found, crawl) for found in exchanges.values() if found.last]
    except (ValueError, NoMainTextError) as error:
        raise FixityError(f"{path}: not a record of ours: {error}") from error
    return FileIndex(captures, lines, outcomes)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Have no garbage collected: all that is made here is kept, and looking through it takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _sort_in(exchanges: dict[str, _Exchange], record: WarcRecord) -> None:
    """Put *record* to its exchange, which is called by the record that the others are concurrent to."""
    if record.type == "warcinfo":
        return
    found = exchanges.setdefault(record.reference("WARC-Concurrent-To") or record.id, _Exchange())
    if record.type == "metadata":
        found.metadata, found.said = record, record.fields()
    elif record.type == "request":
        found.request = record._replace(block=b"")
    elif record.type in ("response", "revisit"):
        found.head = read_head(record.block)
        found.response = record._replace(block=b"")
        found.said = record.headers if record.header("fetchTimeMs") else []


def _record_line(record: WarcRecord) -> StoredRecordLine:
    return StoredRecordLine(
        record_id=record.id,
        record_type=record.type,
        offset=record.offset,
        length=record.length,
        sha256=record.sha256,
    )


def _capture(found: _Exchange, crawl: Crawl, key: str) -> Capture:
    response, head = found.response, found.head
    assert response is not None
    assert head is not None
    fields: dict[str, Any] = {"kind": "unfinished", "purpose": "unfinished"}
    if found.last:
        fields = _how_found(found.said) | read_page(found.said)
    return Capture.model_validate(
        fields
        | {
            "record_id": response.id,
            "record_type": response.type,
            "target_uri": response.uri,
            "urlkey": urlkey(response.uri or ""),
            "date": response.date,
            "status": head.status,
            "media_type": head.media_type,
            "payload_digest": response.header("WARC-Payload-Digest"),
            "record_digest": f"sha256:{response.sha256}",
            "refers_to": response.reference("WARC-Refers-To"),
            "refers_to_uri": response.header("WARC-Refers-To-Target-URI"),
            "refers_to_date": response.header("WARC-Refers-To-Date"),
            "truncated": response.header("WARC-Truncated"),
            "location": _location(response, key),
            "request": _location(found.request, key) if found.request else None,
        }
        | _of_crawl(crawl)
    )


def _outcome(last: WarcRecord, found: _Exchange, crawl: Crawl) -> Outcome:
    said = dict(found.said)
    state: State = "failed"
    reason: str | None = said.get("reason", "error")
    detail = said.get("fetchError")
    fields: dict[str, Any] = {}
    if found.response and found.head:
        truncated = found.response.header("WARC-Truncated")
        state, reason = judge(found.response.type, found.head.status, truncated, said.get("reason"))
        fields = {
            "status": found.head.status,
            "record_id": found.response.id,
            "media_type": found.head.media_type,
            "etag": found.head.value(b"etag"),
            "last_modified": found.head.value(b"last-modified"),
            "payload_digest": found.response.header("WARC-Payload-Digest"),
        }
        fields |= (page := read_page(found.said))
        fields["flags"] = flags(truncated, said.get("bodyError"), said.get("tlsError")) + page["flags"]
        if 300 <= found.head.status < 400:
            detail = detail or found.head.value(b"location")
    fields |= _how_found(found.said) | _of_crawl(crawl)
    return Outcome.model_validate(
        fields
        | {
            "url": last.uri,
            "urlkey": urlkey(last.uri or ""),
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


def _of_crawl(crawl: Crawl) -> dict[str, str]:
    return {"crawl_id": crawl.id, "source_id": crawl.source_id, "night": str(crawl.night)}


def _location(record: WarcRecord, key: str) -> Location:
    return Location(key=key, offset=record.offset, length=record.length)


def write_cdxj(captures: Iterable[Capture]) -> bytes:
    """Return *captures* as gzipped CDXJ, sorted by urlkey, then date."""
    ordered = sorted(captures, key=lambda capture: (capture.urlkey, capture.date, capture.record_id))
    meta = json.dumps({"format": "cdxj", "schema": INDEX_SCHEMA})
    return _zip_lines([f"!meta 0 {meta}", *map(_cdxj_line, ordered)])


def read_cdxj(content: bytes) -> list[Capture]:
    """Return the captures that ``write_cdxj`` wrote, every field of them. Raises FixityError for anything else."""
    meta, *lines = _unzip_lines(content)
    try:
        _check_schema(json.loads(meta.removeprefix(b"!meta 0 ")), (INDEX_SCHEMA,))
        return [_capture_of(line) for line in lines]
    except ValueError as error:
        raise FixityError(f"not a CDXJ index: {error}") from error


def _cdxj_line(capture: Capture) -> str:
    said = capture.model_dump(mode="json", exclude_none=True, exclude={"urlkey", "location", "request", "media_type"})
    fields: dict[str, Any] = {"url": capture.target_uri, "mime": capture.media_type}
    if capture.record_type == "revisit":
        fields |= {"mime": _REVISIT, "mediaType": capture.media_type}
    fields |= {_NAMES.get(name) or to_camel(name): value for name, value in said.items()}
    fields |= {"status": str(capture.status)} | _cdx_place(capture.location)
    if capture.request:
        fields["request"] = _cdx_place(capture.request)
    text = json.dumps({name: value for name, value in fields.items() if value not in (None, [])}, ensure_ascii=False)
    return f"{capture.urlkey} {capture.date:%Y%m%d%H%M%S} {text}"


def _cdx_place(place: Location) -> dict[str, Any]:
    """Return where a record lies as CDX has it: all of it text."""
    return {"length": str(place.length), "offset": str(place.offset), "filename": place.key}


def _capture_of(line: bytes) -> Capture:
    key, _, text = line.decode().split(" ", 2)
    said = json.loads(text)
    media_type = said.pop("mime", None)
    fields = {_OUR_NAMES.get(name) or to_snake(name): value for name, value in said.items()}
    if media_type != _REVISIT:
        fields["media_type"] = media_type
    fields["location"] = {name: fields.pop(name, None) for name in ("key", "offset", "length")}
    if "request" in fields:
        fields["request"] = {_OUR_NAMES.get(name, name): value for name, value in fields["request"].items()}
    return Capture.model_validate(fields | {"urlkey": key})


def write_records(lines: Iterable[StoredRecordLine]) -> bytes:
    """Return *lines* as gzipped JSON lines, in their order."""
    return _zip_lines(
        [json.dumps({"schema": RECORDS_SCHEMA}), *(line.model_dump_json(exclude_none=True) for line in lines)]
    )


def read_records(content: bytes) -> list[StoredRecordLine]:
    """Return the lines that ``write_records`` wrote, now or before. Raises FixityError for anything else."""
    meta, *lines = _unzip_lines(content)
    try:
        _check_schema(json.loads(meta), RECORDS_SCHEMAS)
        return [StoredRecordLine.model_validate_json(line) for line in lines]
    except ValueError as error:
        raise FixityError(f"not a records index: {error}") from error


def _check_schema(meta: dict[str, str], expected: tuple[str, ...]) -> None:
    if meta.get("schema") not in expected:
        raise ValueError(f"its schema is {meta.get('schema')}, not {' or '.join(expected)}")


def _zip_lines(lines: Iterable[str]) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), _LEVEL, mtime=0)


def _unzip_lines(content: bytes) -> list[bytes]:
    try:
        return gzip.decompress(content).removesuffix(b"\n").split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise FixityError(f"not a gzipped index: {error}") from error
