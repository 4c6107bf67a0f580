"""``make bench-localweb``: the time that one night of 96 real newspapers takes, from plan to tables.

The hosts are those of the shared suite ``localweb``, served on loopback by TLS under their own names (tests/localweb).
The last line compares the crawl's time with the pauses between requests to the busiest host.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import structlog

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.run_order import SHARD_STEPS
from hemeroteca.services.seaweed import use_embedded_s3
from storage.table_reads import read_table
from tests.archive.homes import make_home
from tests.localweb.server import LocalWeb
from tests.localweb.web import SUITE, Web

RUN = RunRef(dag_id="bench", run_id="localweb")


def main() -> None:
    parser = argparse.ArgumentParser(description="Crawl the local web once and say what it took.")
    parser.add_argument(
        "--delay", type=float, default=1.0, metavar="SECONDS", help="between two requests to a host, > 0"
    )
    parser.add_argument("--slots", type=int, default=os.cpu_count() or 1, help="crawl processes at a time")
    options = parser.parse_args()
    if options.delay <= 0:
        parser.error("--delay must be more than 0: the crawl is compared with it")
    if not SUITE.is_dir():
        raise SystemExit(f"{SUITE}: no shared test data")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as place:
        _measure(Path(place), options.delay, options.slots)


def _measure(place: Path, delay: float, slots: int) -> None:
    web = Web()
    home = make_home(place / "home", *web.cards(delay))
    with LocalWeb(web, place) as served, use_embedded_s3(Home(home)):
        settings = Settings(
            home=Home(home), demo=True, seeds=home / "cards", connect_to=served.connect_to, ca_file=served.ca_file,
            crawl_slots=slots,
        )  # fmt: skip
        archive = Archive(settings)
        seconds = _pass_night(archive, slots)
        documents = read_table(archive.store, "documents", settings.tonight()).num_rows
        archive.close()
        busiest = max(Counter(one.url.split("/")[2] for one in served.sent).values())
    pages = len(served.sent)
    floor = (busiest - 1) * delay
    print(f"hosts {len(web.hosts)}, pages {pages}, articles {len(web.urls('article'))}, documents {documents}")
    print(f"delay {delay} s, crawl processes {slots} at a time")
    print(", ".join(f"{step} {spent:.1f} s" for step, spent in seconds.items()))
    print(f"night {sum(seconds.values()):.1f} s, crawl {pages / seconds['crawl']:.1f} pages/s")
    print(f"crawl {seconds['crawl']:.1f} s; {busiest} polite requests to the busiest host take {floor:.1f} s")
    print(f"RATIO localweb_crawl_vs_politeness {seconds['crawl'] / floor:.2f}")


def _pass_night(archive: Archive, slots: int) -> dict[str, float]:
    """Run tonight from plan to tables, and return the seconds of each step."""
    seconds: dict[str, float] = {}
    with _timing(seconds, "plan"):
        shards = tasks.plan_night(archive, RUN)
    with ThreadPoolExecutor(slots) as pool:
        for step in SHARD_STEPS:
            with _timing(seconds, step):
                list(pool.map(_on(archive, tasks.SHARD_WORK[step]), shards))
    with _timing(seconds, "tables"):
        tasks.build_tables(archive, RUN)
    tasks.judge_run(archive, RUN)
    return seconds


def _on(archive: Archive, work: Callable[[Archive, str], None]) -> Callable[[str], None]:
    return lambda shard: work(archive, shard)


@contextmanager
def _timing(seconds: dict[str, float], step: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    seconds[step] = time.monotonic() - begun


if __name__ == "__main__":
    main()
