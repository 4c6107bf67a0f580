"""``make bench-extract``: the speed of cleaning from WARC to Parquet beside trafilatura's command, and the scores.

The shared pages are crawled once from loopback, a part of them in each round. In a round our cleaning of that part and
``trafilatura --parallel`` over the same pages as files run one after the other, each first equally often; each reads
every page once. On a second night every page is unchanged.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from benchmarks.extraction.gold_pages import SHARED, read_gold_pages
from benchmarks.extraction.text_scores import measure_texts
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from tests.archive.homes import make_home
from tests.spiders.press import Press, Reply, feed

FIRST = date(2026, 11, 24)
TRAFILATURA = ("--no-comments", "--json", "--with-metadata")


class Part(NamedTuple):
    """The pages of one round, as a newspaper and as a folder of files."""

    source_id: str
    folder: Path
    pages: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare cleaning with trafilatura's command.")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pages", type=int, default=1_200, help="of all rounds together")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of each side")
    parser.add_argument("--speed-only", action="store_true", help="leave the texts unscored")
    options = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as place:
        _measure_speed(Path(place), options.rounds, options.pages, options.workers)
    if not options.speed_only:
        measure_texts()


def _measure_speed(place: Path, rounds: int, pages: int, workers: int) -> None:
    with Press() as press:
        parts = _lay_out(place, press, rounds, pages)
        home = make_home(place / "home", *(_card(part) for part in parts))
        with use_embedded_s3(Home(home)):
            _compare(home, press, parts, workers)


def _compare(home: Path, press: Press, parts: Sequence[Part], workers: int) -> None:
    found: list[tuple[float, float, float]] = []
    print(f"{workers} workers each; seconds a round")
    print("pages   ours  trafilatura  documents  second night")
    for number, part in enumerate(parts):
        first = _crawled(home, press, part, FIRST, workers)
        sides = (partial(_clean, *first), partial(_trafilatura, part, workers))
        order = (0, 1) if number % 2 == 0 else (1, 0)
        spent = {side: sides[side]() for side in order}
        second = _crawled(home, press, part, FIRST + timedelta(1), workers)
        again = _clean(*second)
        documents = _documents(first[0])
        print(f"{part.pages:5}  {spent[0]:5.1f}  {spent[1]:11.1f}  {documents:9}  {again:12.2f}", flush=True)
        found.append((spent[0], spent[1], again))
        for archive, _ in (first, second):
            archive.close()
    print(f"RATIO docs_per_second_vs_trafilatura_cli {statistics.median(other / ours for ours, other, _ in found):.3f}")
    print(f"RATIO second_clean_vs_first {statistics.median(again / ours for ours, _, again in found):.4f}")


def _lay_out(place: Path, press: Press, rounds: int, pages: int) -> list[Part]:
    """Serve each page on the host of its round, and write it to the round's folder. No body is used twice."""
    parts = [Part(f"xx-round-{number}", place / f"round-{number}", 0) for number in range(rounds)]
    for part in parts:
        part.folder.mkdir()
    addresses: dict[str, list[str]] = {part.source_id: [] for part in parts}
    distinct = list(dict.fromkeys(gold.page.body for gold in read_gold_pages()))[:pages]
    for number, body in enumerate(distinct):
        part = parts[number % rounds]
        (part.folder / f"{number}.html").write_bytes(body)
        url = f"http://{part.source_id}.test/{number}.html"
        press.put(url, Reply(200, body, (("Content-Type", "text/html"),)))
        addresses[part.source_id].append(url)
    for source_id, urls in addresses.items():
        press.put(f"http://{source_id}.test/feed", feed(*urls))
    return [part._replace(pages=len(addresses[part.source_id])) for part in parts]


def _card(part: Part) -> dict[str, object]:
    host = f"{part.source_id}.test"
    return {
        "id": part.source_id, "title": host, "homepage": f"http://{host}/", "language": "en", "country": "ES",
        "hosts": [host], "discoveries": [{"kind": "feed", "url": f"http://{host}/feed"}], "delay_seconds": 0,
        "allow_private": True, "looks": [1],
    }  # fmt: skip


def _crawled(home: Path, press: Press, part: Part, night: date, workers: int) -> tuple[Archive, str]:
    """Crawl the pages of a round, and return the archive of that night with the shard to clean."""
    archive = Archive(
        Settings(
            home=Home(home),
            demo=True,
            seeds=home / "cards",
            today=night,
            crawl_slots=workers,
            connect_to=",".join(press.connect_to),
        )
    )
    run = RunRef(dag_id="bench", run_id=f"{part.source_id}/{night}")
    [shard] = tasks.plan_night(archive, run, only=[part.source_id])
    tasks.crawl_shard(archive, shard, last_try=False)
    return archive, shard


def _clean(archive: Archive, shard: str) -> float:
    begun = time.monotonic()
    tasks.clean_shard(archive, shard)
    spent = time.monotonic() - begun
    tasks.publish_shard(archive, shard)
    return spent


def _documents(archive: Archive) -> int:
    """Return how many documents the newest crawl of the archive's night has."""
    return max(crawl.documents or 0 for crawl in archive.catalog.find_crawls(archive.settings.tonight()))


def _trafilatura(part: Part, workers: int) -> float:
    command = [str(Path(sys.executable).with_name("trafilatura")), "--parallel", str(workers), *TRAFILATURA]
    folders = ["--input-dir", str(part.folder), "--output-dir", f"{part.folder}-out"]
    begun = time.monotonic()
    subprocess.run([*command, *folders], check=True, capture_output=True)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
