"""The analyst's tables of a night: only committed and current rows, rewritten whole when something changed.

Two listings and two footers show that nothing has changed. Only a part that was damaged at rest does not show:
a nightly run holds every byte of its own night's tables to the digests that they were put with, and ``check_nights``
does so with older nights in turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.upload import make_durable
from storage.closing_note import digest_lines, make_note
from storage.documents import DOCUMENT
from storage.kept import KeptCrawl, choose_current
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest
from storage.model.errors import StorageError
from storage.model.night import Night
from storage.night_listing import NightListing, list_night
from storage.night_tables import (
    TABLES,
    NightParts,
    Table,
    find_damaged_parts,
    find_note,
    keep_first_documents,
    list_night_parts,
    part_schema,
    write_table,
)
from storage.table_rows import TableRows, find_readable

log = structlog.get_logger()


def update_night_tables(archive: Archive, night: Night, hold_bytes: bool = False) -> bool:
    """Write the tables of *night* unless they have every row that can be read now; say whether they were written.

    Their closing notes say what they have; with *hold_bytes* each part is also held to the digest that it was put with.
    """
    with archive.coordination.lock(f"tables/{night}"):
        parts = list_night_parts(archive.store, night)
        state = find_tables_state(archive, list_night(archive.store, night), parts)
        has_all = state.are_current and not any(find_readable(archive.holdings, state.left_out))
        if has_all and not (hold_bytes and find_damaged_parts(archive.store, parts)):
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


def mend_night_tables(archive: Archive, night: Night) -> dict[str, str]:
    """Write the tables of *night*, as ``write_night_tables`` does, unless they are whole, byte for byte."""
    with archive.coordination.lock(f"tables/{night}"):
        parts = list_night_parts(archive.store, night)
        is_whole = find_tables_state(archive, list_night(archive.store, night), parts).are_whole
        return {} if is_whole and not find_damaged_parts(archive.store, parts) else _write(archive, night)


class TablesState(NamedTuple):
    """How the tables of a night compare with its manifests, by their closing notes."""

    are_written: bool
    """Both are there."""
    are_current: bool
    """They have the rows of every manifest there is now, but for those ``left_out``."""
    left_out: frozenset[str]
    """Keys of manifests whose rows could not be read."""

    @property
    def are_whole(self) -> bool:
        return self.are_current and not self.left_out


def find_tables_state(archive: Archive, listed: NightListing, parts: NightParts) -> TablesState:
    """Compare the tables of a night, of these *parts*, with its manifests *listed*. Two footers are read."""
    notes = [(find_note(archive.store, parts[table]), part_schema(table)) for table in TABLES]
    found = [(note, make_note(schema, listed.tags, note.left_out)) for note, schema in notes if note]
    are_written = len(found) == len(TABLES)
    are_current = are_written and all(note == expected for note, expected in found)
    return TablesState(are_written, are_current, frozenset(key for note, _ in found for key in note.left_out))


def note_rows(archive: Archive, run: str, listed: NightListing, crawl_ids: Iterable[str]) -> None:
    """Note that the tables have the rows of what is *listed* of the crawls of a run."""
    archive.coordination.write_note(rows_note(run), _digest_keys(listed, crawl_ids))


def are_rows_noted(archive: Archive, run: str, listed: NightListing, crawl_ids: Iterable[str]) -> bool:
    """Say whether just that was noted. Tables that are written later have the rows too."""
    return archive.coordination.read_note(rows_note(run)) == _digest_keys(listed, crawl_ids)


def rows_note(run: str) -> str:
    """Return the name of the note of which rows a run has put into the tables."""
    return f"rows/{run}"


def _digest_keys(listed: NightListing, crawl_ids: Iterable[str]) -> str:
    return digest_lines(key for crawl_id in crawl_ids for key in listed.keys_of(crawl_id))


def list_table_parts(archive: Archive, night: Night) -> dict[Table, list[str]]:
    """Return the keys of the parts of each table of *night*."""
    found = list_night_parts(archive.store, night)
    return {table: [part.key for part in parts] for table, parts in found.items()}


def _write(archive: Archive, night: Night) -> dict[str, str]:
    listed = list_night(archive.store, night)
    kept = list(archive.holdings.find_manifests(listed))
    current = choose_current(cleaning for one in kept for cleaning in one.cleanings)
    ledgers = TableRows(archive.holdings, listed, kept)
    documents = TableRows(archive.holdings, listed, kept)
    ledger_rows = ledgers.read(choose_counted(kept), *LEDGERS)
    document_rows = keep_first_documents(documents.read((part for one in current for part in one.parts), DOCUMENT))
    write_table(archive.store, "ledger", night, ledger_rows, close=lambda: ledgers.make_note("ledger"))
    write_table(archive.store, "documents", night, document_rows, close=lambda: documents.make_note("documents"))
    make_durable(archive)
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
        held = best.get(one.manifest.crawl.id)
        if held is None or _rank(one.manifest) > _rank(held.manifest):
            best[one.manifest.crawl.id] = one
    return list(best.values())


def _rank(manifest: Manifest) -> tuple[bool, int]:
    return not manifest.late, manifest.discovered
