"""What is taken from a spool: records are compared by id with the indexes that a crawl's manifests list.

Not by keys: two machines may have had one attempt, and the one that committed it may have had less of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import StoredWarc, read_stored_warc
from hemeroteca.archive.crawling.upload import BACK_SUFFIX, WARC, upload_warc
from storage import keys
from storage.captures.index import RECORDS_SCHEMAS
from storage.captures.stored_exchanges import list_acknowledged
from storage.files import open_replacement
from storage.items import ITEMS, digest_item
from storage.ledger import LEDGERS
from storage.model.capture import IndexedRecord
from storage.model.crawl import Crawl, StoredObject
from storage.model.errors import FixityError, disk_error
from storage.model.outcome import Outcome

log = structlog.get_logger()

_CUT_SUFFIX = ".cut"


class Taken:
    """What the manifests of a crawl that can be read list: ``keys`` of their objects, ``ids`` of their records."""

    def __init__(self, archive: Archive, crawl: Crawl) -> None:
        self._archive = archive
        self.manifests = [kept.manifest for kept in archive.holdings.find_manifests_of_crawl(crawl)]
        self.keys = {one.key for manifest in self.manifests for one in (*manifest.objects, *manifest.superseded)}

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all records that an index lists which can be read."""
        found: set[str] = set()
        for manifest in self.manifests:
            for stored in self._archive.holdings.find_objects(manifest, *RECORDS_SCHEMAS):
                found |= self._read_ids(stored)
        return frozenset(found)

    @cached_property
    def items(self) -> frozenset[bytes]:
        """The digests of all items that are listed and can be read."""
        found: set[bytes] = set()
        for manifest in self.manifests:
            for stored in self._archive.holdings.find_objects(manifest, ITEMS):
                try:
                    found.update(map(digest_item, self._archive.holdings.read_items(stored)))
                except FixityError as error:
                    log.error("items not counted as taken", key=stored.key, reason=str(error))
        return frozenset(found)

    def read_outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes of all ledgers that are listed and can be read."""
        for manifest in self.manifests:
            for stored in self._archive.holdings.find_objects(manifest, *LEDGERS):
                try:
                    yield from self._archive.holdings.read_outcomes(stored)
                except FixityError as error:
                    log.error("outcomes not used", key=stored.key, reason=str(error))

    def _read_ids(self, stored: StoredObject) -> set[str]:
        try:
            return {line.record_id for line in self._archive.holdings.read_indexed(stored)}
        except FixityError as error:
            log.error("records not counted as taken", key=stored.key, reason=str(error))
            return set()


class Remainder(NamedTuple):
    """What no manifest took of the acknowledged records of one WARC file."""

    path: Path
    records: list[IndexedRecord]
    is_whole: bool
    """It is all of the file's."""


def find_remainder(archive: Archive, path: Path, taken: Taken) -> Remainder | None:
    """Return what is not taken of the WARC file that is or was at *path*; None when all of it is."""
    exchanges = _list_exchanges(archive, path)
    left = [exchange for exchange in exchanges if any(record.record_id not in taken.ids for record in exchange)]
    records = sorted((record for exchange in left for record in exchange), key=lambda record: record.offset)
    return Remainder(path, records, len(left) == len(exchanges)) if left else None


def _list_exchanges(archive: Archive, path: Path) -> list[list[IndexedRecord]]:
    """Return the records of each exchange in a file; each record alone where only its index says what it holds."""
    stored = read_stored_warc(path)
    if stored is None:
        return list(list_acknowledged(path))
    lines = archive.holdings.read_indexed(_object_of(stored, RECORDS_SCHEMAS))
    return [[line] for line in lines if line.record_type != "warcinfo"]


def upload_remainder(archive: Archive, crawl: Crawl, remainder: Remainder) -> StoredWarc:
    """Store what no manifest took of a file: the file itself, or its other members in a file of their own."""
    path = remainder.path
    stored = read_stored_warc(path)
    if remainder.is_whole:
        return stored or upload_warc(archive, crawl, path)
    source = _bring_back(archive, path, stored) if stored else path
    cut = path.with_name(path.name + _CUT_SUFFIX)
    nonce = keys.make_nonce(*(record.record_id for record in remainder.records))
    _cut_members(source, remainder.records, cut)
    return upload_warc(archive, crawl, cut, name=keys.replace_nonce(path.name, nonce))


def _bring_back(archive: Archive, path: Path, stored: StoredWarc) -> Path:
    """Copy a WARC file that has left the spool from the bucket and return where."""
    back = path.with_name(path.name + BACK_SUFFIX)
    try:
        with open_replacement(back) as file:
            archive.holdings.check(_object_of(stored, (WARC,)), file)
    except OSError as error:
        raise disk_error(f"{back}: not written", error) from error
    return back


def _cut_members(path: Path, records: list[IndexedRecord], cut: Path) -> None:
    """Write the gzip members of *records*, as they are in the file at *path*, to the file *cut*."""
    try:
        with path.open("rb") as whole, open_replacement(cut) as file:
            for record in records:
                whole.seek(record.offset)
                file.write(whole.read(record.length))
    except OSError as error:
        raise disk_error(f"{cut}: not written", error) from error


def _object_of(stored: StoredWarc, schemas: tuple[str, ...]) -> StoredObject:
    return next(one for one in stored.objects if one.schema_name in schemas)
