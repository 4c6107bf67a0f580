"""The rows that answer a CDX query: captures in their order, filtered, collapsed and cut."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import chain, islice
from typing import NamedTuple

from hemeroteca.web.asked_address import format_stamp
from hemeroteca.web.cdx_query import CdxQuery, Row
from hemeroteca.web.reading import Reading
from storage.catalog import Selection
from storage.model.capture import Capture

NONE = "-"


class CdxRow(NamedTuple):
    """One line of an answer, by the names of pywb, and the record that it is of."""

    fields: dict[str, str]
    record_id: str


def find_rows(reading: Reading, query: CdxQuery) -> Iterator[CdxRow]:
    """Yield the rows that *query* asks for, read as they are used."""
    rows = (_make_row(reading, capture, query.resolve_revisits) for capture in _list_captures(reading, query))
    chosen = _collapse((row for row in rows if all(meets(row.fields) for meets in query.conditions)), query)
    return _cut(islice(chosen, query.offset, None), query)


def count_pages(reading: Reading, query: CdxQuery) -> int:
    """Return how many pages there are of what is asked for, before it is filtered."""
    return -(-sum(reading.count(one) for one in query.ranges) // query.page_rows)


def _list_captures(reading: Reading, query: CdxQuery) -> Iterator[Capture]:
    if query.page is not None:
        return _list_page(reading, query)
    if query.closest is not None:
        return _list_closest(reading, query)
    if _from_the_end(query):
        last_first = [one._replace(backwards=not one.backwards) for one in query.ranges]
        return _list_ranges(reading, last_first, query.after)
    return _list_ranges(reading, query.ranges, query.after)


def _list_ranges(reading: Reading, ranges: Iterable[Selection], after: str | None) -> Iterator[Capture]:
    ordered = list(ranges)
    if ordered[0].backwards:
        ordered.reverse()
    return chain.from_iterable(reading.list_captures(one, after) for one in ordered)


def _list_page(reading: Reading, query: CdxQuery) -> Iterator[Capture]:
    """Yield the captures of a page: its place among all ranges is counted, nothing before it is read."""
    skip, wanted = (query.page or 0) * query.page_rows, query.page_rows
    for one in query.ranges:
        held = reading.count(one)
        if skip < held and wanted:
            for capture in islice(reading.list_captures(one, None, skip), wanted):
                wanted -= 1
                yield capture
        skip = max(0, skip - held)


def _list_closest(reading: Reading, query: CdxQuery) -> Iterator[Capture]:
    """Yield captures by how far they are from a time, both ways from it; of two as far the earlier first."""
    at = query.closest
    assert at is not None
    for one in query.ranges:
        before = one._replace(until=min(one.until, at) if one.until else at, backwards=True)
        later = one._replace(since=max(one.since, at) if one.since else at, backwards=False)
        after = (capture for capture in reading.list_captures(later) if capture.date > at)
        yield from merge(reading.list_captures(before), after, key=lambda capture: abs(capture.date - at))


def _from_the_end(query: CdxQuery) -> bool:
    """Say whether the last rows are the first of the opposite order: collapsing keeps other rows from there."""
    return query.limit is not None and query.limit < 0 and not (query.collapses or query.offset or query.page)


def _collapse(rows: Iterator[CdxRow], query: CdxQuery) -> Iterator[CdxRow]:
    for collapse in query.collapses:
        rows = _first_of_equals(rows, collapse.key)
    return rows


def _first_of_equals(rows: Iterator[CdxRow], key: Callable[[Row], str]) -> Iterator[CdxRow]:
    last: tuple[str, str] | None = None
    for row in rows:
        mine = row.fields["urlkey"], key(row.fields)
        if mine != last:
            yield row
        last = mine


def _cut(rows: Iterator[CdxRow], query: CdxQuery) -> Iterator[CdxRow]:
    if query.limit is None or query.limit >= 0:
        return islice(rows, query.limit)
    if _from_the_end(query):
        return iter(list(islice(rows, -query.limit))[::-1])
    return iter(deque(rows, maxlen=-query.limit))


def _make_row(reading: Reading, capture: Capture, resolve: bool) -> CdxRow:
    revisit = capture.record_type == "revisit"
    fields = {
        "urlkey": capture.urlkey,
        "timestamp": format_stamp(capture.date),
        "url": "".join(capture.target_uri.split()),
        "mime": "warc/revisit" if revisit else capture.media_type or "unk",
        "status": NONE if revisit else str(capture.status),
        "digest": (capture.payload_digest or NONE).removeprefix("sha1:"),
        "redirect": NONE,
        "robotflags": NONE,
        "length": str(capture.location.length),
        "offset": str(capture.location.offset),
        "filename": reading.key_prefix + capture.location.key,
    }
    if capture.method:
        fields["method"] = capture.method
    return CdxRow(fields | _resolve(reading, capture, revisit) if resolve else fields, capture.record_id)


def _resolve(reading: Reading, capture: Capture, revisit: bool) -> dict[str, str]:
    """Return where the payload of a revisit lies, and what it is; of another capture that there is no such place."""
    original = reading.find_original(capture) if revisit else None
    if original is None:
        return {"orig.length": NONE, "orig.offset": NONE, "orig.filename": NONE}
    return {
        "mime": original.media_type or "unk",
        "status": str(original.status),
        "orig.length": str(original.location.length),
        "orig.offset": str(original.location.offset),
        "orig.filename": reading.key_prefix + original.location.key,
    }
