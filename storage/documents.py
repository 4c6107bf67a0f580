"""Documents as Parquet (schema document/1): one flat row each, in small row groups so that one can be read alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from mmap import mmap
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.model.crawl import StoredObject
from storage.model.document import Document, text_digest
from storage.model.errors import FixityError, MissingObjectError
from storage.model.placed_document import DocumentsObject, ObjectPart, RowGroup
from storage.parquet import LIST_OF_WORDS, MOMENT, WORDS, check_schema, conform, make_schema, read_rows, write_rows


def _list_of(*fields: str) -> pa.DataType:
    return pa.list_(pa.struct([(name, WORDS) for name in fields]))


DOCUMENT = "document/1"

DOCUMENT_SCHEMA = make_schema(
    DOCUMENT,
    required={
        "derived_from": WORDS,
        "payload_record": WORDS,
        "payload_digest": WORDS,
        "warc_key": WORDS,
        "warc_offset": pa.int64(),
        "warc_length": pa.int64(),
        "crawl_id": WORDS,
        "source_id": WORDS,
        "night": WORDS,
        "url": WORDS,
        "urlkey": WORDS,
        "fetched_at": MOMENT,
        "status": pa.int16(),
        "extractor_name": WORDS,
        "extractor_version": WORDS,
        "extractor_settings_digest": WORDS,
        "extracted_at": MOMENT,
        "software_name": WORDS,
        "software_version": WORDS,
        "redirected_from": LIST_OF_WORDS,
        "authors": LIST_OF_WORDS,
        "published_known": WORDS,
        "text": WORDS,
        "text_digest": WORDS,
    },
    optional={
        "canonical_url": WORDS,
        "via": WORDS,
        "software_commit": WORDS,
        "software_lock_digest": WORDS,
        "software_python": WORDS,
        "title": WORDS,
        "standfirst": WORDS,
        "published": WORDS,
        "published_confidence": pa.float64(),
        "modified": WORDS,
        "language": WORDS,
        "language_claimed": WORDS,
        "agency": WORDS,
        "section": WORDS,
        "tags": LIST_OF_WORDS,
        "images": _list_of("url", "caption", "credit", "alt"),
        "paywall": pa.bool_(),
        "live": pa.bool_(),
        "opinion": pa.bool_(),
        "sponsored": pa.bool_(),
        "posts": _list_of("time", "text"),
        "candidates": _list_of("field", "value", "source"),
        "known": pa.map_(WORDS, WORDS),
        "encoding": WORDS,
        "confidence": pa.float64(),
        "text_share": pa.float64(),
        "boilerplate_removed": pa.int64(),
        "quality_flags": LIST_OF_WORDS,
        "minhash": WORDS,
        "residue": LIST_OF_WORDS,
        "model": WORDS,
        "site_memory": WORDS,
        "extractor_base_digest": WORDS,
        "repeated": LIST_OF_WORDS,
        "without_text": WORDS,
        "robots_header": WORDS,
        "robots_meta": WORDS,
        "tdm_reservation": pa.bool_(),
        "tdm_policy": WORDS,
        "content_signal": WORDS,
        "lines_dropped": pa.int64(),
        "lines_added": pa.int64(),
    },
)
LONG_COLUMNS = ("text", "standfirst", "title", "minhash")
ROW_GROUP_ROWS = 64

COLUMN_PREFIXES = {"location": "warc_", "extractor": "extractor_", "software": "software_"}
"""Fields that are records, and the prefix of the columns that their fields become."""
_END = b"....PAR1"  # the footer's length, and the magic


def write_documents(documents: Iterable[Document]) -> bytes:
    """Return *documents* as Parquet, in their order."""
    rows = pa.Table.from_pylist([_row(document) for document in documents], schema=DOCUMENT_SCHEMA)
    return write_rows(rows, ROW_GROUP_ROWS, LONG_COLUMNS)


def read_documents(content: bytes) -> list[Document]:
    """Return the documents that ``write_documents`` wrote. Raises FixityError for anything else."""
    return [_document(row) for row in read_rows(content, DOCUMENT_SCHEMA).to_pylist()]


def read_document_table(content: bytes) -> pa.Table:
    """Return the documents in *content* as a table of ``DOCUMENT_SCHEMA``. Raises FixityError when it holds none."""
    return conform(read_rows(content, DOCUMENT_SCHEMA), DOCUMENT_SCHEMA)


def describe_object(stored: StoredObject, content: bytes) -> DocumentsObject:
    """Return where the parts of *content*, the object promised as *stored*, are, and their digests."""
    metadata = pq.read_metadata(pa.BufferReader(content))
    groups = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        start, end = _span(group)
        groups.append(RowGroup(**_part(content, start, end), rows=group.num_rows))
    footer_bytes = int.from_bytes(content[-8:-4], "little") + len(_END)
    footer = ObjectPart(**_part(content, len(content) - footer_bytes, len(content)))
    return DocumentsObject(
        key=stored.key, bytes=stored.bytes, sha256=stored.sha256, footer=footer, groups=tuple(groups)
    )


def _part(content: bytes, start: int, end: int) -> dict[str, Any]:
    return {"offset": start, "bytes": end - start, "sha256": hashlib.sha256(content[start:end]).hexdigest()}


def read_document_row(content: bytes | mmap, row: int) -> Document:
    """Return the document in *row* (from 0) of an object; only the footer and that row's group need be there.

    Raises MissingObjectError when there is no such row. What is damaged may raise anything, or crash Arrow: it is for
    bytes that were held to their digest.
    """
    parquet = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)), page_checksum_verification=True)
    check_schema(parquet.schema_arrow, DOCUMENT_SCHEMA)
    first = 0
    for number in range(parquet.num_row_groups):
        rows = parquet.metadata.row_group(number).num_rows
        if first <= row < first + rows:
            return _document(parquet.read_row_group(number, use_threads=False).slice(row - first, 1).to_pylist()[0])
        first += rows
    raise MissingObjectError(f"has no row {row}")


def join_parts(held: DocumentsObject, parts: Iterable[tuple[ObjectPart, bytes]]) -> mmap:
    """Return the bytes of *held* with only *parts* filled in; the others take no memory."""
    joined = mmap(-1, held.bytes)
    for part, content in parts:
        joined[part.offset : part.offset + part.bytes] = content
    return joined


def _span(group: pq.RowGroupMetaData) -> tuple[int, int]:
    """Return the first byte of a row group and the one after its last."""
    chunks = [group.column(number) for number in range(group.num_columns)]
    starts = [chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset for chunk in chunks]
    return min(starts), max(start + chunk.total_compressed_size for start, chunk in zip(starts, chunks, strict=True))


def _row(document: Document) -> dict[str, Any]:
    row = document.model_dump(exclude={"schema_name"}) | {"night": str(document.night)}
    row["known"] = sorted(document.known.items())
    for field, prefix in COLUMN_PREFIXES.items():
        row |= {prefix + name: value for name, value in row.pop(field).items()}
    return row


def _document(row: dict[str, Any]) -> Document:
    fields = {name: value for name, value in row.items() if value is not None}
    fields["known"] = dict(fields.get("known", ()))
    for field, prefix in COLUMN_PREFIXES.items():
        names = [name for name in fields if name.startswith(prefix)]
        fields[field] = {name.removeprefix(prefix): fields.pop(name) for name in names}
    try:
        document = Document.model_validate(fields)
    except ValueError as error:
        raise FixityError(f"not a document: {error}") from error
    if text_digest(document.text) != document.text_digest:
        raise FixityError(f"document of {document.derived_from}: its text is not what was stored")
    return document
