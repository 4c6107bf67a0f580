"""What the catalog knows about a source, in the form of the file that a crawl gets (storage.known_files)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Dialect, Row, select, type_coerce
from sqlalchemy.types import TypeDecorator

from storage.catalog.column_types import Instant, read_instant
from storage.catalog.pending_urls import find_known_pending
from storage.catalog.schema import captures, crawl_names, crawls, traits, urls
from storage.catalog.schema import url_state as state
from storage.catalog.views import number_of, url_of
from storage.database import NightWords, Words
from storage.known import KnownCapture, KnownMark, KnownNews, KnownPayload, write_moment

_STREAM_ROWS = 1000


class _Written(TypeDecorator[str]):
    """An Instant as ``write_moment`` writes it."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else write_moment(read_instant(value))


def _written(column: Column[Any]) -> ColumnElement[Any]:
    """Return *column* as the file has it: text, also where the catalog gives a time or a night."""
    kind = {Instant: _Written, NightWords: Words}.get(type(column.type))
    return type_coerce(column, kind).label(column.name) if kind else column


_TARGETS = urls.alias("target_urls")
_ADDRESSES = {"url": url_of(urls).label("url"), "target_uri": url_of(_TARGETS).label("target_uri")}
_RANK = [state.c.url.label("number"), *(state.c[name] for name in ("held_rank", "held_fetched", "record_id"))]
_KNOWN = [
    _ADDRESSES[name] if name in _ADDRESSES else _written(state.c["last_purpose" if name == "purpose" else name])
    for name in KnownCapture._fields
]
_STATES = (
    select(*_RANK, *_KNOWN)
    .join_from(state, urls, urls.c.id == state.c.url)
    .outerjoin(_TARGETS, _TARGETS.c.id == state.c.target_url)
    .order_by(state.c.url)
)

_PAYLOAD = [captures.c.payload_digest, traits.c.purpose, captures.c.record_id, url_of(urls), _written(captures.c.date)]


def read_known(connection: Connection, source_id: str, catalog: str, since: KnownMark | None) -> KnownNews:
    """Return what is known of *source_id* in *catalog*: what changed *since*, or all of it. Rows are read when used.

    All of it where *since* is of another catalog, or of another history of this one, and where a late manifest that it
    counts has given way.
    """
    mark = _find_mark(connection, source_id, catalog)
    after = since.applied if since and _goes_on(connection, source_id, since, mark) else None
    return KnownNews(
        mark,
        is_whole=after is None,
        captures=_find_captures(connection, source_id, after),
        superseded=_find_superseded(connection, source_id, after),
        pending=find_known_pending(connection, source_id, after),
    )


def _find_mark(connection: Connection, source_id: str, catalog: str) -> KnownMark:
    newest = select(crawls.c.applied, crawls.c.manifest_key).where(crawls.c.source_id == source_id)
    row = connection.execute(newest.order_by(crawls.c.applied.desc()).limit(1)).first()
    return KnownMark(catalog, row.applied, row.manifest_key) if row else KnownMark(catalog, 0, None)


def _goes_on(connection: Connection, source_id: str, since: KnownMark, now: KnownMark) -> bool:
    """Say whether all that was known at *since* is so at *now*, but for what later manifests changed."""
    if since.catalog != now.catalog or since.applied > now.applied:
        return False
    then = select(crawls.c.manifest_key).where(crawls.c.source_id == source_id, crawls.c.applied == since.applied)
    if connection.scalar(then) != since.manifest_key:
        return False  # it was restored from a copy, and has grown otherwise since
    late = crawls.alias()
    gave_way = (
        select(late.c.manifest_key)
        .join_from(crawls, late, (late.c.crawl_id == crawls.c.crawl_id) & late.c.late)
        .where(crawls.c.source_id == source_id, crawls.c.applied > since.applied, crawls.c.stands)
        .where(late.c.applied <= since.applied)
    )
    return connection.execute(gave_way.limit(1)).first() is None


def _find_captures(connection: Connection, source_id: str, after: int | None) -> Iterator[KnownCapture]:
    """Yield what is held of each URL, or of those that manifests *after* one changed, while the connection lasts."""
    query = _STATES.where(state.c.source == number_of(source_id))
    if after is not None:
        changed = state.alias()
        own = (changed.c.source == number_of(source_id)) & (changed.c.applied > after)
        query = query.where(state.c.url.in_(select(changed.c.url).where(own)))
    found = connection.execution_options(yield_per=_STREAM_ROWS).execute(query)
    for _, looks in groupby(found, key=itemgetter(0)):
        known = _merged(list(looks))
        if known is not None:
            yield known


def _merged(looks: list[Row[Any]]) -> KnownCapture | None:
    """Merge what crawls in time and late ones saw of one URL; None when nothing of it is held."""
    holding = [row for row in looks if row.held_rank is not None]
    if not holding:
        return None
    if len(looks) == 1:  # as it nearly always is
        return KnownCapture._make(looks[0][len(_RANK) :])
    held = max(holding, key=lambda row: row[1 : len(_RANK)])
    last = max(looks, key=lambda row: (row.last_fetched, row.last_night, row.last_purpose))
    return KnownCapture._make(held[len(_RANK) :])._replace(
        looks=sum(row.looks for row in looks),
        last_night=last.last_night,
        purpose=last.last_purpose,
        last_fetched=last.last_fetched,
        distrust=max((row.distrust for row in looks if row.distrust), default=None),
        distrusted=max((row.distrusted for row in looks if row.distrusted), default=None),
    )


def _find_superseded(connection: Connection, source_id: str, after: int | None) -> Iterator[KnownPayload]:
    """Yield the payloads that are no URL's newest, by date; or all that manifests *after* one added, newest or not."""
    query = (
        select(*_PAYLOAD)
        .join_from(captures, urls, urls.c.id == captures.c.url)
        .join(crawl_names, crawl_names.c.id == captures.c.crawl)
        .join(traits, traits.c.id == captures.c.traits)
        .where(traits.c.record_type == "response", captures.c.status == 200)
        .where(traits.c.truncated.is_(None), captures.c.payload_digest.is_not(None), captures.c.method.is_(None))
        .order_by(captures.c.date, captures.c.record_id)
    )
    if after is None:
        own = state.c.source == number_of(source_id)
        newest = select(state.c.record_id).where(own, state.c.record_id.is_not(None))
        query = query.where(crawl_names.c.source_id == source_id, captures.c.record_id.not_in(newest))
    else:
        new = select(crawls.c.crawl_id).where(crawls.c.source_id == source_id, crawls.c.applied > after)
        query = query.where(crawl_names.c.crawl_id.in_(new))
    yield from map(KnownPayload._make, connection.execution_options(yield_per=_STREAM_ROWS).execute(query))
