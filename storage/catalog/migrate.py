"""Migrating a catalog's database to the tables of this release, and naming catalogs that exist side by side."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, Engine, inspect, text

from storage.catalog.schema import REVISION
from storage.database import create_database, is_sqlite, list_databases, open_engine, reading, sqlite_file, writing
from storage.model.errors import ServiceError, StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
_SCHEMA = "hemeroteca_catalog"


def first_name(url: URL) -> str:
    """Return the name of the catalog that no rebuild has replaced yet."""
    return sqlite_file(url).name if is_sqlite(url) else _SCHEMA


def beside_name(url: URL, nonce: str) -> str:
    """Return the name of another catalog at *url*; *nonce* is 8 hex digits."""
    return f"{sqlite_file(url).stem}-{nonce}.sqlite" if is_sqlite(url) else f"{_SCHEMA}_{nonce}"


def describe_place(url: URL, name: str) -> str:
    """Return what tells the catalog *name* at *url* from every other, without the secret that *url* may have."""
    return str(sqlite_file(url, name)) if is_sqlite(url) else f"{url.host}:{url.port}/{url.database}/{name}"


def is_catalog_name(url: URL, name: str) -> bool:
    """Say whether *name* is one that a catalog at *url* may have."""
    stand_in = "0" * 8
    beside = re.escape(beside_name(url, stand_in)).replace(stand_in, "[0-9a-f]{8}")
    return name == first_name(url) or re.fullmatch(beside, name) is not None


def is_current(url: URL, name: str) -> bool:
    """Say whether the database *name* is there with the tables of this release."""
    return read_revision(url, name) == REVISION


def is_sound(url: URL, name: str) -> bool:
    """Say whether the database *name* has the tables of this release and reads as a whole; SQLite checks its pages."""
    try:
        if not is_current(url, name):
            return False
        engine = open_engine(url, name)
        try:
            with reading(engine) as connection:
                return not is_sqlite(url) or connection.scalar(text("PRAGMA quick_check(1)")) == "ok"
        finally:
            engine.dispose()
    except StorageError:
        return False


def read_revision(url: URL, name: str) -> str | None:
    """Return the migration that the database *name* had last; None when it is missing or has no tables."""
    if name not in list_databases(url):
        return None
    engine = open_engine(url, name)
    try:
        return _revision(engine)
    finally:
        engine.dispose()


def prepare(url: URL, name: str) -> None:
    """Make the database *name* when it is missing and migrate it. Not for two processes at once.

    Raises ServiceError when a later release made it.
    """
    if name not in list_databases(url):
        create_database(url, name)
    engine = open_engine(url, name)
    try:
        if _revision(engine) != REVISION:
            _migrate(engine, name)
    finally:
        engine.dispose()


def _revision(engine: Engine) -> str | None:
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def _migrate(engine: Engine, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, REVISION)
        except CommandError as error:
            raise ServiceError(f"catalog {name}: {error}; use the release that made it, or rebuild") from None
