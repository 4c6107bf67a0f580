"""Rows as they are read: in batches of Arrow, or whole as an Arrow table or a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from storage.model.errors import MissingExtraError


class ArrowRows:
    """Rows that are read once, as they are used. They are an Arrow stream, which DuckDB and Polars read as it is."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader

    @property
    def schema(self) -> Any:
        """The names and types of the columns, a ``pyarrow.Schema``."""
        return self._reader.schema

    def __iter__(self) -> Iterator[Any]:
        """Give the next batches, each a ``pyarrow.RecordBatch``."""
        return iter(self._reader)

    def read_next_batch(self) -> Any:
        """Return the next batch. Raises StopIteration after the last."""
        return self._reader.read_next_batch()

    def read_all(self) -> Any:
        """Return all that follows as a ``pyarrow.Table``."""
        return self._reader.read_all()

    def to_pandas(self) -> Any:
        """Return all that follows as a ``pandas.DataFrame``. Raises MissingExtraError without pandas."""
        with _needing("pandas"):
            import pandas  # noqa: F401 - pyarrow would say it in its own words
        return self.read_all().to_pandas(date_as_object=False, maps_as_pydicts="strict")

    def to_polars(self) -> Any:
        """Return all that follows as a ``polars.DataFrame``. Raises MissingExtraError without Polars."""
        with _needing("polars"):
            import polars
        return polars.from_arrow(self.read_all())

    def close(self) -> None:
        """End reading: nothing follows."""
        self._reader.close()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._reader.__arrow_c_stream__(requested_schema)


@contextmanager
def _needing(package: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise missing(package) from error


def missing(package: str) -> MissingExtraError:
    """Return the error that says how to install *package*."""
    return MissingExtraError(f"{package} is not installed: pip install --editable '.[analysis]'")
