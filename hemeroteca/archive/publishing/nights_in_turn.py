"""What is looked at again night after night: the last seven nights, and one older month in turn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import check_new_catalog, compare_span, describe_shortfall
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.healing import NIGHTS
from hemeroteca.archive.publishing.tables import find_tables_state, update_night_tables
from storage import keys
from storage.manifests import list_all_manifests
from storage.model.night import Night
from storage.night_listing import list_night

log = structlog.get_logger()

_CURSOR = "month in turn"


def check_nights(archive: Archive, troubles: Troubles) -> None:
    """Compare the catalog with the bucket: the last seven nights each time, and once a night one older month.

    That month's tables are rewritten where they lack rows, or columns that came since; ``heal_nights`` does so for the
    last nights. An archive of ten years has millions of manifests: they are never all listed here.
    """
    check_new_catalog(archive)
    tonight = archive.settings.tonight()
    for days in range(NIGHTS):
        compare_span(archive, f"{keys.day(tonight - timedelta(days=days))}/")
    month = take_month_in_turn(archive, tonight)
    for night in compare_span(archive, f"{month:%Y/%m}/") if month else ():
        with troubles.keep_apart("tables not rewritten", night=str(night)):
            update_night_tables(archive, night)
    if shortfall := describe_shortfall(archive):
        log.warning("catalog incomplete", reason=shortfall)


def find_outdated_tables(archive: Archive, nights: Iterable[Night]) -> list[Night]:
    """Return those of *nights* whose tables lack rows, or columns that came since. Footers are read, no manifest."""
    return [
        night for night in nights if not find_tables_state(archive, night, list_night(archive.store, night)).are_current
    ]


def take_month_in_turn(archive: Archive, tonight: Night) -> Night | None:
    """Return the first day of the month that it is the turn of; None when tonight's turn was taken, or there is none.

    After the month before that of *tonight* comes the oldest of the archive again.
    """
    taken, _, last = (archive.coordination.read_note(_CURSOR) or "").partition(" ")
    oldest = next(iter(list_all_manifests(archive.store)), None)
    until = (tonight - timedelta(days=NIGHTS)).replace(day=1)
    if taken == str(tonight) or oldest is None or keys.night_of(oldest) >= _next_month(until):
        return None
    first = keys.night_of(oldest).replace(day=1)
    month = _next_month(Night.fromisoformat(last)) if last else first
    if not first <= month <= until:
        month = first
    archive.coordination.write_note(_CURSOR, f"{tonight} {month}")
    return month


def _next_month(month: Night) -> Night:
    return (month + timedelta(days=31)).replace(day=1)
