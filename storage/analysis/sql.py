"""SQL over the analyst's tables with DuckDB: nothing is downloaded, and only the columns a query needs are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from storage.analysis.arrow_rows import ArrowRows, missing
from storage.analysis.table_dataset import StoreFaults, open_dataset
from storage.model.errors import HemerotecaError, SeedError
from storage.objects import Store
from storage.table_reads import TableRange

if TYPE_CHECKING:
    import duckdb

_STORED = "stored_documents"
_DOCUMENTS = f"""
CREATE VIEW documents AS SELECT * REPLACE (
    coalesce(published_date, try_cast(left(published, 10) AS DATE)) AS published_date,
    coalesce(published_at, CASE WHEN regexp_matches(published, 'T.*(Z|[+-]\\d\\d:?\\d\\d)$')
        THEN try_cast(published AS TIMESTAMPTZ) END) AS published_at
) FROM {_STORED}
"""
"""Parts of an earlier release have no dates yet."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def run_query(store: Store, query: str, parameters: Sequence[Any] = ()) -> ArrowRows:
    """Return what *query* gives over the views ``documents`` and ``ledger``, read as it is used; times are UTC.

    A ``?`` in it stands for the next of *parameters*. Raises SeedError when it is no query, MissingExtraError without
    DuckDB.
    """
    try:
        import duckdb
    except ImportError as error:
        raise missing("duckdb") from error
    faults = StoreFaults()
    connection = duckdb.connect(":memory:", config=_SETTINGS)
    connection.execute("SET TimeZone = 'UTC'")
    connection.register(_STORED, open_dataset(store, "documents", TableRange(), faults))
    connection.register("ledger", open_dataset(store, "ledger", TableRange(), faults))
    connection.execute(_DOCUMENTS)
    try:
        found = connection.sql(query, params=list(parameters) or None)
        if found is None:
            raise SeedError("sql: give a query, as SELECT count(*) FROM documents")
        reader = pa.RecordBatchReader.from_stream(found)
    except duckdb.Error as error:
        raise _translate(error, faults) from error
    return ArrowRows(pa.RecordBatchReader.from_batches(reader.schema, _read(reader, connection, faults)))


def _read(
    reader: pa.RecordBatchReader, connection: duckdb.DuckDBPyConnection, faults: StoreFaults
) -> Iterator[pa.RecordBatch]:
    """Yield what *reader* reads, and close its connection after that."""
    with connection:
        try:
            yield from reader
        except (pa.ArrowException, OSError) as error:
            raise _translate(error, faults) from error


def _translate(error: Exception, faults: StoreFaults) -> HemerotecaError:
    """Return what *error* of an engine is: of what it read, which Arrow calls IOError, else of the query."""
    return faults.translate(error) if "IOError" in str(error) else SeedError(f"sql: {error}")
