"""Rebuilding all that is derived, from the bucket alone: a new catalog beside the old one, then the tables."""

from __future__ import annotations

import secrets
from itertools import chain
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.bucket_check import BucketCheck, check_bucket
from hemeroteca.archive.publishing.publish import apply_manifest
from hemeroteca.archive.publishing.tables import write_night_tables
from storage import keys
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.catalog.shortfall import note_damaged
from storage.manifests import list_all_manifests, list_all_text_manifests
from storage.model.errors import FixityError, ServiceError

log = structlog.get_logger()

REBUILD_LOCK = "rebuild"


class Rebuilt(NamedTuple):
    """What a rebuild has made, and what it could not: a line for each manifest, and each night's tables."""

    rows: dict[str, int]
    """Of each catalog table."""
    faults: tuple[str, ...]
    check: BucketCheck


def rebuild(archive: Archive) -> Rebuilt:
    """Fill a new catalog from every manifest, switch to it, and rewrite the tables of every night.

    Manifests that are damaged, or whose objects are, are left out and noted. What was published meanwhile is applied
    before the switch. The old catalog is not opened, so it may be damaged. A try that fails leaves nothing; what one
    that was killed leaves is removed by the next. Raises ServiceError while another rebuild runs.
    """
    with archive.coordination.try_lock(REBUILD_LOCK) as held:
        if not held:
            raise ServiceError("another rebuild is running: wait until it has ended")
        faults = _rebuild_catalog(archive)
        for key, reason in _rewrite_tables(archive).items():
            faults.setdefault(key, reason)
        check = check_bucket(archive)
    for key, reason in faults.items():
        log.info("not rebuilt", key=key, reason=reason)
    return Rebuilt(archive.catalog.count_rows(), tuple(faults.values()), check)


def _rebuild_catalog(archive: Archive) -> dict[str, str]:
    """Replace the catalog, and return why which manifests are not in it."""
    url = archive.settings.catalog_url()
    fresh = Catalog.create_beside(url, archive.coordination, Catalog.beside_name(url, secrets.token_hex(4)))
    faults: dict[str, str] = {}
    try:
        _apply_all(archive, fresh, faults)
        with archive.coordination.lock(PUBLISH_LOCK):
            applied = _apply_all(archive, fresh, faults)
            note_damaged(archive.coordination, fresh.name, faults)
            fresh.switch_to(fresh.name)
    except BaseException:
        fresh.close()
        if fresh.name in fresh.list_others():
            fresh.remove(fresh.name)
        raise
    fresh.close()
    for name in archive.catalog.list_others():
        archive.catalog.remove(name)
    log.info("catalog rebuilt", manifests=applied, damaged=len(faults))
    return faults


def _apply_all(archive: Archive, catalog: Catalog, faults: dict[str, str]) -> int:
    """Apply every manifest that *catalog* does not have, and return how many there are. Those in *faults* are left out,
    and those that are damaged are added there with the reason.
    """
    manifests = 0
    for key in chain(list_all_manifests(archive.store), list_all_text_manifests(archive.store)):
        manifests += 1
        if key in faults:
            continue
        try:
            apply_manifest(archive.holdings, catalog, key)
        except FixityError as error:
            faults[key] = f"{key}: {error}"
    return manifests


def _rewrite_tables(archive: Archive) -> dict[str, str]:
    """Rewrite the tables of every night, and return why the rows of which manifests are not in them."""
    faults: dict[str, str] = {}
    for night in sorted({keys.night_of(key) for key in list_all_manifests(archive.store)}):
        faults |= write_night_tables(archive, night)
    return faults
