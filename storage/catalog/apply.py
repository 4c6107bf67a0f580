"""Apply manifests to the catalog: the rows end up the same in whatever order it is done.

Rows of captures and documents depend on nothing else; url state adds up looks and keeps the newest of the rest;
articles are recounted. Each function works within the transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, delete, func, or_, select, text, tuple_, update

from storage.catalog import rows
from storage.catalog.schema import (
    captures,
    cleanings,
    crawl_counts,
    crawls,
    document_objects,
    documents,
    publications,
    url_state,
)
from storage.database import execute_all, insert_into
from storage.model.capture import Capture
from storage.model.crawl import Manifest
from storage.model.document import TextManifest
from storage.model.outcome import Outcome
from storage.model.placed_document import PlacedDocument

HOLDING = ("captured", "unchanged")
"""States of an outcome that name the payload held, if it is no error page; a 304 leaves it as it was."""


def lock_writers_out(connection: Connection) -> None:
    """Let one publisher in at a time; SQLite did so when the transaction began."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE publications IN EXCLUSIVE MODE"))


def record_publication(connection: Connection, key: str, kind: str) -> bool:
    """Record that the manifest at *key* is applied; False when it was already."""
    new = insert_into(connection, publications).values(key=key, kind=kind).on_conflict_do_nothing()
    return connection.execute(new.returning(publications.c.key)).first() is not None


def store_captures(connection: Connection, found: Iterable[Capture]) -> None:
    """Store *found*; a record that two objects hold is placed in the first by key."""
    place = ("location_key", "location_offset")
    values = [rows.make_capture_row(capture) for capture in found]
    _store_first(connection, captures, values, place)


def store_documents(connection: Connection, found: Sequence[PlacedDocument]) -> None:
    objects = {held.key: rows.make_object_row(held) for _, held, _ in found}
    new = insert_into(connection, document_objects).on_conflict_do_nothing()
    execute_all(connection, new, list(objects.values()))
    values = [rows.make_document_row(document, held.key, row) for document, held, row in found]
    _store_first(connection, documents, values, ("key", "row"))


def _store_first(connection: Connection, table: Table, values: list[rows.Values], place: tuple[str, str]) -> None:
    """Insert *values*; of two rows with one primary key the one with the smaller *place* stays."""
    new = insert_into(connection, table)
    earlier = tuple_(*(new.excluded[n] for n in place)) < tuple_(*(table.c[n] for n in place))
    own = {column.name for column in table.primary_key}
    change = {column.name: new.excluded[column.name] for column in table.c if column.name not in own}
    statement = new.on_conflict_do_update(index_elements=table.primary_key, set_=change, where=earlier)
    execute_all(connection, statement, values)


def store_crawl(connection: Connection, key: str, manifest: Manifest) -> bool:
    """Store the crawl of *manifest* and its counts; False when another manifest's outcomes are the crawl's."""
    stands = _displace_rivals(connection, key, manifest)
    row = rows.make_crawl_row(key, manifest, stands)
    connection.execute(crawls.insert().values(row | {"applied": _count_applied(connection, manifest) + 1}))
    if stands:
        execute_all(connection, crawl_counts.insert(), rows.make_count_rows(key, manifest))
    return stands


def _count_applied(connection: Connection, manifest: Manifest) -> int:
    """Return how many manifests of the source of *manifest* are applied; their rows are never deleted."""
    newest = select(func.max(crawls.c.applied)).where(crawls.c.source_id == manifest.crawl.source_id)
    return connection.scalar(newest) or 0


def _displace_rivals(connection: Connection, key: str, manifest: Manifest) -> bool:
    """Say whether the outcomes of *manifest* are its crawl's; if they are, remove those of rival manifests.

    A manifest in time comes before every late one; of late ones the one that discovered most, then the
    first by key.
    """
    standing = select(crawls).where(crawls.c.crawl_id == manifest.crawl.id, crawls.c.stands)
    for rival in connection.execute(standing):
        if (rival.late, -rival.discovered, rival.manifest_key) < (manifest.late, -manifest.discovered, key):
            return False
        rival_key, source_id = rival.manifest_key, rival.source_id
        connection.execute(update(crawls).where(crawls.c.manifest_key == rival_key).values(stands=False))
        connection.execute(delete(crawl_counts).where(crawl_counts.c.manifest_key == rival_key))
        own = and_(url_state.c.source_id == source_id, url_state.c.late_manifest == rival_key)
        connection.execute(delete(url_state).where(own))
    return True


def store_cleaning(connection: Connection, key: str, manifest: TextManifest) -> None:
    connection.execute(cleanings.insert().values(rows.make_cleaning_row(key, manifest)))


def merge_looks(
    connection: Connection,
    key: str,
    manifest: Manifest,
    outcomes: Iterable[Outcome],
    payload: Callable[[str], rows.Payload | None],
) -> None:
    """Add to url state what *outcomes* saw. Only a fetch that was answered counts as a look.

    *payload* finds the payload of a record id. The crawl of *manifest*, at *key*, is stored already.
    """
    late_manifest = key if manifest.late else ""
    applied = _count_applied(connection, manifest)
    values = []
    for outcome in outcomes:
        if outcome.status is None or outcome.fetched_at is None:
            continue
        look = rows.make_look(outcome, late_manifest) | {"applied": applied}
        holds = outcome.state in HOLDING and outcome.status < HTTPStatus.BAD_REQUEST
        held = payload(outcome.record_id) if outcome.record_id and holds else None
        values.append(look | rows.make_holding(outcome, held) if held else look)
    execute_all(connection, _merge(connection), values)


def _merge(connection: Connection) -> Any:
    new = insert_into(connection, url_state)
    old, add = url_state.c, new.excluded
    newer = tuple_(add.last_fetched, add.last_crawl) > tuple_(old.last_fetched, old.last_crawl)
    held = ("held_rank", "held_fetched", "held_crawl")
    better = or_(old.held_rank.is_(None), tuple_(*(add[n] for n in held)) > tuple_(*(old[n] for n in held)))

    def taken(wins: ColumnElement[bool], names: Iterable[str]) -> dict[str, Any]:
        return {name: case((wins, add[name]), else_=old[name]) for name in names}

    worse = or_(old.distrust.is_(None), add.distrust > old.distrust)
    change = {"looks": old.looks + add.looks, "applied": add.applied} | taken(worse, ("distrust",))
    change |= taken(newer, ("last_night", "last_state", "last_purpose", "last_fetched", "last_crawl"))
    change |= taken(better, rows.HELD)
    return new.on_conflict_do_update(index_elements=url_state.primary_key, set_=change)
