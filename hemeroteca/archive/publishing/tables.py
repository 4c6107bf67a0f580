"""The analyst's tables of a night: only committed and current rows, rewritten whole when something changed."""

from __future__ import annotations

from collections.abc import Iterable

from hemeroteca.archive.archive import Archive
from storage.documents import DOCUMENT
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest
from storage.model.document import TextManifest
from storage.model.night import Night
from storage.night_tables import keep_first_documents, write_table


def write_night_tables(archive: Archive, night: Night) -> dict[str, list[str]]:
    """Write the tables of *night* from the manifests there are now, and return the keys of their parts."""
    store, holdings = archive.store, archive.holdings
    with archive.coordination.lock(f"tables/{night}"):
        kept = list(holdings.find_manifests(night))
        crawls = choose_counted(one.manifest for one in kept)
        cleanings = choose_newest(cleaning.manifest for one in kept for cleaning in one.cleanings)
        ledgers = (stored for crawl in crawls for stored in holdings.find_objects(crawl, *LEDGERS))
        texts = (stored for cleaning in cleanings for stored in holdings.find_objects(cleaning, DOCUMENT))
        return {
            "ledger": write_table(store, "ledger", night, map(holdings.read_rows, ledgers)),
            "documents": write_table(store, "documents", night, keep_first_documents(map(holdings.read_rows, texts))),
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
