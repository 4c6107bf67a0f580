"""The rows of one of a night's tables, read from the objects of its manifests; what cannot be read is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa
import structlog

from storage.closing_note import ClosingNote, make_note
from storage.documents import DOCUMENT
from storage.holdings import Holdings
from storage.kept import KeptCleaning, KeptCrawl, find_replaced
from storage.keys import TEXT_MANIFESTS
from storage.ledger import LEDGERS
from storage.model.document import TextManifest
from storage.model.errors import FixityError, StorageError
from storage.night_listing import NightListing
from storage.night_tables import Table, part_schema

log = structlog.get_logger()


def find_readable(holdings: Holdings, manifests: Iterable[str]) -> Iterator[str]:
    """Yield those of *manifests* (keys) whose rows can be read.

    Raises StorageError after that, if the store did not answer for some of them.
    """
    away: StorageError | None = None
    for key in manifests:
        try:
            _read_rows_of(holdings, key)
            yield key
        except FixityError:
            continue
        except StorageError as error:
            away = error
    if away:
        raise away


def _read_rows_of(holdings: Holdings, key: str) -> None:
    manifest = holdings.read_text_manifest(key) if key.startswith(TEXT_MANIFESTS) else holdings.read_manifest(key)
    if isinstance(manifest, TextManifest):
        holdings.read_manifest(manifest.crawl_manifest)
    for stored in holdings.find_objects(manifest, DOCUMENT, *LEDGERS):
        holdings.read_rows(stored)


class TableRows:
    """Reads the rows, and remembers of which manifests it could not.

    *kept* are those of the manifests *listed* that can be read themselves.
    """

    def __init__(self, holdings: Holdings, listed: NightListing, kept: Collection[KeptCrawl]) -> None:
        self._holdings = holdings
        read = {key for one in kept for key in (one.key, *(cleaning.key for cleaning in one.cleanings))}
        self._tags = listed.tags
        replaced = find_replaced(cleaning for one in kept for cleaning in one.cleanings)
        self.left_out = set(listed.keys) - read - set(listed.orphans) - replaced
        self.faults: dict[str, FixityError | StorageError] = {}
        """Why the rows of which manifest, by its key, could not be read."""

    def read(self, manifests: Iterable[KeptCrawl | KeptCleaning], *schemas: str) -> Iterator[pa.Table]:
        """Yield the rows of the objects of *manifests* that have one of *schemas*."""
        for kept in manifests:
            try:
                yield from [
                    self._holdings.read_rows(stored) for stored in self._holdings.find_objects(kept.manifest, *schemas)
                ]
            except (FixityError, StorageError) as error:
                log.error("rows left out of the tables", key=kept.key, reason=str(error))
                self.left_out.add(kept.key)
                self.faults[kept.key] = error

    def make_note(self, table: Table) -> ClosingNote:
        """Return the closing note of *table*, which was written from what was read."""
        return make_note(part_schema(table), self._tags, self.left_out)
