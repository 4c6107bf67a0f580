"""The discovery documents of a source: those the card names, and those that they list in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from spiders.discovery.entries import Entry
from spiders.policy.backfill import NightRange, make_archive_url
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


def newest_first(found: Entry) -> float:
    return -found.announced.timestamp() if found.announced else 0.0
