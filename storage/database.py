"""How our SQL databases are opened, read and written: SQLite in WAL mode, or one schema of PostgreSQL.

A database has an address (SQLAlchemy's) and a name: a file beside the address's own file, or a schema.
Reading never takes a write lock. Writing takes it at once (SQLite: ``BEGIN IMMEDIATE``) and waits for it up
to 30 s. SQLAlchemy's errors become StorageError here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, Table, Text, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.schema import CreateSchema, DropSchema
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.model.errors import SeedError, StorageError
from storage.model.night import Night

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

BUSY_SECONDS = 30.0
_WRITING = "hemeroteca_writing"
T = TypeVar("T")


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """A text that compares by code point, so that a prefix is a range; PostgreSQL has no NUL, so neither have we."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\0", "\ufffd") if value else value


class NightWords(TypeDecorator[Night]):
    """A night, as text that sorts like it: ``2026-03-01``."""

    impl = Words
    cache_ok = True

    def process_bind_param(self, value: Night | None, dialect: Dialect) -> str | None:
        return str(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Night | None:
        return Night.fromisoformat(value) if value else None


def parse_database_url(address: str) -> URL:
    """Return *address* parsed. Raises SeedError, without a password, when it is no SQLite file and no PostgreSQL."""
    wanted = "write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or sqlite:////FOLDER/FILE"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise SeedError(f"is not a database address: {wanted}") from None
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return url
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise SeedError(f"{url.drivername} is neither PostgreSQL nor a SQLite file: {wanted}")


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL, name: str | None = None) -> Path:
    """Return the file of *url*, or the one called *name* beside it."""
    path = Path(url.database or "").absolute()
    return path.with_name(name) if name else path


def open_engine(url: URL, name: str) -> Engine:
    """Return an engine for the database *name*, which must exist when it is used."""
    if is_sqlite(url):
        return _sqlite_engine(sqlite_file(url, name))
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10})

    @event.listens_for(engine, "connect", insert=True)
    def set_schema(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        connection.autocommit = True
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT set_config('search_path', %s, false)", (f'"{name}"',))
        connection.autocommit = False

    return engine


def create_database(url: URL, name: str) -> None:
    """Make the empty database *name* unless it exists. Not for two processes at once."""
    if is_sqlite(url):
        path = sqlite_file(url, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"sqlite: {path}: {error}") from error
        return
    engine = open_engine(url, name)
    with writing(engine) as transaction:
        transaction.execute(CreateSchema(name, if_not_exists=True))
    engine.dispose()


def drop_database(url: URL, name: str) -> None:
    """Remove the database *name*; in SQLite, whoever has it open can continue reading."""
    if is_sqlite(url):
        for suffix in ("", "-wal", "-shm"):
            path = sqlite_file(url, name + suffix)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"sqlite: {path}: {error.strerror}") from error
        return
    engine = open_engine(url, name)
    with writing(engine) as transaction:
        transaction.execute(DropSchema(name, cascade=True, if_exists=True))
    engine.dispose()


def list_databases(url: URL) -> list[str]:
    """Return the names that are taken at *url*, by us or by others, sorted: files, or schemas."""
    if is_sqlite(url):
        folder = sqlite_file(url).parent
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    engine = open_engine(url, "public")
    with reading(engine) as connection:
        names = inspect(connection).get_schema_names()
    engine.dispose()
    return sorted(names)


def _sqlite_engine(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,  # so that the driver begins no transaction by itself
            check_same_thread=False,
        )
        connection.execute("PRAGMA synchronous=FULL")  # what was published outlives a power cut
        return connection

    named = URL.create("sqlite", database=str(path))  # for messages alone: the creator opens the file
    engine = create_engine(named, creator=connect, poolclass=QueuePool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        to_write = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if to_write else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the database and blocks no writer."""
    with translate_errors(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection within one transaction, committed when the block ends well."""
    with translate_errors(engine), engine.connect() as connection:
        connection.execution_options(**{_WRITING: True})
        with connection.begin():
            yield connection


@contextmanager
def translate_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        place = f"sqlite: {engine.url.database}" if is_sqlite(engine.url) else "postgresql"
        raise StorageError(f"{place}: {reason}") from error


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of *table* that knows ``on_conflict_do_…`` of the database connected to."""
    from sqlalchemy.dialects import postgresql, sqlite  # here, because who only reads needs one of them at most

    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def split_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut *items* into lists of *size*; the last may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def execute_all(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Execute *statement* once for each of *rows*; nothing for none."""
    if rows:
        connection.execute(statement, rows)
