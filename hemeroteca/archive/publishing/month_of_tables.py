"""The tables of a month, compared with its manifests by four listings.

Nothing is locked meanwhile: whoever rewrites a night's tables lists that night again, under its lock.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from itertools import groupby

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.tables import TablesState, find_tables_state
from storage.model.night import Night
from storage.night_listing import NightListing, list_month
from storage.night_tables import TABLES, NightParts, find_damaged_parts, list_parts_of_month


class MonthOfTables:
    """What is committed in the month in which *month* is, and the tables of its nights, as both are listed now."""

    def __init__(self, archive: Archive, month: Night) -> None:
        self._archive = archive
        self._listed = list_month(archive.store, month)
        self._parts = list_parts_of_month(archive.store, month)

    def find_state(self, night: Night) -> TablesState:
        """Compare the tables of *night* with its manifests. Two footers are read."""
        return find_tables_state(self._archive, self._listed.get(night) or NightListing({}, {}), self._parts_of(night))

    def are_as_written(self, night: Night) -> bool:
        """Say whether the tables of *night* have every row there is, and every byte that was put."""
        return self.find_state(night).are_whole and not find_damaged_parts(self._archive.store, self._parts_of(night))

    def measure(self, night: Night) -> int:
        """Return how many bytes the tables of *night* have."""
        return sum(part.bytes for parts in self._parts_of(night).values() for part in parts)

    def _parts_of(self, night: Night) -> NightParts:
        return self._parts.get(night) or {table: [] for table in TABLES}


def find_outdated_tables(archive: Archive, nights: Iterable[Night]) -> list[Night]:
    """Return those of *nights* whose tables lack rows, or columns that came since. Footers are read, no manifest."""
    outdated: list[Night] = []
    for month, of_month in groupby(sorted(nights), lambda night: night.replace(day=1)):
        tables = MonthOfTables(archive, month)
        outdated += (night for night in of_month if not tables.find_state(night).are_current)
    return outdated


def list_nights_left(first: Night, tonight: Night) -> Iterator[Night]:
    """Yield the nights from *first* to the end of its month, but for *tonight* and later ones."""
    for day in range(first.day, monthrange(first.year, first.month)[1] + 1):
        if first.replace(day=day) < tonight:
            yield first.replace(day=day)
