"""Uploading what attempts have: nothing counts as stored until it is on the store's disk and has been read back.

What the store says of an object repeats what was sent, not what is kept. So each object is read back as a stream and
hashed, whoever put it. One that is there but not whole is put again under another nonce; its old key is ``superseded``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import StoredWarc, note_stored_warc, read_stored_warc
from storage import keys
from storage.captures.index import INDEX_SCHEMA, RECORDS_SCHEMA, read_cdxj, read_records_index, write_index
from storage.files import open_replacement, sync_filesystem
from storage.items import ITEMS, read_items
from storage.ledger import LEDGER, read_ledger
from storage.model.crawl import Crawl, StoredObject
from storage.model.errors import (
    AlreadyStoredError,
    FixityError,
    MissingObjectError,
    StorageError,
    disk_error,
)
from storage.spool import is_stored, list_warcs

log = structlog.get_logger()

WARC = "warc/1.1"
BACK_SUFFIX = ".back"
"""Of a WARC file in the spool that was copied back from the bucket."""
_PIECE_BYTES = 1024 * 1024
MOST_PUTS = 2
"""How often an object is put before the store counts as one that keeps nothing, until it is tried again."""
_READERS: dict[str, Callable[[bytes], list[Any]]] = {
    INDEX_SCHEMA: read_cdxj,
    RECORDS_SCHEMA: read_records_index,
    LEDGER: read_ledger,
    ITEMS: lambda content: list(read_items(content)),
}


class Upload(NamedTuple):
    """One object to be stored: how it is put at a key, and how what is kept there is held to it."""

    put: Callable[[str], None]
    read_back: Callable[[str], StoredObject]
    """Raises FixityError when what is there is lost, not whole or something else."""


class Kept(NamedTuple):
    """An object that the store was seen to keep, and what is at the keys where it did not."""

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
    _take_longer(archive, key, path)
    index = write_index(path, crawl, key, with_outcomes)
    warc = _keep(archive, key, _file_upload(archive, path, index.lines))
    if warc.stored.key != key:
        index = write_index(path, crawl, warc.stored.key, with_outcomes)
    captures = _content_upload(archive, index.cdxj, INDEX_SCHEMA, index.captures)
    records = _content_upload(archive, index.records, RECORDS_SCHEMA, index.lines)
    beside = {keys.cdxj_beside(warc.stored.key): captures, keys.records_beside(warc.stored.key): records}
    kept = [warc, *_keep_each(archive, beside)]
    return StoredWarc(
        objects=tuple(one.stored for one in kept),
        outcomes=index.outcomes,
        superseded=tuple(old for one in kept for old in one.superseded),
    )


def _take_longer(archive: Archive, key: str, path: Path) -> None:
    """Put what the bucket has at *key* in the place of the file at *path*, when it begins with that and has more.

    Another machine put it that had more of the attempt. Raises StorageError.
    """
    told, size = archive.store.stat(key), path.stat().st_size
    if told is None or told.sha256 is None or told.bytes <= size:
        return
    back = path.with_name(path.name + BACK_SUFFIX)
    try:
        with open_replacement(back) as copy:
            archive.holdings.check(told.promise(), copy)
        if _digest(back, size) == _digest(path, size):
            back.replace(path)
    except FixityError as error:
        log.warning("not taken from the bucket", key=key, reason=str(error))
    except OSError as error:
        raise disk_error(f"{back}: not written", error) from error


def _digest(path: Path, size: int) -> str:
    """Return the SHA-256 of the first *size* bytes of a file."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (piece := file.read(min(size, _PIECE_BYTES))):
            sha256.update(piece)
            size -= len(piece)
    return sha256.hexdigest()


def upload_content(archive: Archive, key: str, content: bytes, written: tuple[str, int]) -> Kept:
    """Store *content*, which is *written* in a schema with so many records."""
    return _keep(archive, key, _content_upload(archive, content, *written))


def _content_upload(archive: Archive, content: bytes, schema: str, records: int) -> Upload:
    """Return the upload of *content*; an object that exists already must decode to the same: compressors differ
    between machines.
    """

    def put(key: str) -> None:
        archive.store.put_new(key, content, schema=schema)

    def read_back(key: str) -> StoredObject:
        there, read = archive.holdings.read_unlisted(key), _READERS[schema]
        if there != content and read(there) != read(content):
            raise FixityError(f"{key}: holds something other than the file it was made from")
        found = archive.store.stat(key)
        return StoredObject.of(key, there, (found and found.schema_name) or schema, records)

    return Upload(put, read_back)


def _file_upload(archive: Archive, path: Path, records: int) -> Upload:
    size = path.stat().st_size
    sent = StoredObject(key="", bytes=size, sha256=_digest(path, size), records=records, schema_name=WARC)

    def put(key: str) -> None:
        archive.store.put_new_file(key, path, schema=WARC, content_type="application/warc")

    def read_back(key: str) -> StoredObject:
        stored = sent.replace(key=key)
        archive.holdings.check(stored)
        return stored

    return Upload(put, read_back)


def _keep_each(archive: Archive, uploads: Mapping[str, Upload]) -> Iterator[Kept]:
    """Put objects at the keys they are given by, and sync the store once for all of them before they are read back."""
    for key, upload in uploads.items():
        with suppress(AlreadyStoredError):
            upload.put(key)
    make_durable(archive)
    for key, upload in uploads.items():
        try:
            yield Kept(upload.read_back(key), ())
        except FixityError:
            yield _keep(archive, key, upload)


def _keep(archive: Archive, key: str, upload: Upload) -> Kept:
    superseded: list[StoredObject] = []
    puts = 0
    while puts < MOST_PUTS:  # keys where the store has kept no whole object before are passed, however many
        with suppress(AlreadyStoredError):
            upload.put(key)
            puts += 1
        make_durable(archive)
        try:
            return Kept(upload.read_back(key), tuple(superseded))
        except MissingObjectError as error:
            raise StorageError(f"{key}: was stored, but the store does not return it") from error
        except FixityError as error:
            log.error("put again", key=key, reason=str(error))
            superseded.append(measure_object(archive, key))
        key = keys.put_again(key)
    raise StorageError(f"{key}: the store did not keep this object whole")


def measure_object(archive: Archive, key: str) -> StoredObject:
    """Return what is at *key* as it reads, or as its writer described it if the store returns nothing."""
    told = archive.store.stat(key)
    if told is None:
        raise StorageError(f"{key}: is missing")
    with suppress(FixityError, StorageError):
        found = archive.store.read_digest(key)
        return told.promise().replace(bytes=found.bytes, sha256=found.sha256)
    return told.promise()


def make_durable(archive: Archive) -> None:
    """Have the kernel write to disk what the embedded server acknowledged: it does not fsync, as other stores do."""
    if archive.settings.embedded_s3:
        sync_filesystem(archive.settings.home.s3_data)
