"""The rows of a catalog, with what their numbers stand for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from storage.catalog.schema import DICTIONARIES, FACTS
from storage.database import open_engine, parse_database_url, reading

STANDS_FOR = {
    "url": "url",
    "double_of": "url",
    "refers_to_url": "url",
    "via": "url",
    "canonical": "url",
    "target_url": "url",
    "object": "name",
    "request_object": "name",
    "extractor": "name",
    "source": "name",
    "site": "name",
    "family": "name",
    "crawl": "crawl",
    "traits": "traits",
}
"""Columns that have numbers, and of which dictionary."""


def catalog_rows(url: str, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the catalog *name* at *url*, by table, sorted: the order of applying leaves no trace.

    ``applied`` is left out: it is that order, which differs from catalog to catalog.
    """
    engine = open_engine(parse_database_url(url), name)
    with reading(engine) as connection:
        meanings = _read_meanings(connection)
        found = {}
        for table in FACTS:
            columns = [column for column in table.c if column.name != "applied"]
            rows = [tuple(_resolve(row._asdict(), meanings)) for row in connection.execute(select(*columns))]
            found[table.name] = sorted(rows, key=repr)
    engine.dispose()
    return found


Meanings = dict[str, dict[int, tuple[Any, ...]]]


def _read_meanings(connection: Connection) -> Meanings:
    meanings: Meanings = {}
    for name in ("name", "url", "crawl", "traits"):
        rows = connection.execute(select(DICTIONARIES[name].table))
        meanings[name] = {row.id: tuple(_resolve(row._asdict(), meanings)[1:]) for row in rows}
    return meanings


def _resolve(row: dict[str, Any], meanings: Meanings) -> list[Any]:
    return [
        meanings[STANDS_FOR[name]][value] if name in STANDS_FOR and value is not None else value
        for name, value in row.items()
    ]
