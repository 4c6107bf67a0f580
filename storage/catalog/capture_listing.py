"""Listing any number of captures: batch by batch, each a separate query.

So no transaction stays open while a reader takes its time, and a rebuild may replace the catalog meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from storage.catalog.queries import at_urlkey, choose_captures, find_capture
from storage.catalog.rows import read_capture_row
from storage.catalog.schema import HEAD_CHARACTERS, captures, crawl_names, urlkey_head, urls
from storage.catalog.views import BY_URLKEY, CAPTURES, url_of
from storage.model.capture import Capture
from storage.model.errors import SeedError
from storage.model.night import Night

_FIRST_ROWS, _MOST_ROWS = 100, 5000
"""Rows of the first batch, as most answers have no more, and of the largest."""
Ask = Callable[[Callable[[Connection], Any]], Any]


class Selection(NamedTuple):
    """Which captures are wanted: those that meet every condition given. Times are inclusive."""

    urlkey: str | None = None
    urlkey_prefix: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    source_id: str | None = None
    night: Night | None = None
    backwards: bool = False
    """In the opposite order: the last first."""


class _Place(NamedTuple):
    """Where a listing has come to: by urlkey, then date."""

    urlkey: str
    date: datetime
    record_id: str


def list_captures(ask: Ask, wanted: Selection, after: str | None, skip: int = 0) -> Iterator[Capture]:
    """Yield the captures *wanted* that follow the record *after*, by urlkey, then date, or in the opposite order.

    With *skip* so many are passed over in place of *after*. Raises SeedError when that record is unknown.
    """
    if skip:
        after = ask(lambda connection: _find_nth(connection, wanted, skip - 1))
        if after is None:
            return
    place = ask(lambda connection: _find_place(connection, after)) if after else None
    count = _FIRST_ROWS
    while True:
        rows: list[Row[Any]] = ask(_next_batch(wanted, place, count))
        for row in rows:
            yield read_capture_row(row)
        if len(rows) < count:
            return
        place = _Place(rows[-1].urlkey, rows[-1].date, rows[-1].record_id)
        count = min(count * 5, _MOST_ROWS)


def _find_place(connection: Connection, record_id: str) -> _Place:
    capture = find_capture(connection, record_id)
    if capture is None:
        raise SeedError(f"after: {record_id}: no such capture")
    return _Place(capture.urlkey, capture.date, capture.record_id)


def _next_batch(wanted: Selection, after: _Place | None, count: int) -> Callable[[Connection], list[Row[Any]]]:
    return lambda connection: list(islice(_read_rows(connection, wanted, after, count), count))


def _read_rows(connection: Connection, wanted: Selection, after: _Place | None, count: int) -> Iterator[Row[Any]]:
    """Yield rows from each of the parts that *after* leaves, of which an index gives the first."""
    order = [column.desc() for column in BY_URLKEY] if wanted.backwards else BY_URLKEY
    for part in _parts_after(after, wanted.backwards):
        query = CAPTURES.where(*_choose(wanted), *part).order_by(*order).limit(count)
        yield from connection.execute(query).all()


def _parts_after(after: _Place | None, backwards: bool) -> Iterator[list[ColumnElement[bool]]]:
    """Yield the conditions of the rest of an address, and of what follows it: one range each, as an index has them."""
    if after is None:
        yield []
        return
    date, record_id, head = captures.c.date, captures.c.record_id, after.urlkey[:HEAD_CHARACTERS]
    if backwards:
        earlier = or_(date < after.date, and_(date == after.date, record_id < after.record_id))
        yield [at_urlkey(after.urlkey), date <= after.date, earlier]
        yield [urlkey_head <= head, urls.c.urlkey < after.urlkey]
        return
    later = or_(date > after.date, and_(date == after.date, record_id > after.record_id))
    yield [at_urlkey(after.urlkey), date >= after.date, later]
    yield [urlkey_head >= head, urls.c.urlkey > after.urlkey]


def count_captures(connection: Connection, wanted: Selection) -> int:
    """Return how many captures are *wanted*."""
    return connection.scalar(_keys_of(wanted, func.count())) or 0


def _find_nth(connection: Connection, wanted: Selection, place: int) -> str | None:
    """Return the record id of the capture at *place* (from 0) of those *wanted*, in their order; None past the end."""
    order = [column.desc() for column in BY_URLKEY] if wanted.backwards else BY_URLKEY
    query = _keys_of(wanted, captures.c.record_id).order_by(*order).offset(place).limit(1)
    found: str | None = connection.scalar(query)
    return found


def _keys_of(wanted: Selection, column: ColumnElement[Any]) -> Select[Any]:
    joined = select(column).join_from(captures, urls, urls.c.id == captures.c.url)
    return joined.join(crawl_names, crawl_names.c.id == captures.c.crawl).where(*_choose(wanted))


class CaptureMoment(NamedTuple):
    """When an address was captured, and under which spelling of it."""

    date: datetime
    target_uri: str


def list_moments(connection: Connection, urlkey: str) -> list[CaptureMoment]:
    """Return when what has *urlkey* was captured, by date: the light rows of a TimeMap."""
    query = select(captures.c.date, url_of(urls)).join_from(captures, urls, urls.c.id == captures.c.url)
    ordered = query.where(at_urlkey(urlkey)).order_by(captures.c.date, captures.c.record_id)
    return [CaptureMoment(*row) for row in connection.execute(ordered)]


def _choose(wanted: Selection) -> list[ColumnElement[bool]]:
    conditions = choose_captures(wanted.urlkey, wanted.urlkey_prefix, wanted.since, wanted.until, None)
    if wanted.night is not None:
        of_night = select(crawl_names.c.id).where(crawl_names.c.night == wanted.night)
        conditions.append(captures.c.crawl.in_(of_night))
    if wanted.source_id is not None:  # not by the index: that would sort all captures of the source for each batch
        of_source = select(crawl_names.c.id).where(crawl_names.c.source_id == wanted.source_id)
        conditions.append((captures.c.crawl + 0).in_(of_source))
    return conditions
