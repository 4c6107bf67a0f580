"""The queries of the catalog, each on the connection of its caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from storage.catalog.rows import CrawlRow, DocumentPlace, read_capture_row, read_object_row
from storage.catalog.schema import (
    FACTS,
    HEAD_CHARACTERS,
    captures,
    cleanings,
    crawl_counts,
    crawl_names,
    crawls,
    document_objects,
    documents,
    names,
    publications,
    urlkey_head,
    urls,
)
from storage.catalog.views import BY_URLKEY, CAPTURES, DOCUMENTS
from storage.database import split_batches
from storage.kept import CleaningFacts, choose_current_keys
from storage.model.capture import Capture
from storage.model.crawl import OutcomeCount
from storage.model.night import Night

_LAST_CHARACTER = "\U0010ffff"
_MOST_VALUES = 500
_STREAM_ROWS = 1000


class CurrentKey(NamedTuple):
    """The key of a cleaning that is current, or adds to one, and the id of its extractor."""

    key: str
    extractor_id: str


def at_urlkey(urlkey: str) -> ColumnElement[bool]:
    """Say which addresses have *urlkey*, as the index answers; of ``=`` SQLite would make a comparison of constants."""
    return (urlkey_head == urlkey[:HEAD_CHARACTERS]) & (urls.c.urlkey >= urlkey) & (urls.c.urlkey <= urlkey)


def under_prefix(prefix: str) -> ColumnElement[bool]:
    """Say which urlkeys begin with *prefix*, as a range that an index answers."""
    return _starts(urlkey_head, prefix[:HEAD_CHARACTERS]) & _starts(urls.c.urlkey, prefix)


def _starts(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    return (column >= prefix) & (column <= prefix + _LAST_CHARACTER)


def choose_captures(
    urlkey: str | None, urlkey_prefix: str | None, since: datetime | None, until: datetime | None, crawl_id: str | None
) -> list[ColumnElement[bool]]:
    """Return a condition for each value that is given."""
    conditions = []
    if not (urlkey or urlkey_prefix or crawl_id):
        conditions.append(_starts(urlkey_head, ""))  # so that the index gives their order
    if urlkey is not None:
        conditions.append(at_urlkey(urlkey))
    if urlkey_prefix is not None:
        conditions.append(under_prefix(urlkey_prefix))
    if since is not None:
        conditions.append(captures.c.date >= since)
    if until is not None:
        conditions.append(captures.c.date <= until)
    if crawl_id is not None:
        conditions.append(crawl_names.c.crawl_id == crawl_id)
    return conditions


def find_captures(connection: Connection, conditions: list[ColumnElement[bool]], limit: int | None) -> list[Capture]:
    """Return the captures that meet all *conditions*, by urlkey, then date."""
    query = CAPTURES.where(*conditions).order_by(*BY_URLKEY).limit(limit)
    return [read_capture_row(row) for row in connection.execute(query)]


def find_closest(connection: Connection, urlkey: str, at: datetime) -> Capture | None:
    """Return the capture nearest to *at*; of two as near the earlier.

    Each address of *urlkey* is asked for one before and one after, however often it was captured.
    """
    date, record_id = captures.c.date, captures.c.record_id
    found: list[Row[datetime, str]] = []
    for number in connection.scalars(select(urls.c.id).where(at_urlkey(urlkey))).all():
        here = select(date, record_id).where(captures.c.url == number).limit(1)
        found += connection.execute(here.where(date <= at).order_by(date.desc(), record_id)).all()
        found += connection.execute(here.where(date > at).order_by(date, record_id)).all()
    nearest = min(found, key=lambda row: (abs(row.date - at), row.date, row.record_id), default=None)
    return find_capture(connection, nearest.record_id) if nearest else None


def find_capture(connection: Connection, record_id: str) -> Capture | None:
    row = connection.execute(CAPTURES.where(captures.c.record_id == record_id)).first()
    return read_capture_row(row) if row else None


def find_document(connection: Connection, record_id: str, extractor_id: str | None) -> DocumentPlace | None:
    """Return where the document of a capture is: that of *extractor_id*, or of the current cleaning."""
    places = {place.extractor_id: place for place in find_documents(connection, record_id)}
    if extractor_id is not None or not places:
        return places.get(extractor_id or "")
    current = [of_manifest[0].extractor_id for of_manifest in find_current(connection, record_id)]
    return next((places[one] for one in current if one in places), None)


def find_documents(connection: Connection, record_id: str) -> list[DocumentPlace]:
    """Return where every document of a capture is, including superseded cleanings, the last extracted first."""
    found = connection.execute(DOCUMENTS.where(documents.c.record_id == record_id))
    places = [DocumentPlace(**row._mapping) for row in found]
    places.sort(key=lambda place: (place.extracted_at, place.extractor_id), reverse=True)
    of_these = select(document_objects).where(document_objects.c.key.in_({place.key for place in places}))
    held = {row.key: read_object_row(row) for row in connection.execute(of_these)}
    return [place.model_copy(update={"held": held.get(place.key)}) for place in places]


def find_current(connection: Connection, record_id: str) -> list[list[CurrentKey]]:
    """Return the current cleaning of each manifest of a capture's crawl, the one in time first: see ``storage.kept``.

    Newest is as the night's tables have it: by when the manifest was put, not by when a draft of it was extracted.
    """
    of_capture = select(crawl_names.c.crawl_id).join(captures, captures.c.crawl == crawl_names.c.id)
    crawl_id = of_capture.where(captures.c.record_id == record_id).scalar_subquery()
    query = (
        select(cleanings)
        .join(crawls, crawls.c.manifest_key == cleanings.c.crawl_manifest)
        .where(crawls.c.crawl_id == crawl_id)
    )
    rows = {row.manifest_key: row for row in connection.execute(query)}
    chosen = choose_current_keys(map(_facts_of, rows.values()))
    return [[CurrentKey(key, rows[key].extractor_id) for key in keys] for keys in chosen.values()]


def _facts_of(row: Row[Any]) -> CleaningFacts:
    return CleaningFacts(row.manifest_key, row.crawl_manifest, row.extractor_id, row.ended, row.adds_to)


def find_crawls(connection: Connection, night: Night | None, source_id: str | None) -> list[CrawlRow]:
    """Return the manifests of *night* and *source_id* (None: any), by night, source and start."""
    query = select(crawls)
    if night is not None:
        query = query.where(crawls.c.night == night)
    if source_id is not None:
        query = query.where(crawls.c.source_id == source_id)
    return _read_crawls(connection, query)


def find_backfills(connection: Connection, source_ids: Iterable[str], since: datetime) -> list[CrawlRow]:
    """Return the backfills of *source_ids* that began at *since* or later, by night, source and start."""
    begun = (crawls.c.trigger == "backfill") & (crawls.c.started >= since)
    batches = split_batches(sorted(source_ids), _MOST_VALUES)
    queries = (select(crawls).where(crawls.c.source_id.in_(some), begun) for some in batches)
    return [crawl for query in queries for crawl in _read_crawls(connection, query)]


def last_crawls(
    connection: Connection, source_id: str, count: int, trigger: str | None, before: Night | None
) -> list[CrawlRow]:
    """Return the *count* crawls in time of *source_id* that began last, by night and start."""
    query = select(crawls.c.manifest_key).where(crawls.c.source_id == source_id, ~crawls.c.late)
    if trigger is not None:
        query = query.where(crawls.c.trigger == trigger)
    if before is not None:
        query = query.where(crawls.c.night < before)
    newest = list(connection.scalars(query.order_by(crawls.c.started.desc()).limit(count)))
    return _read_crawls(connection, select(crawls).where(crawls.c.manifest_key.in_(newest)))


def _read_crawls(connection: Connection, query: Select[Any]) -> list[CrawlRow]:
    counts = _counts(connection, query)
    cleaned = _cleaned(connection, query)
    ordered = query.order_by(crawls.c.night, crawls.c.source_id, crawls.c.started, crawls.c.manifest_key)
    made = []
    for row in connection.execute(ordered.add_columns(_nightly_before())):
        facts = row._asdict()
        stands = facts.pop("stands")
        del facts["applied"]
        facts["discovered"] = row.discovered if stands else 0
        facts["gaps"] = tuple(facts["gaps"] or ())
        facts |= cleaned.get(row.manifest_key, {"documents": None})
        made.append(CrawlRow(**facts, counts=tuple(counts[row.manifest_key])))
    return made


def _nightly_before() -> ColumnElement[Night | None]:
    """Return the night of the nightly crawl before that of a row of ``crawls``, of the same source."""
    earlier = crawls.alias()
    own = (earlier.c.source_id == crawls.c.source_id) & (earlier.c.night < crawls.c.night)
    newest = select(earlier.c.night).where(own, earlier.c.trigger == "nightly").order_by(earlier.c.night.desc())
    return newest.limit(1).scalar_subquery().label("nightly_before")


def newest_night(connection: Connection) -> Night | None:
    """Return the newest night in which anything was crawled."""
    return connection.scalar(select(crawls.c.night).order_by(crawls.c.night.desc()).limit(1))


def find_sources(connection: Connection) -> list[str]:
    """Return the ids of the sources of which anything was crawled, in order."""
    return list(connection.scalars(select(crawls.c.source_id).distinct().order_by(crawls.c.source_id)))


def find_nights(
    connection: Connection, since: Night | None, until: Night | None, source_ids: Sequence[str]
) -> list[Night]:
    """Return the nights from *since* to *until* in which a source of *source_ids* (none: any) has a manifest."""
    query = select(crawls.c.night).distinct().order_by(crawls.c.night)
    if since is not None:
        query = query.where(crawls.c.night >= since)
    if until is not None:
        query = query.where(crawls.c.night <= until)
    if source_ids:
        query = query.where(crawls.c.source_id.in_(source_ids))
    return list(connection.scalars(query))


def _counts(connection: Connection, found: Select[Any]) -> dict[str, list[OutcomeCount]]:
    keys = found.with_only_columns(crawls.c.manifest_key).order_by(None)
    columns = crawl_counts.c
    query = select(crawl_counts).where(columns.manifest_key.in_(keys))
    counts = defaultdict(list)
    for row in connection.execute(query.order_by(columns.purpose, columns.state, columns.reason)):
        count = OutcomeCount(purpose=row.purpose, state=row.state, reason=row.reason, urls=row.urls)
        counts[row.manifest_key].append(count)
    return counts


def _cleaned(connection: Connection, found: Select[Any]) -> dict[str, dict[str, Any]]:
    """Return, by crawl manifest, the sums over the current cleaning."""
    keys = found.with_only_columns(crawls.c.manifest_key).order_by(None)
    query = select(cleanings).where(cleanings.c.crawl_manifest.in_(keys))
    rows = {row.manifest_key: row for row in connection.execute(query)}
    chosen = choose_current_keys(map(_facts_of, rows.values()))
    return {name: _sums([rows[key] for key in of_manifest]) for name, of_manifest in chosen.items()}


def _sums(parts: Sequence[Row[Any]]) -> dict[str, Any]:
    texts = [part.documents - (part.without_text or 0) for part in parts]
    known = [(part.confidence, count) for part, count in zip(parts, texts, strict=True) if part.confidence is not None]
    counted = sum(count for _, count in known)
    return {
        "documents": sum(part.documents for part in parts),
        "without_text": sum(part.without_text or 0 for part in parts),
        "reserved": sum(part.reserved or 0 for part in parts),
        "confidence": round(sum(mean * count for mean, count in known) / counted, 4) if counted else None,
        "flagged": sum(part.flagged or 0 for part in parts),
    }


def find_last_manifest(connection: Connection, source_id: str) -> str | None:
    """Return the key of the manifest of *source_id* that ended last."""
    own = select(crawls.c.manifest_key).where(crawls.c.source_id == source_id)
    return connection.scalar(own.order_by(crawls.c.ended.desc(), crawls.c.manifest_key.desc()).limit(1))


def is_published(connection: Connection, key: str) -> bool:
    return connection.scalar(select(publications.c.kind).where(publications.c.key == key)) is not None


def find_published(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Return which of the manifests at *keys* are applied."""
    key = publications.c.key
    batches = split_batches(keys, _MOST_VALUES)
    return {found for batch in batches for found in connection.scalars(select(key).where(key.in_(batch)))}


def find_publications(connection: Connection, prefix: str) -> set[str]:
    """Return the keys of all applied manifests that begin with *prefix*, a range that the primary key answers."""
    return set(connection.scalars(select(publications.c.key).where(_starts(publications.c.key, prefix))))


def count_rows(connection: Connection) -> dict[str, int]:
    return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in FACTS}


def find_extents(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield each object that rows refer to, with how many bytes it must have at least: once for each way to refer."""
    streamed = connection.execution_options(yield_per=_STREAM_ROWS)
    own, requests = captures.c.object, func.coalesce(captures.c.request_object, captures.c.object)
    end = captures.c.offset + captures.c.length
    ends = ((own, end), (requests, func.coalesce(captures.c.request_offset, end) + captures.c.request_length))
    for number, end in ends:
        furthest = select(number.label("number"), func.max(end).label("end")).where(end.is_not(None)).group_by(number)
        found = furthest.subquery()
        query = select(names.c.name, found.c.end).join(found, found.c.number == names.c.id)
        yield from ((name, least) for name, least in streamed.execute(query))
    placed = select(names.c.name).where(names.c.id.in_(select(documents.c.object)))
    for query in (placed, select(publications.c.key)):
        yield from ((name, 1) for name in streamed.scalars(query))
