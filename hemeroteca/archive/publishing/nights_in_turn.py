"""What is looked at again night after night: the last seven nights, and one older month in turn."""

from __future__ import annotations

from datetime import timedelta

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import compare_span, describe_shortfall
from storage import keys
from storage.manifests import list_all_manifests
from storage.model.night import Night

log = structlog.get_logger()

NIGHTS = 7
_CURSOR = "month in turn"


def check_nights(archive: Archive) -> None:
    """Compare the catalog with the bucket: the last seven nights each time, and once a night one older month.

    An archive of ten years has millions of manifests: they are never all listed here.
    """
    tonight = archive.settings.tonight()
    compared: set[Night] = set()
    for days in range(NIGHTS):
        compared |= compare_span(archive, f"{keys.day(tonight - timedelta(days=days))}/").keys()
    month = take_month_in_turn(archive, tonight)
    if month:
        compared |= compare_span(archive, f"{month:%Y/%m}/").keys()
    if shortfall := describe_shortfall(archive):
        log.warning("catalog incomplete", reason=shortfall)
    log.info("nights compared", nights=len(compared), month=f"{month:%Y-%m}" if month else None)


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
