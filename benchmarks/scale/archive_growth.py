"""``make bench-scale``: what an archive costs as it grows to a million captures, to ten years, to 500 newspapers.

``BENCH='--captures 10000 100000'`` for a short one; ``--parts`` chooses which are measured. CPU seconds are compared,
of several repeats by turns: other work on the machine slows down all alike.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

import structlog

from benchmarks.scale.grown_catalogs import measure_catalogs
from benchmarks.scale.night_growth import measure_nights
from benchmarks.scale.rebuilt_catalog import measure_rebuild
from benchmarks.scale.year_of_crawls import measure_status

_PARTS = ("catalogs", "status", "nights", "rebuild")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill archives of several sizes, and compare what they cost.")
    parser.add_argument("--captures", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--nights", type=int, default=3650, help="before the night that is measured")
    parser.add_argument("--newspapers", type=int, default=500, help="crawled in each night of the year")
    parser.add_argument("--rebuilt", type=int, default=100, help="nights of the bucket that is rebuilt")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if "catalogs" in options.parts:
            measure_catalogs(place / "catalogs", options.captures, options.rounds)
        if "status" in options.parts:
            measure_status(place / "status", options.newspapers, 365, options.rounds)
        if "nights" in options.parts:
            measure_nights(place / "nights", options.nights, options.rounds)
        if "rebuild" in options.parts:
            measure_rebuild(place / "rebuild", options.rebuilt)


if __name__ == "__main__":
    main()
