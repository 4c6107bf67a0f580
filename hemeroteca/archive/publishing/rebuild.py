"""Rebuilding all that is derived, from the bucket alone: a new catalog beside the old one, then the tables."""

from __future__ import annotations

import secrets

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.publish import apply_manifest
from hemeroteca.archive.publishing.tables import write_night_tables
from storage import keys
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.manifests import list_all_manifests, list_all_text_manifests

log = structlog.get_logger()


def rebuild(archive: Archive) -> dict[str, int]:
    """Fill a new catalog from every manifest, switch to it, and rewrite the tables of every night.

    Returns the rows of each catalog table. What was published meanwhile is applied before the switch. The old catalog
    is not opened, so it may be damaged; a try that fails leaves nothing.
    """
    url = archive.settings.catalog_url()
    fresh = Catalog.create_beside(url, archive.coordination, Catalog.beside_name(url, secrets.token_hex(4)))
    try:
        _apply_all(archive, fresh)
        with archive.coordination.lock(PUBLISH_LOCK):
            applied = _apply_all(archive, fresh)
            fresh.switch_to(fresh.name)
    except BaseException:
        fresh.close()
        if fresh.name in fresh.list_others():
            fresh.remove(fresh.name)
        raise
    fresh.close()
    for name in archive.catalog.list_others():
        archive.catalog.remove(name)
    nights = sorted({keys.night_of(key) for key in list_all_manifests(archive.store)})
    for night in nights:
        write_night_tables(archive, night)
    log.info("rebuilt", manifests=applied, nights=len(nights))
    return archive.catalog.count_rows()


def _apply_all(archive: Archive, catalog: Catalog) -> int:
    """Apply every manifest that *catalog* does not have, and return how many manifests there are."""
    found = [*sorted(list_all_manifests(archive.store)), *sorted(list_all_text_manifests(archive.store))]
    for key in found:
        apply_manifest(archive.holdings, catalog, key)
    return len(found)
