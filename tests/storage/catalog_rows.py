"""The rows of a catalog, as they lie in its database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage.catalog.schema import metadata
from storage.database import open_engine, parse_database_url, reading


def catalog_rows(url: str, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the catalog *name* at *url*, by table, sorted: the order of applying leaves no trace.

    ``applied`` is left out: it is that order, which differs from catalog to catalog.
    """
    engine = open_engine(parse_database_url(url), name)
    with reading(engine) as connection:
        columns = {table.name: [c for c in table.c if c.name != "applied"] for table in metadata.sorted_tables}
        rows = {name: map(tuple, connection.execute(select(*wanted))) for name, wanted in columns.items()}
        found = {table: sorted(some, key=repr) for table, some in rows.items()}
    engine.dispose()
    return found
