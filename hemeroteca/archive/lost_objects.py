"""Whether the bucket still has what the catalog refers to."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive


def find_lost_objects(archive: Archive) -> tuple[list[str], int]:
    """Return the keys of objects that are gone from the bucket or too short, sorted, and how many there should be.

    Names and sizes of one listing are compared; no object is read.
    """
    wanted = archive.catalog.find_least_sizes()  # before the listing: what is published meanwhile is in it
    there = dict(archive.store.list_sizes(""))
    return sorted(key for key, least in wanted.items() if there.get(key, 0) < least), len(wanted)
