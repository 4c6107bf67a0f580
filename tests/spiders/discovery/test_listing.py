"""The order in which sitemaps that an index lists are read: what has the newest articles comes first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spiders.discovery.entries import Entry
from spiders.discovery.listing import ListedDiscovery, order_listed

STALE = datetime(2012, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("addresses", "announced", "first"),
    [
        ([f"http://paper.test/sitemap-{year}-{month:02}.xml" for year in (2024, 2025) for month in range(1, 13)], None,
         "http://paper.test/sitemap-2025-12.xml"),
        ([f"http://paper.test/sitemap-{year}-01.xml" for year in (2024, 2026, 2025)], STALE,
         "http://paper.test/sitemap-2026-01.xml"),
    ],
)  # fmt: skip
def test_a_date_in_an_address_says_which_is_newest(
    addresses: list[str], announced: datetime | None, first: str
) -> None:
    listed = [
        ListedDiscovery(Entry(url, announced, True), "http://paper.test/index.xml", "sitemap") for url in addresses
    ]
    ordered = [one.document.url for one in order_listed(listed)]
    assert ordered[0] == first
    assert sorted(ordered) == sorted(addresses)


def test_without_a_date_they_are_read_from_both_ends() -> None:
    listed = [ListedDiscovery(Entry(f"http://p.test/{n}.xml"), "http://p.test/i", "sitemap") for n in range(5)]
    assert [one.document.url[-5] for one in order_listed(listed)] == ["0", "4", "1", "3", "2"]
