"""tdmrep.json: which of its rules speaks for a page, and that it is read on every night."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from spiders.crawl.book import Book
from spiders.crawl.tdmrep import Reservations
from spiders.policy.conditional_requests import make_conditions
from storage.known import KnownCapture, write_moment
from storage.model.crawl import Crawl

RULES = [
    {"location": "/news/free/*.html$", "tdm-reservation": 0},
    {"location": "/news", "tdm-reservation": 1, "tdm-policy": "/policy.json"},
    {"location": "/news/free/", "tdm-reservation": 1},
    {"location": "/", "tdm-reservation": 0},
]
NIGHT = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "reserved"),
    [
        ("/news/free/a.html", False),
        ("/news/free/a.html?print", True),
        ("/news/free/", True),  # the second rule comes before the third, though that is longer
        ("/sports", False),
    ],
)
def test_the_first_rule_that_fits_speaks_for_a_page(tmp_path: Path, path: str, reserved: bool) -> None:
    crawl = Crawl(id="aa-paper-20261126-nightly", source_id="aa-paper", night=NIGHT, trigger="nightly", started=NOW)

    async def fetch(url: str, keep: Callable[[str, bytes], None]) -> None:
        keep(url, json.dumps(RULES).encode())

    found = asyncio.run(Reservations(Book(crawl, tmp_path), fetch).find(f"http://paper.test{path}"))
    assert found is not None and found.reserved is reserved
    assert found.policy == ("http://paper.test/policy.json" if reserved else None)


def test_it_is_never_asked_for_on_condition_that_it_changed() -> None:
    known = KnownCapture(
        url="http://paper.test/.well-known/tdmrep.json",
        record_id="urn:uuid:1",
        target_uri="http://paper.test/.well-known/tdmrep.json",
        date=write_moment(NOW),
        payload_digest="sha1:A",
        etag='"a"',
        last_night=str(NIGHT),
        purpose="tdmrep",
    )
    assert make_conditions("article", known, None) == {"If-None-Match": '"a"'}
    assert make_conditions("tdmrep", known, None) == {}, "a 304 would say nothing of what it reserves"
