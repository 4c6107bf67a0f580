"""Applying manifests to the catalog: the rows end up the same in whatever order it is done.

Rows of captures and documents depend on nothing else; url state adds up looks and keeps the newest of the rest.
Each function works within the transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)

from storage.catalog import outcome_rows, rows
from storage.catalog.numbers import Values, number_rows
from storage.catalog.pending_urls import merge_pending
from storage.catalog.schema import (
    DICTIONARIES,
    captures,
    cleanings,
    crawl_counts,
    crawls,
    document_objects,
    documents,
    doubles,
    pending,
    publications,
    url_state,
)
from storage.catalog.views import number_of
from storage.database import Words, execute_all, insert_into, split_batches, writing
from storage.model.crawl import Manifest
from storage.model.document import TextManifest

_BATCH = 1000
"""Rows that are made and stored at once."""


@contextmanager
def publishing(engine: Engine, key: str, kind: str) -> Iterator[Connection | None]:
    """Give a transaction in which the manifest at *key* is recorded as applied; None when it was already."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":  # SQLite let one publisher in when the transaction began
            connection.execute(text("LOCK TABLE publications IN EXCLUSIVE MODE"))
        yield connection if _record_publication(connection, key, kind) else None


def _record_publication(connection: Connection, key: str, kind: str) -> bool:
    """Record that the manifest at *key* is applied; False when it was already."""
    new = insert_into(connection, publications).values(key=key, kind=kind).on_conflict_do_nothing()
    return connection.execute(new.returning(publications.c.key)).first() is not None


def apply_crawl(
    connection: Connection, key: str, manifest: Manifest, found: Iterable[Values], outcomes: Iterable[Values]
) -> None:
    """Store the captures *found*, and what *outcomes* left: doubles, and looks where they are the crawl's outcomes.

    A record that two objects hold is placed in the first by key.
    """
    own: set[str] = set()
    for some in split_batches(found, _BATCH):
        _store_first(connection, captures, some, "offset")
        own.update(row["record_id"] for row in some)
    stands = _store_crawl(connection, key, manifest)
    for some in split_batches(outcomes, _BATCH):
        doubles_of, pending_of, looks = _sort(some)
        _store_doubles(connection, doubles_of)
        if stands:
            merge_pending(connection, pending_of, manifest, _count_applied(connection, manifest))
            _merge_looks(connection, manifest, looks, own)


def _sort(found: Iterable[Values]) -> tuple[list[Values], list[Values], list[Values]]:
    """Return the rows of doubles, of what may be pending, and of looks."""
    sorted_rows: tuple[list[Values], list[Values], list[Values]] = ([], [], [])
    for row in found:
        sorted_rows[0 if outcome_rows.is_double(row) else 1 if outcome_rows.is_pending(row) else 2].append(row)
    return sorted_rows


def apply_cleaning(
    connection: Connection, key: str, manifest: TextManifest, placed: Iterable[tuple[Values, Values]]
) -> None:
    """Store documents, each *placed* after the object that holds it."""
    new = insert_into(connection, document_objects).on_conflict_do_nothing()
    for some in split_batches(placed, _BATCH):
        execute_all(connection, new, list({held["key"]: held for held, _ in some}.values()))
        _store_first(connection, documents, [document for _, document in some], "row")
    for damaged in manifest.replaces:  # what they said, this one says
        _record_publication(connection, damaged, "text")
    connection.execute(cleanings.insert().values(rows.make_cleaning_row(key, manifest)))


def _store_first(connection: Connection, table: Table, values: Sequence[Values], place: str) -> None:
    """Insert *values*; of two rows with one primary key that of the first object by key stays, then by *place*."""
    new = insert_into(connection, table)
    old, add = table.c, new.excluded
    further = and_(add.object == old.object, add[place] < old[place])
    earlier = or_(further, _name_of("excluded") < _name_of(table.name))
    own = {column.name for column in table.primary_key}
    change = {column.name: add[column.name] for column in table.c if column.name not in own}
    statement = new.on_conflict_do_update(index_elements=table.primary_key, set_=change, where=earlier)
    execute_all(connection, statement, number_rows(connection, DICTIONARIES, values))


def _name_of(row: str) -> ColumnElement[str]:
    """Return the key of the object of *row*, as text: SQLAlchemy correlates nothing outside of a SELECT."""
    return literal_column(f"(SELECT name FROM names WHERE names.id = {row}.object)", Words)


def _store_crawl(connection: Connection, key: str, manifest: Manifest) -> bool:
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
        for table in (url_state, pending):
            own = and_(table.c.source == number_of(source_id), table.c.late_manifest == rival_key)
            connection.execute(delete(table).where(own))
    return True


def _store_doubles(connection: Connection, found: Sequence[Values]) -> None:
    new = insert_into(connection, doubles).on_conflict_do_nothing()
    execute_all(connection, new, number_rows(connection, DICTIONARIES, found))


def _merge_looks(connection: Connection, manifest: Manifest, looks: Sequence[Values], own: Container[str]) -> None:
    """Add *looks* to url state; payloads count that are in *own* records of *manifest*, whose crawl is stored already.

    Others may be there already or not, as it happens.
    """
    applied = {"applied": _count_applied(connection, manifest)}
    held = {look["record_id"] for look in looks if look["record_id"] in own}
    query = select(captures).where(captures.c.record_id.in_(held))
    found = {row.record_id: row for row in connection.execute(query)} if held else {}
    values = [outcome_rows.add_payload(look, found.get(look["record_id"])) | applied for look in looks]
    execute_all(connection, _merge(connection), number_rows(connection, DICTIONARIES, values))


def _merge(connection: Connection) -> Any:
    new = insert_into(connection, url_state)
    old, add = url_state.c, new.excluded
    last = ("last_fetched", "last_night", "last_state", "last_purpose")
    held = ("held_rank", "held_fetched", "record_id")

    def exceeds(names: Iterable[str]) -> ColumnElement[bool]:
        return tuple_(*(add[name] for name in names)) > tuple_(*(old[name] for name in names))

    def taken(wins: ColumnElement[bool], names: Iterable[str]) -> dict[str, Any]:
        return {name: case((wins, add[name]), else_=old[name]) for name in names}

    better = or_(old.held_rank.is_(None), exceeds(held))
    worse = or_(old.distrust.is_(None), add.distrust > old.distrust)
    lied_last = or_(old.distrusted.is_(None), add.distrusted > old.distrusted)
    change = {"looks": old.looks + add.looks, "applied": add.applied} | taken(worse, ("distrust",))
    change |= taken(lied_last, ("distrusted",))
    change |= taken(exceeds(last), last)
    change |= taken(better, outcome_rows.HELD)
    return new.on_conflict_do_update(index_elements=url_state.primary_key, set_=change)
