"""What is checked again every night: the last seven nights, and an older month and older tables in turn."""

from __future__ import annotations

from datetime import timedelta

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import check_new_catalog, compare_span
from hemeroteca.archive.catalog_doubts import describe_shortfall
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.healing import NIGHTS, heal_nights
from hemeroteca.archive.publishing.month_of_tables import MonthOfTables, list_nights_left
from hemeroteca.archive.publishing.tables import update_night_tables
from storage import keys
from storage.model.errors import StorageError
from storage.model.night import Night

log = structlog.get_logger()

HELD_BYTES = 1024**3
"""After how many bytes of tables no further one is read whole in a night."""
_CURSOR = "month in turn"
_HELD = "tables held"
_LOOKED_AGAIN = "nights looked at again"
_DAY = timedelta(days=1)


def look_again(archive: Archive, night: Night, troubles: Troubles, *, always: bool) -> list[str]:
    """Heal the nights before *night* and compare nights with the catalog; return what is healed.

    Unless *always*, only when nobody did since this night began, or the store did not answer: the many small runs of a
    day would find what the first of them left.
    """
    tonight, before = str(archive.settings.tonight()), len(troubles.found)
    if not always and archive.coordination.read_note(_LOOKED_AGAIN) == tonight:
        return []
    healed = heal_nights(archive, night, troubles)
    with troubles.keep_apart("nights not compared", night=str(night)):
        check_nights(archive, troubles)
    if not any(isinstance(error, StorageError) for _, error in troubles.found[before:]):
        archive.coordination.write_note(_LOOKED_AGAIN, tonight)
    return healed


def check_nights(archive: Archive, troubles: Troubles) -> None:
    """Compare the catalog with the bucket: the last seven nights each time, and once a night one older month.

    That month's tables are rewritten where they lack rows, or columns that came since; ``heal_nights`` does so for the
    last nights. Then ``hold_tables`` has its turn. An archive of ten years has millions of manifests: they are never
    all listed here.
    """
    check_new_catalog(archive)
    tonight = archive.settings.tonight()
    for days in range(NIGHTS):
        compare_span(archive, f"{keys.day(tonight - timedelta(days=days))}/")
    month = take_month_in_turn(archive, tonight)
    if month:
        _check_month(archive, month, troubles)
        hold_tables(archive, tonight, troubles)
    if shortfall := describe_shortfall(archive):
        log.warning("catalog incomplete", reason=shortfall)


def _check_month(archive: Archive, month: Night, troubles: Troubles) -> None:
    tables = MonthOfTables(archive, month)
    for night in compare_span(archive, f"{month:%Y/%m}/"):
        with troubles.keep_apart("tables not rewritten", night=str(night)):
            if not tables.find_state(night).are_whole:
                update_night_tables(archive, night)


def hold_tables(archive: Archive, tonight: Night, troubles: Troubles) -> None:
    """Hold every byte of some older nights' tables to its digest, and rewrite tables that are damaged.

    Each time those of the nights after the last ones, up to the end of a month; after the night before *tonight* comes
    the oldest again.
    """
    oldest = _find_oldest_night(archive)
    if oldest is None:
        return
    last = archive.coordination.read_note(_HELD)
    first = Night.fromisoformat(last) + _DAY if last else oldest
    if not oldest <= first < tonight:
        first = oldest
    tables = MonthOfTables(archive, first)
    held_bytes = 0
    for night in list_nights_left(first, tonight):
        with troubles.keep_apart("tables not held", night=str(night)):
            if (size := tables.measure(night)) and not tables.are_as_written(night):
                update_night_tables(archive, night, hold_bytes=True)
            held_bytes += size
        archive.coordination.write_note(_HELD, str(night))
        if held_bytes >= HELD_BYTES:
            return


def take_month_in_turn(archive: Archive, tonight: Night) -> Night | None:
    """Return the first day of the month that it is the turn of; None when tonight's turn was taken, or there is none.

    After the month before that of *tonight* comes the oldest of the archive again.
    """
    taken, _, last = (archive.coordination.read_note(_CURSOR) or "").partition(" ")
    oldest = _find_oldest_night(archive)
    until = (tonight - timedelta(days=NIGHTS)).replace(day=1)
    if taken == str(tonight) or oldest is None or oldest >= _next_month(until):
        return None
    first = oldest.replace(day=1)
    month = _next_month(Night.fromisoformat(last)) if last else first
    if not first <= month <= until:
        month = first
    archive.coordination.write_note(_CURSOR, f"{tonight} {month}")
    return month


def _find_oldest_night(archive: Archive) -> Night | None:
    first = archive.store.find_first_key(keys.CRAWL_MANIFESTS)
    return keys.night_of(first) if first else None


def _next_month(month: Night) -> Night:
    return (month + timedelta(days=31)).replace(day=1)
