"""The analyst's tables of a night: only committed and current rows, rewritten whole when something changed."""

from __future__ import annotations

from collections.abc import Iterable

from hemeroteca.archive.archive import Archive
from storage.documents import DOCUMENT
from storage.ledger import LEDGERS
from storage.manifests import list_manifests_of_night, list_text_manifests_of_night, read_manifest, read_text_manifest
from storage.model.crawl import Manifest, StoredObject
from storage.model.document import TextManifest
from storage.model.night import Night
from storage.night_tables import read_documents_once, read_rows_at, write_table


def write_night_tables(archive: Archive, night: Night) -> dict[str, list[str]]:
    """Write the tables of *night* from the manifests there are now, and return the keys of their parts."""
    store = archive.store
    with archive.coordination.lock(f"tables/{night}"):
        crawls = [read_manifest(store, key) for key in list_manifests_of_night(store, night)]
        cleanings = [read_text_manifest(store, key) for key in list_text_manifests_of_night(store, night)]
        ledgers = _list_keys((crawl.objects for crawl in choose_counted(crawls)), LEDGERS)
        texts = _list_keys((cleaning.objects for cleaning in choose_newest(cleanings)), (DOCUMENT,))
        return {
            "ledger": write_table(store, "ledger", night, read_rows_at(store, "ledger", ledgers)),
            "documents": write_table(store, "documents", night, read_documents_once(store, texts)),
        }


def choose_counted(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return, for each crawl, the manifest whose outcomes count: the one in time, else the late one that saw most."""
    best: dict[str, Manifest] = {}
    for manifest in manifests:
        held = best.get(manifest.crawl.id)
        if held is None or (not manifest.late, manifest.discovered) > (not held.late, held.discovered):
            best[manifest.crawl.id] = manifest
    return list(best.values())


def choose_newest(cleanings: Iterable[TextManifest]) -> list[TextManifest]:
    """Return the newest cleaning of each manifest of a crawl, the one in time before late ones."""
    ordered = sorted(cleanings, key=lambda cleaning: (cleaning.ended, cleaning.extractor.id))
    best = {cleaning.crawl_manifest: cleaning for cleaning in ordered}
    return sorted(best.values(), key=lambda one: (one.crawl_id, len(one.crawl_manifest), one.crawl_manifest))


def _list_keys(objects: Iterable[tuple[StoredObject, ...]], schemas: tuple[str, ...]) -> list[str]:
    return [stored.key for of_one in objects for stored in of_one if stored.schema_name in schemas]
