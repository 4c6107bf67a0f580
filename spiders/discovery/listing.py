"""The documents that announce a source's articles: those the card names, and those that they list in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from spiders.discovery.entries import Entry
from spiders.policy.backfill import NightRange, make_archive_url
from storage.model.source import ReadKind, Source


class ListedDiscovery(NamedTuple):
    """A discovery document that the card does not name, and the URL of the one that does: index, page, robots.txt.

    What an index lists lies on its host or one of the card's; robots.txt and pages may name any.
    """

    document: Entry
    listed_in: str
    kind: ReadKind
    anywhere: bool = True


def list_discoveries(source: Source, nights: tuple[date, date] | None) -> Iterator[tuple[str, ReadKind, date | None]]:
    """Yield the documents of the card to read: address, kind, and of an archive page the night it is of."""
    for discovery in source.discoveries:
        if discovery.kind != "archive":
            yield discovery.url, discovery.kind, None
        elif nights:
            for night in NightRange(*nights).days():
                yield make_archive_url(discovery.url, night), "section", night


def date_entries(found: Iterable[Entry], night: date) -> list[Entry]:
    """Give what an archive page lists without a date the day that the page is of."""
    day = datetime(night.year, night.month, night.day, tzinfo=UTC)
    return [one if one.announced else one._replace(announced=day) for one in found]


def newest_first(found: Entry) -> float:
    return -found.announced.timestamp() if found.announced else 0.0
