"""``make bench-extract-memory``: the memory of one worker over many pages.

The shared pages are read again and again, in another order each time, so that caches do not help.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.extraction.gold_pages import SHARED, read_gold_pages
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.pool import WorkerPool

WARM = 1_000
"""Pages after which every cache is filled."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a worker's memory over many pages.")
    parser.add_argument("--pages", type=int, default=20_000)
    options = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    warm = resident = 0.0
    with WorkerPool(1) as workers:
        for number, _ in enumerate(workers.map(_pages(options.pages)), 1):
            if number % WARM == 0:
                resident = _resident_mb()
                warm = warm or resident
                print(f"{number:6} pages: {resident:.0f} MB", flush=True)
    print(f"RATIO worker_rss_mb {resident:.0f}")
    print(f"RATIO worker_rss_growth {resident / warm:.3f}")


def _pages(count: int) -> Iterator[tuple[str, Page]]:
    pages = [gold.page for gold in read_gold_pages()]
    order = random.Random(1)
    for number in range(count):
        if number % len(pages) == 0:
            order.shuffle(pages)
        yield str(number), pages[number % len(pages)]


def _resident_mb() -> float:
    """Return the resident memory of the worker that is running now."""
    children: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            children += (task / "children").read_text().split()
    sizes = [Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0] for pid in children]
    return sum(map(int, sizes)) / 1024


if __name__ == "__main__":
    main()
