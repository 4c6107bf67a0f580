"""Rebuilding everything derived, from the bucket alone: a new catalog beside the old one, then the tables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.bucket_check import BucketCheck, check_bucket
from hemeroteca.archive.publishing.manifest_rows import Submit, apply_manifests, read_ahead
from hemeroteca.archive.publishing.rebuild_notes import (
    REBUILD_LOCK,
    forget_rebuild,
    note_rebuild,
    read_half_made,
    read_published,
)
from hemeroteca.archive.publishing.tables import mend_night_tables
from storage import keys
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.catalog.shortfall import note_damaged
from storage.database import split_batches
from storage.manifests import list_all_manifests, list_all_text_manifests
from storage.model.errors import ServiceError

log = structlog.get_logger()

_BATCH = 1000
_FEW = 50
"""Up to here starting processes would take longer than they save."""


class Rebuilt(NamedTuple):
    """What a rebuild has made, and what it could not: a line for each manifest, and each night's tables."""

    rows: dict[str, int]
    """Of each catalog table."""
    faults: tuple[str, ...]
    check: BucketCheck


def rebuild(archive: Archive, workers: int | None = None) -> Rebuilt:
    """Fill a new catalog from every manifest, switch to it, and write the tables that lack rows or are damaged.

    Manifests that are damaged, or whose objects are, are left out and noted. What was published meanwhile is applied
    before the switch. The old catalog is not opened, so it may be damaged. What a try that failed or was killed has
    filled is continued by the next. *workers* processes read (else one a core, where there is much to read).
    Raises ServiceError while another rebuild runs.
    """
    with archive.coordination.try_lock(REBUILD_LOCK) as held:
        if not held:
            raise ServiceError("another rebuild is running: wait until it has ended")
        faults = _rebuild_catalog(archive, workers)
        for key, reason in _mend_tables(archive).items():
            faults.setdefault(key, reason)
        check = check_bucket(archive)
    for key, reason in faults.items():
        log.info("not rebuilt", key=key, reason=reason)
    return Rebuilt(archive.catalog.count_rows(), tuple(faults.values()), check)


def _rebuild_catalog(archive: Archive, workers: int | None) -> dict[str, str]:
    """Replace the catalog, and return why which manifests are not in it."""
    fresh = _open_half_made(archive)
    with closing(fresh):
        faults = _fill(archive, fresh, workers)
        for name in fresh.list_others():
            fresh.remove(name)
    log.info("catalog rebuilt", damaged=len(faults))
    return faults


def _open_half_made(archive: Archive) -> Catalog:
    """Return the catalog that a rebuild which broke off was filling, else a new one; it is noted."""
    url, coordination = archive.settings.catalog_url(), archive.coordination
    name = read_half_made(coordination)
    catalog = Catalog.reopen_beside(url, coordination, name) if name else None
    if catalog and _is_of_bucket(archive, catalog):
        log.info("rebuild goes on", catalog=catalog.name)
    else:
        if catalog:
            catalog.close()  # it is removed with the others in the end
        next(list_all_manifests(archive.store), None)  # raises where the store is away, before there is a catalog
        catalog = Catalog.create_beside(url, coordination, Catalog.beside_name(url, secrets.token_hex(4)))
    with coordination.lock(PUBLISH_LOCK):
        note_rebuild(coordination, catalog.name)
    return catalog


def _is_of_bucket(archive: Archive, catalog: Catalog) -> bool:
    """Say whether every manifest that is applied to *catalog* is still in the bucket."""
    there = sum(len(published) for _, published in _compare(archive, catalog))
    return there == catalog.count_rows()["publications"]


def _fill(archive: Archive, fresh: Catalog, workers: int | None) -> dict[str, str]:
    """Apply the bucket's manifests to *fresh*, then, while nobody publishes, what was published since, and switch."""
    faults: dict[str, str] = {}
    unpublished = _find_unpublished(archive, fresh)
    some = list(islice(unpublished, _FEW))
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if len(some) == _FEW else 1
    with read_ahead(archive, workers) as submit:
        _apply(submit, fresh, chain(some, unpublished), faults)
        with archive.coordination.lock(PUBLISH_LOCK):
            _apply(submit, fresh, read_published(archive.coordination), faults)
            note_damaged(archive.coordination, fresh.name, faults)
            fresh.switch_to(fresh.name)
            forget_rebuild(archive.coordination)
    return faults


def _find_unpublished(archive: Archive, catalog: Catalog) -> Iterator[str]:
    for some, published in _compare(archive, catalog):
        yield from (key for key in some if key not in published)


def _compare(archive: Archive, catalog: Catalog) -> Iterator[tuple[list[str], set[str]]]:
    """Yield the keys of the bucket's manifests, some at a time, and which of these *catalog* has."""
    listed = chain(list_all_manifests(archive.store), list_all_text_manifests(archive.store))
    for some in split_batches(listed, _BATCH):
        yield some, catalog.find_published(some)


def _apply(submit: Submit, catalog: Catalog, found: Iterable[str], faults: dict[str, str]) -> None:
    """Apply the manifests *found*; why one is damaged is added to *faults*."""
    for key, error in apply_manifests(submit, catalog, found):
        if error:
            faults[key] = f"{key}: {error}"


def _mend_tables(archive: Archive) -> dict[str, str]:
    """Mend the tables of every night, and return why the rows of which manifests are not in them."""
    faults: dict[str, str] = {}
    for night in sorted({keys.night_of(key) for key in list_all_manifests(archive.store)}):
        faults |= mend_night_tables(archive, night)
    return faults
