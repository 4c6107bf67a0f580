"""Numbers in place of addresses, keys and crawls; ids, digests and times in fewer bytes; no articles and versions.

Rows are copied some thousand at a time, so memory stays small; it takes some minutes for each million captures, and
room for the new rows beside the old ones. SQLite keeps the room of the old ones for rows to come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    Row,
    Table,
    func,
    literal_column,
    select,
    text,
)

from storage.catalog.column_types import Coded, Instant, Packed
from storage.catalog.numbers import Dictionary, Numbered, Values, make_numbered, number_rows, split_url
from storage.catalog.rows import make_digest_id
from storage.database import Moment, NightWords, Words, execute_all
from storage.surt import urlkey as make_urlkey

revision = "0011"
down_revision = "0010"

_BATCH = 2000
_HEAD = 512
_COPIED = ("captures", "documents", "url_state")
_TRAITS = {
    "record_type": Words,
    "kind": Words,
    "purpose": Words,
    "media_type": Words,
    "truncated": Words,
    "robots_header": Words,
    "robots_meta": Words,
    "tdm_reservation": Boolean,
    "tdm_policy": Words,
    "content_signal": Words,
}

_old, _new = MetaData(), MetaData()


def _columns(kind: Any, *names: str, nullable: bool = True) -> list[Column[Any]]:
    return [Column(name, kind, nullable=nullable) for name in names]


def _keys(**kinds: Any) -> list[Column[Any]]:
    return [Column(name, kind, primary_key=True, autoincrement=False) for name, kind in kinds.items()]


_json = JSON(none_as_null=True)

_old_captures = Table(
    "captures",
    _old,
    *_keys(record_id=Words),
    *_columns(Words, "target_uri", "urlkey", "payload_digest", "record_digest", "refers_to", "refers_to_uri"),
    *_columns(Words, "location_key", "request_key", "crawl_id", "source_id", "via", "canonical", "amphtml"),
    *_columns(Moment, "date", "refers_to_date"),
    *_columns(NightWords, "night"),
    *_columns(BigInteger, "status", "location_offset", "location_length", "request_offset", "request_length"),
    *_columns(_json, "redirected_from", "flags", "evidence"),
    *(Column(name, kind) for name, kind in _TRAITS.items()),
)
_old_documents = Table(
    "documents",
    _old,
    *_keys(record_id=Words, extractor_id=Words),
    *_columns(Words, "family", "key", "url", "urlkey", "crawl_id", "source_id", "title", "published", "language"),
    *_columns(Words, "text_digest"),
    *_columns(NightWords, "night"),
    *_columns(Integer, "row"),
    *_columns(Moment, "fetched_at", "extracted_at"),
)
_KEPT_STATE = ("looks", "last_state", "last_purpose", "held_rank", "etag", "last_modified", "distrust")
_old_state = Table(
    "url_state",
    _old,
    *_keys(source_id=Words, url_id=Words, late_manifest=Words),
    *_columns(Words, "url", "record_id", "target_uri", "payload_digest", "body_digest", *_KEPT_STATE[1:3]),
    *_columns(Words, "etag", "last_modified", "distrust"),
    *_columns(Integer, "looks", "held_rank"),
    *_columns(BigInteger, "applied"),
    *_columns(NightWords, "last_night"),
    *_columns(Moment, "last_fetched", "held_fetched", "date"),
)

_urls = Table(
    "urls",
    _new,
    *_keys(id=Integer),
    *_columns(Words, "urlkey", nullable=False),
    *_columns(Integer, "site", nullable=False),
    *_columns(Words, "head", nullable=False),
    *_columns(Integer, "tail", nullable=False),
)
_names = Table("names", _new, *_keys(id=Integer), Column("name", Words, nullable=False, unique=True))
_crawl_names = Table(
    "crawl_names",
    _new,
    *_keys(id=Integer),
    *_columns(Words, "crawl_id", "source_id", nullable=False),
    *_columns(NightWords, "night", nullable=False),
)
_traits = Table(
    "traits",
    _new,
    *_keys(id=Integer),
    Column("digest", Words, nullable=False, unique=True),
    *(Column(name, kind, nullable=number > 2) for number, (name, kind) in enumerate(_TRAITS.items())),
)
_captures = Table(
    "new_captures",
    _new,
    *_keys(record_id=Packed),
    *_columns(Integer, "url", nullable=False),
    *_columns(Instant, "date", nullable=False),
    *_columns(Integer, "status", "traits", "crawl", nullable=False),
    *_columns(Packed, "payload_digest"),
    *_columns(Packed, "record_digest", nullable=False),
    *_columns(Packed, "refers_to"),
    *_columns(Integer, "refers_to_url"),
    *_columns(Instant, "refers_to_date"),
    *_columns(Integer, "object", nullable=False),
    *_columns(BigInteger, "offset", "length", nullable=False),
    *_columns(Integer, "request_object"),
    *_columns(BigInteger, "request_offset", "request_length"),
    *_columns(Integer, "via", "canonical"),
    *_columns(Words, "amphtml"),
    *_columns(_json, "redirected_from", "flags", "evidence"),
)
_documents = Table(
    "new_documents",
    _new,
    *_keys(record_id=Packed, extractor=Integer),
    *_columns(Integer, "family"),
    *_columns(Integer, "object", "row", "url", "crawl", nullable=False),
    *_columns(Words, "title", "published", "language"),
    *_columns(Packed, "text_digest", nullable=False),
    *_columns(Instant, "fetched_at", "extracted_at", nullable=False),
)
_state = Table(
    "new_url_state",
    _new,
    *_keys(source=Integer, url=Integer, late_manifest=Words),
    *_columns(Integer, "looks", nullable=False),
    *_columns(NightWords, "last_night", nullable=False),
    *_columns(Coded, "last_state", "last_purpose", nullable=False),
    *_columns(Instant, "last_fetched", nullable=False),
    *_columns(Integer, "held_rank"),
    *_columns(Instant, "held_fetched"),
    *_columns(Packed, "record_id"),
    *_columns(Integer, "target_url"),
    *_columns(Instant, "date"),
    *_columns(Packed, "payload_digest", "body_digest"),
    *_columns(Words, "etag", "last_modified", "distrust"),
    *_columns(BigInteger, "applied", nullable=False),
)

_head = func.substr(_urls.c.urlkey, literal_column("1"), literal_column(str(_HEAD)), type_=Words)
_DICTIONARIES = {
    "url": Dictionary(_urls, _head, lambda fields: fields[0][:_HEAD]),
    "name": Dictionary(_names, _names.c.name, lambda fields: fields[0]),
    "crawl": Dictionary(_crawl_names, _crawl_names.c.crawl_id, lambda fields: fields[0]),
    "traits": Dictionary(_traits, _traits.c.digest, lambda fields: fields[0]),
}


def upgrade() -> None:
    _new.create_all(op.get_bind())
    op.create_index("urls_by_urlkey", "urls", [text(f"substr(urlkey, 1, {_HEAD})")])
    op.create_index("crawl_names_by_crawl", "crawl_names", ["crawl_id"])
    op.create_index("crawl_names_by_source", "crawl_names", ["source_id"])
    _copy(_old_captures, _captures, _capture_row)
    _copy(_old_documents, _documents, _document_row)
    _copy(_old_state, _state, _state_row)
    for name in (*_COPIED, "articles", "versions"):
        op.drop_table(name)
    for name in _COPIED:
        op.rename_table(f"new_{name}", name)
    op.create_index("captures_by_url", "captures", ["url", "date"])
    op.create_index("captures_by_crawl", "captures", ["crawl"])
    op.create_index("url_state_by_application", "url_state", ["source", "applied"])


def _copy(old: Table, new: Table, make_row: Callable[[Row[Any]], Values]) -> None:
    connection = op.get_bind()
    found = connection.execute(select(old), execution_options={"yield_per": _BATCH})
    for rows in found.partitions():
        execute_all(connection, new.insert(), number_rows(connection, _DICTIONARIES, [make_row(row) for row in rows]))


def _url(url: str | None, urlkey: str | None = None) -> Numbered | None:
    return None if url is None else make_numbered("url", *split_url(url, urlkey or make_urlkey(url)))


def _crawl(row: Row[Any]) -> Numbered:
    return make_numbered("crawl", row.crawl_id, row.source_id, row.night)


def _capture_row(row: Row[Any]) -> Values:
    traits = [row._mapping[name] for name in _TRAITS]
    end = row.location_offset + row.location_length
    elsewhere = row.request_key if row.request_key != row.location_key else None
    same = ("record_id", "date", "status", "payload_digest", "record_digest", "refers_to", "refers_to_date", "amphtml")
    return {name: row._mapping[name] for name in same} | {
        "url": _url(row.target_uri, row.urlkey),
        "traits": make_numbered("traits", make_digest_id(*map(repr, traits)), *traits),
        "crawl": _crawl(row),
        "refers_to_url": _url(row.refers_to_uri),
        "object": make_numbered("name", row.location_key),
        "offset": row.location_offset,
        "length": row.location_length,
        "request_object": make_numbered("name", elsewhere) if elsewhere else None,
        "request_offset": row.request_offset if row.request_offset != end else None,
        "request_length": row.request_length,
        "via": _url(row.via),
        "canonical": _url(row.canonical),
        **{name: row._mapping[name] or None for name in ("redirected_from", "flags", "evidence")},
    }


def _document_row(row: Row[Any]) -> Values:
    same = ("record_id", "row", "title", "published", "language", "text_digest", "fetched_at", "extracted_at")
    return {name: row._mapping[name] for name in same} | {
        "extractor": make_numbered("name", row.extractor_id),
        "family": make_numbered("name", row.family) if row.family else None,
        "object": make_numbered("name", row.key),
        "url": _url(row.url, row.urlkey),
        "crawl": _crawl(row),
    }


def _state_row(row: Row[Any]) -> Values:
    same = ("late_manifest", "last_night", "last_fetched", "held_fetched", "record_id", "date", "applied")
    digests = ("payload_digest", "body_digest")
    return {name: row._mapping[name] for name in (*same, *digests, *_KEPT_STATE)} | {
        "source": make_numbered("name", row.source_id),
        "url": _url(row.url),
        "target_url": _url(row.target_uri),
    }
