"""The rows of a catalog, as they lie in its database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage.catalog.schema import metadata
from storage.database import open_engine, parse_database_url, reading


def catalog_rows(url: str, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the catalog *name* at *url*, by table, sorted: the order of applying leaves no trace."""
    engine = open_engine(parse_database_url(url), name)
    with reading(engine) as connection:
        rows = {table.name: map(tuple, connection.execute(select(table))) for table in metadata.sorted_tables}
        found = {table: sorted(some, key=repr) for table, some in rows.items()}
    engine.dispose()
    return found
