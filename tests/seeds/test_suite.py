"""The publishers of the shared suite as sources, and the addresses of our own cards as facts from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hemeroteca.configuration import CHECKOUT
from storage.cards import read_cards
from storage.model.source import Source
from tests.shared import CountCases, needs_shared, read_cases

pytestmark = needs_shared
ALPHA2 = {"UK": "GB", "IND": "IN", "ISL": "IS"}


def discoveries(row: dict[str, Any]) -> list[dict[str, str]]:
    kinds = {"rss": "feed", "sitemap": "sitemap", "newsmap": "sitemap"}
    return [{"kind": kind, "url": url} for name, kind in kinds.items() for url in row[name]]


def source_of(row: dict[str, object]) -> Source:
    country = ALPHA2.get(str(row["country"]), row["country"])
    return Source.model_validate(
        {
            "id": f"{country}-{row['class']}".lower(),
            "title": row["publisher"],
            "homepage": row["domain"],
            "language": "und",
            "country": country,
            "discoveries": discoveries(row),
        }
    )


def test_every_publisher_of_the_suite_is_a_source_and_none_twice(count_cases: CountCases) -> None:
    found = [source_of(row) for row in read_cases("news-sources/sources")]
    assert len(found) == len({source.id for source in found}) == len(read_cases("news-sources/sources")) > 0
    for source in found:
        assert source.hosts == (urlsplit(source.homepage).netloc.lower(),)
        assert source.discoveries
    count_cases("news-sources/sources", len(found))


def test_every_address_of_our_cards_is_one_that_the_suite_knows() -> None:
    known = {entry["url"] for row in read_cases("news-sources/sources") for entry in discoveries(row)}
    domains = {urlsplit(str(row["domain"])).hostname for row in read_cases("news-sources/sources")}
    ours, errors = read_cards(path for path in (CHECKOUT / "seeds").iterdir() if len(path.name) == 2)
    assert errors == []
    for source in ours:
        assert {discovery.url for discovery in source.discoveries} <= known, source.id
        assert urlsplit(source.homepage).hostname in domains, source.id
