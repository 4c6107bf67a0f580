"""Uploading what attempts have: nothing counts as stored before it was read back from a store that has it on disk.

What the store says of an object repeats what was sent, not what is kept. So each object is read back as a stream and
hashed, whoever put it. One that is there but not whole is put again under another nonce; its old key is ``superseded``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import StoredWarc, note_stored_warc, read_stored_warc
from storage import keys
from storage.captures.index import INDEX_SCHEMA, RECORDS_SCHEMA, read_cdxj, read_records_index, write_index
from storage.files import sync_filesystem
from storage.ledger import LEDGER, read_ledger
from storage.model.crawl import Crawl, StoredObject
from storage.model.errors import (
    AlreadyStoredError,
    FixityError,
    MissingObjectError,
    StorageError,
)
from storage.spool import is_stored, list_warcs

log = structlog.get_logger()

WARC = "warc/1.1"
MOST_KEYS = 4
"""Under how many keys an object is put before the store counts as one that keeps nothing."""
_READERS: dict[str, Callable[[bytes], list[Any]]] = {
    INDEX_SCHEMA: read_cdxj,
    RECORDS_SCHEMA: read_records_index,
    LEDGER: read_ledger,
}


class Upload(NamedTuple):
    """One object to be stored: how it is put at a key, and how what is kept there is held to it."""

    put: Callable[[str], None]
    read_back: Callable[[str], StoredObject]
    """Raises FixityError when what is there is lost, not whole or something else."""


class Kept(NamedTuple):
    """An object that the store was seen to keep, and what lies at the keys where it did not."""

    stored: StoredObject
    superseded: tuple[StoredObject, ...]


def upload_warcs(
    archive: Archive, crawl: Crawl, paths: Iterable[Path], with_outcomes: bool = False
) -> Iterator[StoredWarc]:
    """Store each WARC file and its two indexes, unless the spool notes that the bucket has them."""
    for path in paths:
        yield read_stored_warc(path) or upload_warc(archive, crawl, path, with_outcomes=with_outcomes)


def upload_closed(archive: Archive, crawl: Crawl, directory: Path) -> None:
    """Store the WARC files that a running attempt has closed, and note it: they may go."""
    for path in list_warcs(directory):
        if not is_stored(path):
            note_stored_warc(path, upload_warc(archive, crawl, path, with_outcomes=True))
            log.info("warc stored", crawl_id=crawl.id, file=path.name)


def upload_warc(
    archive: Archive, crawl: Crawl, path: Path, *, name: str | None = None, with_outcomes: bool = False
) -> StoredWarc:
    """Store the WARC file at *path*, as *name* if one is given, and its two indexes. Raises StorageError."""
    key = keys.warc(crawl, name or path.name)
    index = write_index(path, crawl, key, with_outcomes)
    warc = _keep(archive, key, _file_upload(archive, path, index.lines))
    if warc.stored.key != key:
        index = write_index(path, crawl, warc.stored.key, with_outcomes)
    kept = [
        warc,
        upload_content(archive, keys.cdxj_beside(warc.stored.key), index.cdxj, (INDEX_SCHEMA, index.captures)),
        upload_content(archive, keys.records_beside(warc.stored.key), index.records, (RECORDS_SCHEMA, index.lines)),
    ]
    return StoredWarc(
        objects=tuple(one.stored for one in kept),
        outcomes=index.outcomes,
        superseded=tuple(old for one in kept for old in one.superseded),
    )


def upload_content(archive: Archive, key: str, content: bytes, written: tuple[str, int]) -> Kept:
    """Store *content*, which is *written* in a schema with so many records.

    An object that is there already must decode to the same: compressors differ between machines.
    """
    schema, records = written

    def put(key: str) -> None:
        archive.store.put_new(key, content, schema=schema)

    def read_back(key: str) -> StoredObject:
        there, read = archive.holdings.read_unlisted(key), _READERS[schema]
        if there != content and read(there) != read(content):
            raise FixityError(f"{key}: holds something else than the file that it is made from")
        found = archive.store.stat(key)
        return StoredObject.of(key, there, (found and found.schema_name) or schema, records)

    return _keep(archive, key, Upload(put, read_back))


def _file_upload(archive: Archive, path: Path, records: int) -> Upload:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    sent = StoredObject(key="", bytes=path.stat().st_size, sha256=sha256, records=records, schema_name=WARC)

    def put(key: str) -> None:
        archive.store.put_new_file(key, path, schema=WARC, content_type="application/warc")

    def read_back(key: str) -> StoredObject:
        stored = sent.replace(key=key)
        archive.holdings.check(stored)
        return stored

    return Upload(put, read_back)


def _keep(archive: Archive, key: str, upload: Upload) -> Kept:
    superseded: list[StoredObject] = []
    for _ in range(MOST_KEYS):
        with suppress(AlreadyStoredError):
            upload.put(key)
        make_durable(archive)
        try:
            return Kept(upload.read_back(key), tuple(superseded))
        except MissingObjectError as error:
            raise StorageError(f"{key}: was put, and is not given back") from error
        except FixityError as error:
            log.error("put again", key=key, reason=str(error))
            superseded.append(measure_object(archive, key))
        key = keys.put_again(key)
    raise StorageError(f"{key}: the store keeps nothing of this whole")


def measure_object(archive: Archive, key: str) -> StoredObject:
    """Return what lies at *key* as it reads, or as the store describes it where it gives nothing."""
    told = archive.store.stat(key)
    size, sha256 = (told.bytes, told.sha256 or "") if told else (0, "")
    with suppress(FixityError, StorageError):
        size, sha256 = archive.store.read_digest(key)
    schema = (told and told.schema_name) or ""
    return StoredObject(key=key, bytes=size, sha256=sha256, records=0, schema_name=schema)


def make_durable(archive: Archive) -> None:
    """Have the kernel write to disk what the embedded server acknowledged: it does not fsync, as other stores do."""
    if archive.settings.embedded_s3:
        sync_filesystem(archive.settings.home.s3_data)
