"""The catalog's rows of manifests, read and decoded ahead of being stored, in threads or processes."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, groupby, islice
from multiprocessing import get_context
from operator import itemgetter
from typing import Any, TypeVar

from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.logs import log_to_stderr
from storage import keys
from storage.captures.index import INDEX_SCHEMA
from storage.catalog import Catalog
from storage.catalog.outcome_rows import make_outcome_row
from storage.catalog.rows import make_capture_row, make_document_row, make_object_row
from storage.documents import DOCUMENT
from storage.holdings import Holdings
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest, StoredObject
from storage.model.document import TextManifest
from storage.model.errors import FixityError, StorageError
from storage.objects import S3Settings, Store

AHEAD = 8
"""Objects that are read before they are stored: as many are in memory."""
_PR_SET_PDEATHSIG = 1
T = TypeVar("T")

Submit = Callable[..., "Future[Any]"]


@contextmanager
def read_ahead(archive: Archive, workers: int) -> Iterator[Submit]:
    """Give what runs a function of holdings elsewhere: in threads, or with several *workers* in as many processes."""
    if workers > 1:
        context, settings = get_context("spawn"), read_s3_settings(archive.settings)
        pool: Any = ProcessPoolExecutor(workers, context, _begin_worker, (settings, os.getpid()))
        submit: Submit = lambda task, *rest: pool.submit(_work, task, *rest)  # noqa: E731
    else:
        pool = ThreadPoolExecutor(2)
        submit = lambda task, *rest: pool.submit(task, archive.holdings, *rest)  # noqa: E731
    try:
        yield submit
    except BrokenProcessPool:
        raise StorageError("a process that reads for the rebuild was killed: run it again, and it resumes") from None
    finally:
        pool.shutdown(cancel_futures=True)


_of_worker: list[Holdings] = []


def _begin_worker(settings: S3Settings, parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the rebuild stops its workers
    if os.getppid() != parent:
        sys.exit(1)
    log_to_stderr("warning")
    _of_worker.append(Holdings(Store(settings)))


def _work(task: Callable[..., T], *rest: Any) -> T:
    return task(_of_worker[0], *rest)


def apply_manifests(
    submit: Submit, catalog: Catalog, manifest_keys: Iterable[str]
) -> Iterator[tuple[str, FixityError | None]]:
    """Apply each manifest to *catalog*, and yield its key, with the error where it or an object of it is damaged."""
    for key, parts in groupby(_look_ahead(_read_parts(submit, manifest_keys)), key=itemgetter(0)):
        try:
            _apply(catalog, key, (future for _, future in parts))
        except FixityError as error:
            yield key, error
        else:
            yield key, None


def _look_ahead(items: Iterable[T]) -> Iterator[T]:
    ahead: deque[T] = deque()
    for item in items:
        ahead.append(item)
        if len(ahead) > AHEAD:
            yield ahead.popleft()
    yield from ahead


def _read_parts(submit: Submit, manifest_keys: Iterable[str]) -> Iterator[tuple[str, Future[Any]]]:
    """Yield for each key its manifest, and then the rows of each of its objects."""
    for key, found in _look_ahead((key, submit(_read_manifest, key)) for key in manifest_keys):
        yield key, found
        if found.exception() is None:
            manifest = found.result()
            late_manifest = key if isinstance(manifest, Manifest) and manifest.late else ""
            for stored in _find_objects(manifest):
                yield key, submit(_read_rows, stored, late_manifest)


def _apply(catalog: Catalog, key: str, parts: Iterator[Future[Any]]) -> None:
    manifest = next(parts).result()
    rows = (part.result() for part in parts)
    if isinstance(manifest, TextManifest):
        catalog.apply_text_rows(key, manifest, chain.from_iterable(rows))
        return
    indexes = sum(stored.schema_name == INDEX_SCHEMA for stored in manifest.objects)
    captures = chain.from_iterable(islice(rows, indexes))
    catalog.apply_rows(key, manifest, captures, chain.from_iterable(rows))


def _read_manifest(holdings: Holdings, key: str) -> Manifest | TextManifest:
    read = holdings.read_text_manifest if key.startswith(keys.TEXT_MANIFESTS) else holdings.read_manifest
    return read(key)


def _find_objects(manifest: Manifest | TextManifest) -> Iterator[StoredObject]:
    """Yield the objects that have rows: of a crawl its indexes before its ledgers."""
    for schemas in ((DOCUMENT,), (INDEX_SCHEMA,), LEDGERS):
        yield from (stored for stored in manifest.objects if stored.schema_name in schemas)


def _read_rows(holdings: Holdings, stored: StoredObject, late_manifest: str) -> list[Any]:
    """Return the rows of captures, documents (each after that of its object) or outcomes that *stored* has."""
    if stored.schema_name == INDEX_SCHEMA:
        return [make_capture_row(capture) for capture in holdings.read_captures(stored)]
    if stored.schema_name == DOCUMENT:
        placed = holdings.read_placed_documents(stored)
        held = make_object_row(placed[0].held) if placed else {}
        return [(held, make_document_row(one.document, stored.key, one.row)) for one in placed]
    made = (make_outcome_row(outcome, late_manifest) for outcome in holdings.read_outcomes(stored))
    return [row for row in made if row]
