"""Opening the archive for a command, its embedded S3 server included where bytes are read."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from hemeroteca.configuration import Settings
from storage.model.errors import SeedError

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive

NO_CONTACT = "HEMEROTECA_CONTACT: set an e-mail or web address: without one no newspaper is crawled"


@contextmanager
def open_catalogued(settings: Settings) -> Iterator[Archive]:
    """Open an existing archive for what its catalog can answer: no server is started.

    Raises NotArchivedError when there is none.
    """
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive_reader import check_archived

    check_archived(settings)
    with Archive(settings) as archive:
        yield archive


@contextmanager
def open_with_store(settings: Settings) -> Iterator[Archive]:
    """Open an archive, new or not, with its S3 server: the one that runs, or one for as long as this context."""
    from hemeroteca.archive.archive import Archive
    from hemeroteca.services.preflight import check_store
    from hemeroteca.services.seaweed import use_embedded_s3

    settings.home.make()
    check_store(settings)
    with use_embedded_s3(settings.home) if settings.embedded_s3 else nullcontext(), Archive(settings) as archive:
        yield archive


def check_sources(settings: Settings, ids: Iterable[str]) -> None:
    """Raise SeedError for an id that no card has and of which nothing is archived; ask only where ids are given."""
    asked = list(ids)
    if not asked:
        return
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.sources.seeds import read_sources, tell_unknown_source
    from storage.model.source import ADHOC

    with Archive(settings) as archive:
        known = {source.id for source in read_sources(settings)[0]} | {*archive.catalog.find_sources(), ADHOC}
    unknown = [tell_unknown_source(name, known) for name in asked if name not in known]
    if unknown:
        raise SeedError("\n".join(unknown))


def name_command(settings: Settings) -> str:
    """Return how to call hemeroteca here, for the same archive."""
    name = "hemeroteca"
    if shutil.which(name) is None:
        called = Path(sys.argv[0]).absolute()
        name = str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)
    return f"{name} --demo" if settings.demo else name
