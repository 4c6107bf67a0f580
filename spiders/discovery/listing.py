"""The discovery documents of a source: those the card names, and those that they list in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import NamedTuple

from spiders.discovery.entries import Entry
from spiders.policy.backfill import NightRange, find_dates, make_archive_url
from storage.model.source import ReadKind, Source


class ListedDiscovery(NamedTuple):
    """A discovery document that the card does not name, and the URL of what lists it: an index, a page, robots.txt.

    What an index lists must be on the index's host or one of the card's; robots.txt and pages may name any host.
    """

    document: Entry
    listed_in: str
    kind: ReadKind
    anywhere: bool = True


def list_discoveries(source: Source, nights: tuple[date, date] | None) -> Iterator[tuple[str, ReadKind, date | None]]:
    """Yield the card's discovery documents: address, kind, and for an archive page its night."""
    for discovery in source.discoveries:
        if discovery.kind != "archive":
            yield discovery.url, discovery.kind, None
        elif nights:
            for night in NightRange(*nights).days():
                yield make_archive_url(discovery.url, night), "section", night


def date_entries(found: Iterable[Entry], night: date) -> list[Entry]:
    """Give the undated entries of an archive page the day of the page."""
    day = datetime(night.year, night.month, night.day, tzinfo=UTC)
    return [one if one.announced else one._replace(announced=day) for one in found]


def order_listed(listed: list[ListedDiscovery]) -> list[ListedDiscovery]:
    """Return documents in the order to read them in, since not all of them may be: those of the newest articles first.

    The day or month in an address says more than a date beside it, which is often that of the last software update.
    Where nothing has a date, the newest are at one end or the other.
    """
    if any(_newest_of(one.document) for one in listed):
        return sorted(listed, key=lambda one: _newest_of(one.document) or date.min, reverse=True)
    half = (len(listed) + 1) // 2
    pairs = zip_longest(listed[:half], reversed(listed[half:]))
    return [one for pair in pairs for one in pair if one is not None]


def _newest_of(document: Entry) -> date | None:
    if dates := find_dates(document.url):
        return dates.last
    return document.announced.date() if document.announced else None
