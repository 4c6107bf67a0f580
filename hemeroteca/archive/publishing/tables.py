"""The analyst's tables of a night: only committed and current rows, rewritten whole when something changed."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from hemeroteca.archive.archive import Archive
from storage.closing_note import make_note
from storage.documents import DOCUMENT
from storage.kept import KeptCleaning, KeptCrawl
from storage.ledger import LEDGERS
from storage.model.errors import StorageError
from storage.model.night import Night
from storage.night_listing import NightListing, list_night
from storage.night_tables import TABLES, Table, find_note, keep_first_documents, list_parts, part_schema, write_table
from storage.table_rows import TableRows

log = structlog.get_logger()


def update_night_tables(archive: Archive, night: Night) -> bool:
    """Write the tables of *night* unless they have every row there is now; say whether they were written."""
    with archive.coordination.lock(f"tables/{night}"):
        if find_left_out(archive, night, list_night(archive.store, night)) == frozenset():
            return False
        _write(archive, night)
        return True


def write_night_tables(archive: Archive, night: Night) -> dict[str, str]:
    """Write the tables of *night* from the manifests there are now.

    Rows that cannot be read are left out, as the closing notes say; returns why, by the keys of their manifests.
    Raises StorageError after that, if the store did not answer for some of them.
    """
    with archive.coordination.lock(f"tables/{night}"):
        return _write(archive, night)


def find_left_out(archive: Archive, night: Night, listed: NightListing) -> frozenset[str] | None:
    """Return the keys of the manifests whose rows the tables of *night* lack because they could not be read.

    None when the tables lack others that are *listed*. Two footers are read, and no manifest.
    """
    left_out: set[str] = set()
    for table in TABLES:
        note = find_note(archive.store, table, night)
        if note is None or note != make_note(part_schema(table), listed.keys, note.left_out):
            return None
        left_out |= set(note.left_out)
    return frozenset(left_out)


def list_table_parts(archive: Archive, night: Night) -> dict[Table, list[str]]:
    """Return the keys of the parts of each table of *night*."""
    return {table: list_parts(archive.store, table, night) for table in TABLES}


def _write(archive: Archive, night: Night) -> dict[str, str]:
    listed = list_night(archive.store, night)
    kept = list(archive.holdings.find_manifests(night))
    newest = choose_newest(cleaning for one in kept for cleaning in one.cleanings)
    ledgers = TableRows(archive.holdings, listed, kept)
    documents = TableRows(archive.holdings, listed, kept)
    ledger_rows = ledgers.read(choose_counted(kept), *LEDGERS)
    document_rows = keep_first_documents(documents.read(newest, DOCUMENT))
    write_table(archive.store, "ledger", night, ledger_rows, close=lambda: ledgers.make_note("ledger"))
    write_table(archive.store, "documents", night, document_rows, close=lambda: documents.make_note("documents"))
    log.info("tables written", night=str(night), left_out=len(ledgers.left_out | documents.left_out))
    faults = ledgers.faults | documents.faults
    for error in faults.values():
        if isinstance(error, StorageError):
            raise error
    return {key: f"{key}: {error}" for key, error in faults.items()}


def choose_counted(kept: Iterable[KeptCrawl]) -> list[KeptCrawl]:
    """Return, for each crawl, the manifest whose outcomes count: the one in time, else the late one that saw most."""
    best: dict[str, KeptCrawl] = {}
    for one in kept:
        manifest = one.manifest
        held = best.get(manifest.crawl.id)
        if held is None or (not manifest.late, manifest.discovered) > (
            not held.manifest.late,
            held.manifest.discovered,
        ):
            best[manifest.crawl.id] = one
    return list(best.values())


def choose_newest(cleanings: Iterable[KeptCleaning]) -> list[KeptCleaning]:
    """Return the newest cleaning of each manifest of a crawl, the one in time before late ones."""
    ordered = sorted(cleanings, key=lambda one: (one.manifest.ended, one.manifest.extractor.id))
    best = {one.manifest.crawl_manifest: one for one in ordered}
    return sorted(best.values(), key=_crawl_order)


def _crawl_order(one: KeptCleaning) -> tuple[str, int, str]:
    manifest = one.manifest
    return manifest.crawl_id, len(manifest.crawl_manifest), manifest.crawl_manifest
