"""What the catalog knows of a source, in the form of the file that a crawl is given (storage.known)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, DateTime, Dialect, Row, Text, select, type_coerce
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.catalog.schema import captures
from storage.catalog.schema import url_state as state
from storage.database import Moment, NightWords, Words
from storage.known import KnownCapture, KnownPayload, write_moment

_STREAM_ROWS = 1000


class _Written(TypeDecorator[str]):
    """A Moment as ``write_moment`` writes it: SQLite stores this form, which is passed on without being parsed."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        return None if dialect.name == "sqlite" else _write_moment


def _write_moment(moment: datetime | None) -> str | None:
    return write_moment(moment) if moment else None


def _written(column: Column[Any]) -> ColumnElement[Any]:
    """Return *column* as the file has it: text, also where the catalog gives a time or a night."""
    kind = {Moment: _Written, NightWords: Words}.get(type(column.type))
    return type_coerce(column, kind).label(column.name) if kind else column


_RANK = [_written(state.c[name]) for name in ("url_id", "held_rank", "held_fetched", "held_crawl", "last_crawl")]
_KNOWN = [_written(state.c["last_purpose" if name == "purpose" else name]) for name in KnownCapture._fields]
_PAYLOAD = [_written(captures.c[name]) for name in KnownPayload._fields]


def find_known(connection: Connection, source_id: str) -> Iterator[KnownCapture]:
    """Yield what is held of each URL of *source_id*, while the connection lasts; URLs of late crawls come last."""
    own = state.c.source_id == source_id
    late = select(state.c.url_id).where(own, state.c.late_manifest != "")
    in_time = select(*_KNOWN).where(own, state.c.held_rank.is_not(None), state.c.url_id.not_in(late))
    found = connection.execution_options(yield_per=_STREAM_ROWS).execute(in_time.order_by(state.c.url_id))
    yield from map(KnownCapture._make, found)
    seen_late = select(*_RANK, *_KNOWN).where(own, state.c.url_id.in_(late)).order_by(state.c.url_id)
    for _, looks in groupby(connection.execute(seen_late), key=itemgetter(0)):
        known = _merged(list(looks))
        if known is not None:
            yield known


def _merged(looks: list[Row[Any]]) -> KnownCapture | None:
    """Merge what crawls in time and late ones saw of one URL; None when nothing of it is held."""
    holding = [row for row in looks if row.held_rank is not None]
    if not holding:
        return None
    held = max(holding, key=lambda row: (row.held_rank, row.held_fetched, row.held_crawl))
    last = max(looks, key=lambda row: (row.last_fetched, row.last_crawl))
    return KnownCapture._make(held[len(_RANK) :])._replace(
        looks=sum(row.looks for row in looks),
        last_night=last.last_night,
        purpose=last.last_purpose,
        last_fetched=last.last_fetched,
        distrust=max((row.distrust for row in looks if row.distrust), default=None),
    )


def find_superseded(connection: Connection, source_id: str) -> Iterator[KnownPayload]:
    """Yield the payloads of *source_id* that are no URL's newest, by date, while the connection lasts."""
    newest = select(state.c.record_id).where(state.c.source_id == source_id, state.c.record_id.is_not(None))
    query = (
        select(*_PAYLOAD)
        .where(captures.c.source_id == source_id, captures.c.record_type == "response", captures.c.status == 200)
        .where(captures.c.truncated.is_(None), captures.c.payload_digest.is_not(None))
        .where(captures.c.record_id.not_in(newest))
        .order_by(captures.c.date, captures.c.record_id)
    )
    yield from map(KnownPayload._make, connection.execution_options(yield_per=_STREAM_ROWS).execute(query))
