"""Listing any number of captures: batch by batch, each a separate query.

So no transaction stays open while a reader takes its time, and a rebuild may replace the catalog meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from storage.catalog.queries import at_urlkey, choose_captures, find_capture
from storage.catalog.rows import read_capture_row
from storage.catalog.schema import HEAD_CHARACTERS, captures, crawl_names, urlkey_head, urls
from storage.catalog.views import BY_URLKEY, CAPTURES
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


class _Place(NamedTuple):
    """Where a listing has come to: by urlkey, then date."""

    urlkey: str
    date: datetime
    record_id: str


def list_captures(ask: Ask, wanted: Selection, after: str | None) -> Iterator[Capture]:
    """Yield the captures *wanted* that follow the record *after*, by urlkey, then date.

    Raises SeedError when that record is unknown.
    """
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
    for part in _parts_after(after):
        query = CAPTURES.where(*_choose(wanted), *part).order_by(*BY_URLKEY).limit(count)
        yield from connection.execute(query).all()


def _parts_after(after: _Place | None) -> Iterator[list[ColumnElement[bool]]]:
    """Yield the conditions of the rest of an address, and of what follows it: one range each, as an index has them."""
    if after is None:
        yield []
        return
    date, record_id = captures.c.date, captures.c.record_id
    later = or_(date > after.date, and_(date == after.date, record_id > after.record_id))
    yield [at_urlkey(after.urlkey), date >= after.date, later]
    yield [urlkey_head >= after.urlkey[:HEAD_CHARACTERS], urls.c.urlkey > after.urlkey]


def _choose(wanted: Selection) -> list[ColumnElement[bool]]:
    conditions = choose_captures(wanted.urlkey, wanted.urlkey_prefix, wanted.since, wanted.until, None)
    if wanted.night is not None:
        of_night = select(crawl_names.c.id).where(crawl_names.c.night == wanted.night)
        conditions.append(captures.c.crawl.in_(of_night))
    if wanted.source_id is not None:  # not by the index: that would sort all captures of the source for each batch
        of_source = select(crawl_names.c.id).where(crawl_names.c.source_id == wanted.source_id)
        conditions.append((captures.c.crawl + 0).in_(of_source))
    return conditions
