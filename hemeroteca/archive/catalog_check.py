"""Whether the catalog has every manifest of the bucket: compared by keys, and noted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_doubts import describe_shortfall
from storage import keys
from storage.catalog.shortfall import NightShortfall, note_night, settle_new
from storage.database import split_batches
from storage.manifests import list_all_manifests
from storage.model.night import Night

log = structlog.get_logger()

_BATCH = 1000


def check_new_catalog(archive: Archive) -> None:
    """Compare a catalog that was recreated, or is incomplete since then, with the bucket up to the first crawl lacking.

    For the first step of a run and its last: between them, crawls are committed that are not published yet.
    """
    catalog, coordination = archive.catalog, archive.coordination
    before = catalog.find_shortfall()
    if not before.is_new and not before.since:
        return
    lacking = next(_find_unpublished(archive), None)
    settle_new(coordination, catalog.name, keys.night_of(lacking) if lacking else None)
    if lacking and before.is_new:
        log.warning("catalog incomplete", reason=describe_shortfall(archive))


def _find_unpublished(archive: Archive) -> Iterator[str]:
    for some in split_batches(list_all_manifests(archive.store), _BATCH):
        published = archive.catalog.find_published(some)
        yield from (key for key in some if key not in published)


def compare_span(archive: Archive, span: str) -> dict[Night, NightShortfall]:
    """Compare the manifests of a night or a month (``2026/03/01/``, ``2026/03/``) with the catalog, and note it.

    Returns the nights that have manifests, with what the catalog lacks of each.
    """
    prefixes = [f"{kind}{span}" for kind in (keys.CRAWL_MANIFESTS, keys.TEXT_MANIFESTS)]
    there = {key for prefix in prefixes for key in archive.store.list_keys(prefix)}
    applied = {key for prefix in prefixes for key in archive.catalog.find_publications(prefix)}
    for key in sorted(applied - there):
        if archive.store.stat(key) is None:  # else it was put meanwhile
            log.error("manifest is gone", key=key)
    lacking: dict[Night, set[str]] = defaultdict(set)
    for key in there:
        lacking[keys.night_of(key)] |= {key} - applied
    name = archive.catalog.name
    return {night: note_night(archive.coordination, name, night, lacking[night]) for night in sorted(lacking)}


def note_comparison(archive: Archive, lacking: Iterable[str]) -> None:
    """Note what comparing the catalog with the whole bucket has found: *lacking* are manifests, by night."""
    catalog, coordination = archive.catalog, archive.coordination
    before = catalog.find_shortfall()
    damaged = set(before.damaged)
    lacking = (key for key in lacking if key not in damaged)
    if before.is_new or before.since:
        settle_new(coordination, catalog.name, next(map(keys.night_of, lacking), None))
        return
    found = set()
    for night, of_night in groupby(lacking, keys.night_of):
        published = catalog.find_published(some := list(of_night))  # since the catalog was compared
        note_night(coordination, catalog.name, night, set(some) - published)
        found.add(night)
    for night in before.nights.keys() - found:
        note_night(coordination, catalog.name, night, ())
