"""The index of a WARC file: its captures, its records, and the outcomes of its exchanges.

….cdxj.gz            `!meta 0 {"format": "cdxj", "schema": "index/1"}`, then `urlkey yyyymmddhhmmss {…}` each, sorted
….records.jsonl.gz   `{"schema": "records/2"}`, then a record a line, in the file's order
Both are made by one walk over the file, and the same file gives the same bytes.
"""

from __future__ import annotations

import gc
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic.alias_generators import to_camel, to_snake

from storage.captures.stored_exchanges import read_capture, read_exchanges, read_outcome
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Crawl
from storage.model.errors import FixityError, NoMainTextError
from storage.model.outcome import Outcome
from storage.packed import unpack

INDEX_SCHEMA = "index/1"
RECORDS_SCHEMA = "records/2"
RECORDS_SCHEMAS = ("records/1", RECORDS_SCHEMA)
"""Every schema that ``read_records_index`` reads, the first with fields that are passed over."""

_CDX_NAMES = {"target_uri": "url", "payload_digest": "digest", "key": "filename", "request_query": "requestBody"}
_NAMES = {name: _CDX_NAMES.get(name) or to_camel(name) for name in Capture.model_fields}
_OUR_NAMES = {cdx: ours for ours, cdx in _CDX_NAMES.items()}
_MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # of the largest WARC file, all of it revisits, some 80 MB
_LEVEL = 6  # 9 takes three times as long for a fiftieth less
_TO_JSON = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each line
_REVISIT = "warc/revisit"  # what CDX tools look for in ``mime``


class FileIndex(NamedTuple):
    """What one WARC file holds: captures and records in its order, one outcome an acknowledged exchange.

    A URL that was fetched twice has two outcomes, the later one last.
    """

    captures: list[Capture]
    records: list[IndexedRecord]
    outcomes: list[Outcome]


class WrittenIndex(NamedTuple):
    """The two indexes of one WARC file as they are stored, and how many captures and records they list."""

    cdxj: bytes
    captures: int
    records: bytes
    lines: int
    outcomes: tuple[Outcome, ...]
    """Those of the acknowledged exchanges, where they were asked for."""


_CdxjLine = tuple[str, datetime, str, str]
"""urlkey, date and record id, by which lines are sorted, and the line."""


def index_warc(path: Path, crawl: Crawl, key: str) -> FileIndex:
    """Index the whole WARC file at *path*, which is or will be the object at *key*.

    An exchange without its last record (metadata, or request of a revisit) was never acknowledged: its records are
    listed, its response is a capture (of kind and purpose ``unfinished``, and nothing else said), it has no outcome.
    Raises FixityError for a cut or damaged file.
    """
    index = FileIndex([], [], [])
    with _indexing(path):
        for found in read_exchanges(path, index.records.append):
            if found.response:
                index.captures.append(read_capture(found, crawl, key))
            if found.last:
                index.outcomes.append(read_outcome(found, crawl))
    return index


def write_index(path: Path, crawl: Crawl, key: str, with_outcomes: bool = False) -> WrittenIndex:
    """Return what ``write_cdxj`` and ``write_records_index`` make of ``index_warc``, while memory holds only the lines.

    Outcomes are made only *with_outcomes*: they take time and memory. Raises FixityError for a cut or damaged file.
    """
    cdxj: list[_CdxjLine] = []
    records: list[str] = []
    outcomes: list[Outcome] = []
    with _indexing(path):
        for exchange in read_exchanges(path, lambda line: records.append(_records_line(line))):
            if exchange.response:
                cdxj.append(_cdxj_line(read_capture(exchange, crawl, key)))
            if exchange.last and with_outcomes:
                outcomes.append(read_outcome(exchange, crawl))
    return WrittenIndex(_zip_cdxj(cdxj), len(cdxj), _zip_records(records), len(records), tuple(outcomes))


@contextmanager
def _indexing(path: Path) -> Iterator[None]:
    """Name the file in an error, and stop garbage collection meanwhile: it would take as long again and find nothing,
    because all objects made here are kept, or freed at once.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    except (ValueError, NoMainTextError) as error:
        raise FixityError(f"{path}: not a record of ours: {error}") from error
    finally:
        if was_enabled:
            gc.enable()


def write_cdxj(captures: Iterable[Capture]) -> bytes:
    """Return *captures* as gzipped CDXJ, sorted by urlkey, then date."""
    return _zip_cdxj(map(_cdxj_line, captures))


def _zip_cdxj(lines: Iterable[_CdxjLine]) -> bytes:
    meta = json.dumps({"format": "cdxj", "schema": INDEX_SCHEMA})
    return _zip_lines(f"!meta 0 {meta}", (line for *_, line in sorted(lines)))


def read_cdxj(content: bytes) -> list[Capture]:
    """Return the captures that ``write_cdxj`` wrote, every field of them. Raises FixityError for anything else."""
    meta, *lines = _unzip_lines(content)
    try:
        _check_schema(json.loads(meta.removeprefix(b"!meta 0 ")), (INDEX_SCHEMA,))
        return [_capture_of(line) for line in lines]
    except ValueError as error:
        raise FixityError(f"not a CDXJ index: {error}") from error


def _cdxj_line(capture: Capture) -> _CdxjLine:
    values = capture.model_dump(mode="json", exclude_none=True, exclude={"urlkey", "location", "request", "media_type"})
    fields: dict[str, Any] = {"url": capture.target_uri, "mime": capture.media_type}
    if capture.record_type == "revisit":
        fields |= {"mime": _REVISIT, "mediaType": capture.media_type}
    fields |= {_NAMES.get(name) or to_camel(name): value for name, value in values.items()}
    fields |= {"status": str(capture.status)} | _cdx_place(capture.location)
    if capture.request:
        fields["request"] = _cdx_place(capture.request)
    text = _TO_JSON({name: value for name, value in fields.items() if value not in (None, [])})
    line = f"{capture.urlkey} {capture.date:%Y%m%d%H%M%S} {text}"
    return capture.urlkey, capture.date, capture.record_id, line


def _cdx_place(place: Location) -> dict[str, Any]:
    """Return the place of a record in CDX fields, all of them text."""
    return {"length": str(place.length), "offset": str(place.offset), "filename": place.key}


def _capture_of(line: bytes) -> Capture:
    key, _, text = line.decode().split(" ", 2)
    values = json.loads(text)
    media_type = values.pop("mime", None)
    fields = {_OUR_NAMES.get(name) or to_snake(name): value for name, value in values.items()}
    if media_type != _REVISIT:
        fields["media_type"] = media_type
    fields["location"] = {name: fields.pop(name, None) for name in ("key", "offset", "length")}
    if "request" in fields:
        fields["request"] = {_OUR_NAMES.get(name, name): value for name, value in fields["request"].items()}
    return Capture.model_validate(fields | {"urlkey": key})


def write_records_index(lines: Iterable[IndexedRecord]) -> bytes:
    """Return *lines* as gzipped JSON lines, in their order."""
    return _zip_records(map(_records_line, lines))


def _zip_records(lines: Iterable[str]) -> bytes:
    return _zip_lines(json.dumps({"schema": RECORDS_SCHEMA}), lines)


def _records_line(line: IndexedRecord) -> str:
    return line.model_dump_json(exclude_none=True)


def read_records_index(content: bytes) -> list[IndexedRecord]:
    """Return the lines that ``write_records_index`` wrote, now or before. Raises FixityError for anything else."""
    meta, *lines = _unzip_lines(content)
    try:
        _check_schema(json.loads(meta), RECORDS_SCHEMAS)
        return [IndexedRecord.model_validate_json(line) for line in lines]
    except ValueError as error:
        raise FixityError(f"not a records index: {error}") from error


def _check_schema(meta: dict[str, str], expected: tuple[str, ...]) -> None:
    if meta.get("schema") not in expected:
        raise ValueError(f"its schema is {meta.get('schema')}, not {' or '.join(expected)}")


def _zip_lines(meta: str, lines: Iterable[str]) -> bytes:
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return b"".join([*(stream.compress(f"{line}\n".encode()) for line in (meta, *lines)), stream.flush()])


def _unzip_lines(content: bytes) -> list[bytes]:
    return unpack(content, _MAX_UNPACKED_BYTES).removesuffix(b"\n").split(b"\n")
