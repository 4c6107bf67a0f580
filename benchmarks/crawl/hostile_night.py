"""``make bench-hostile``: a night of 20 newspapers of which five are hostile, and the same night of the others alone.

The others must be exact in both: each article asked for once, by the origin's own ledger, captured, and a document.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog

from benchmarks.crawl.hostile_newspapers import HOSTILE, NewspaperOrigin, make_honest, make_hostile
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.run_order import SHARD_STEPS
from hemeroteca.services.seaweed import use_embedded_s3
from storage.model.errors import RunFailedError
from storage.table_reads import read_table
from tests.archive.homes import make_home

RUN = RunRef(dag_id="bench", run_id="hostile")
HONEST = 15
DELAY_SECONDS = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description="Crawl honest newspapers alone, then beside five hostile ones.")
    parser.add_argument("--articles", type=int, default=40, metavar="COUNT", help="of each newspaper")
    parser.add_argument("--slots", type=int, default=os.cpu_count() or 1, help="crawl processes at a time")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    honest = [f"honest-{number:02d}" for number in range(HONEST)]
    alone = _measure("alone", honest, [], options.articles, options.slots)
    beside = _measure("beside five hostile ones", honest, list(HOSTILE), options.articles, options.slots)
    print(f"RATIO hostile_night_vs_alone {beside / alone:.2f}")


def _measure(what: str, honest: Sequence[str], hostile: Sequence[str], articles: int, slots: int) -> float:
    """Pass a night; return its seconds. Raises AssertionError when an honest newspaper is not exact."""
    sites = {_host(name): make_honest(_host(name), articles) for name in honest}
    sites |= {_host(name): make_hostile(name, _host(name), articles) for name in hostile}
    with tempfile.TemporaryDirectory() as place, NewspaperOrigin(sites) as origin:
        home = make_home(Path(place) / "home", *(_card(name) for name in (*honest, *hostile)))
        with use_embedded_s3(Home(home)):
            settings = Settings(
                home=Home(home), demo=True, seeds=home / "cards", connect_to=origin.connect_to, crawl_slots=slots
            )
            with Archive(settings) as archive:
                begun = time.monotonic()
                _pass_night(archive, slots)
                seconds = time.monotonic() - begun
                _check(archive, origin, honest, articles)
    number = len(honest) + len(hostile)
    print(f"{what}: {number} newspapers, {seconds:.1f} s; {len(honest)} honest ones exact", flush=True)
    return seconds


def _host(name: str) -> str:
    return f"{name}.test"


def _card(name: str) -> dict[str, Any]:
    kinds = [("feed", "/feed"), *([("section", "/")] if name == "front" else [])]
    return {
        "id": f"bench-{name}",
        "title": name,
        "homepage": f"http://{_host(name)}/",
        "language": "en",
        "discoveries": [{"kind": kind, "url": f"http://{_host(name)}{path}"} for kind, path in kinds],
        "delay_seconds": DELAY_SECONDS,
        "allow_private": True,
    }


def _pass_night(archive: Archive, slots: int) -> None:
    shards = tasks.plan_night(archive, RUN)
    with ThreadPoolExecutor(slots) as pool:
        list(pool.map(lambda shard: _take_steps(archive, shard), shards))
    tasks.build_tables(archive, RUN)
    try:
        tasks.judge_run(archive, RUN)
    except RunFailedError as error:
        print(f"red, as it should be: {str(error)[:300]}")


def _take_steps(archive: Archive, shard: str) -> None:
    for step in SHARD_STEPS:
        tasks.SHARD_WORK[step](archive, shard)


def _check(archive: Archive, origin: NewspaperOrigin, honest: Sequence[str], articles: int) -> None:
    documents = read_table(archive.store, "documents", archive.settings.tonight()).to_pylist()
    for name in honest:
        asked = {path: times for (host, path), times in origin.asked.items() if host == _host(name)}
        stories = {path: times for path, times in asked.items() if path.startswith("/2026/")}
        assert len(stories) == articles and set(stories.values()) == {1}, f"{name}: {stories}"
        found = sum(one["source_id"] == f"bench-{name}" for one in documents)
        assert found == articles, f"{name}: {found} documents of {articles} articles"


if __name__ == "__main__":
    main()
