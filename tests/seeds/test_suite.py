"""The publishers of the shared suite as sources, and the addresses of our own cards as facts from it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hemeroteca.configuration import CHECKOUT
from storage.cards import read_cards
from storage.model.source import Source

SUITE = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared")) / "suites/news-sources/sources.jsonl"
ALPHA2 = {"UK": "GB", "IND": "IN", "ISL": "IS"}


def rows() -> list[dict[str, object]]:
    if not SUITE.exists():
        pytest.skip("no shared test data")
    return [json.loads(line) for line in SUITE.read_text().splitlines()]


def discoveries(row: dict[str, object]) -> list[dict[str, str]]:
    kinds = {"rss": "feed", "sitemap": "sitemap", "newsmap": "sitemap"}
    return [{"kind": kind, "url": url} for name, kind in kinds.items() for url in row[name]]  # type: ignore[attr-defined]


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


def test_every_publisher_of_the_suite_is_a_source_and_none_twice() -> None:
    found = [source_of(row) for row in rows()]
    assert len(found) == len({source.id for source in found}) == len(rows()) > 0
    for source in found:
        assert source.hosts == (urlsplit(source.homepage).netloc.lower(),)
        assert source.discoveries
    print(f"suite news-sources: {len(found)} cases")


def test_every_address_of_our_cards_is_one_that_the_suite_knows() -> None:
    known = {entry["url"] for row in rows() for entry in discoveries(row)}
    domains = {urlsplit(str(row["domain"])).hostname for row in rows()}
    ours, errors = read_cards(path for path in (CHECKOUT / "seeds").iterdir() if len(path.name) == 2)
    assert errors == []
    for source in ours:
        assert {discovery.url for discovery in source.discoveries} <= known, source.id
        assert urlsplit(source.homepage).hostname in domains, source.id
