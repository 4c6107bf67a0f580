"""``make bench-plan``: the CPU seconds that it takes to plan a source of 100,000 addresses.

The addresses are those of a newspaper with 300 articles a night and the default ``looks``. Measured are the making of
the file of what is known, ``hemeroteca plan`` once it is there, and what a nightly crawl does before its process
starts; the last line has the slowest of them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert

from benchmarks.crawl.generated_newspaper import build_card
from benchmarks.crawl.hemeroteca_crawl import build_settings, name_run, write_card
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import begin_attempt
from hemeroteca.archive.crawling.forecast import forecast_source
from hemeroteca.archive.crawling.known_of_source import refresh_known
from hemeroteca.archive.crawling.plan import read_shard
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.catalog.numbers import number_rows
from storage.catalog.rows import number_name, number_url
from storage.catalog.schema import DICTIONARIES, url_state
from storage.database import open_engine, parse_database_url, split_batches, writing
from storage.model.source import Source

_TONIGHT = date(2026, 3, 1)
_A_NIGHT = 300
_BASE = "http://bench.hemeroteca.test"


def main() -> None:
    parser = argparse.ArgumentParser(description="Plan a source of many known addresses.")
    parser.add_argument("--urls", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    source = Source.model_validate(build_card(_BASE, nightly_budget=1_000_000))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        write_card(home, source.model_dump(mode="json"))
        with use_embedded_s3(Home(home)), Archive(build_settings(home, _TONIGHT, source.id)) as archive:
            _fill(archive, source, options.urls)
            made = _median_seconds(options.rounds, lambda n: _make_known(archive, source))
            due = len(forecast_source(archive, source, _TONIGHT)[1])
            asked = _median_seconds(options.rounds, lambda n: forecast_source(archive, source, _TONIGHT))
            nightly = _median_seconds(options.rounds, lambda n: _plan_nightly(archive, n))
    print(f"| {options.urls} addresses, {due} of them due | CPU seconds |\n|---|---|")
    print(f"| the file of what is known, made anew | {made:.2f} |")
    print(f"| hemeroteca plan | {asked:.2f} |\n| before a nightly crawl | {nightly:.2f} |")
    print(f"RATIO plan_seconds_100k {max(made, asked, nightly):.2f}")


def _make_known(archive: Archive, source: Source) -> None:
    shutil.rmtree(archive.settings.home.known, ignore_errors=True)
    refresh_known(archive, source.id)


def _plan_nightly(archive: Archive, number: int) -> None:
    (shard,) = tasks.plan_night(archive, name_run(_TONIGHT, f"bench-{number}"))
    _, _, (planned,) = read_shard(archive, shard)
    begin_attempt(archive, planned, [])


def _median_seconds(rounds: int, work: Callable[[int], object]) -> float:
    found = []
    for number in range(rounds):
        begun = time.process_time()
        work(number)
        found.append(time.process_time() - begun)
    return median(found)


def _fill(archive: Archive, source: Source, urls: int) -> None:
    """Put *urls* addresses into the catalog, as crawls of earlier nights would."""
    archive.catalog.find_crawls()  # creates the catalog
    engine = open_engine(parse_database_url(archive.settings.catalog_url()), archive.catalog.name)
    for batch in split_batches(_states(source, urls), 5000):
        with writing(engine) as connection:
            connection.execute(insert(url_state), number_rows(connection, DICTIONARIES, batch))
    engine.dispose()


def _states(source: Source, urls: int) -> Iterator[dict[str, Any]]:
    looked_again = list(accumulate(source.looks))
    for number in range(urls):
        url = f"{_BASE}/news/2026/a-story-of-five-words-{number:06d}.html"
        age = 1 + number // _A_NIGHT
        looks = 1 + sum(nights <= age - 1 for nights in looked_again)
        last = _TONIGHT - timedelta(days=age - ([0, *looked_again][looks - 1]))
        fetched = datetime(last.year, last.month, last.day, 3, tzinfo=UTC)
        yield {
            "source": number_name(source.id),
            "url": number_url(url),
            "late_manifest": "",
            "looks": looks,
            "last_night": last,
            "last_state": "captured",
            "last_purpose": "article",
            "last_fetched": fetched,
            "held_rank": 1,
            "held_fetched": fetched,
            "record_id": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
            "target_url": number_url(url),
            "date": fetched,
            "payload_digest": f"sha1:{number:032d}",
            "body_digest": f"{number:064x}",
            "etag": f'"{number:x}-{number:x}"',
            "last_modified": "Sun, 01 Mar 2026 02:00:00 GMT",
            "applied": 0,
        }


if __name__ == "__main__":
    main()
