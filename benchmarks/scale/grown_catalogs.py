"""Catalogs of one newspaper as they grow: what it takes to publish a night, to look up, and to list, and their size."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.crawl.generated_newspaper import build_card
from benchmarks.crawl.hemeroteca_crawl import build_settings
from benchmarks.scale.commands import run_command
from benchmarks.scale.in_turns import count_cpu_seconds, measure_in_turns
from benchmarks.scale.made_history import MadeNight, Newspaper
from hemeroteca.archive.archive import Archive
from storage.catalog import Catalog
from storage.model.capture import Capture
from storage.model.night import Night
from storage.model.source import Source

_BASE = "https://www.the-bench.example.org"
_FIRST = Night(2016, 3, 1)
_ARTICLES = 136
"""A night, and as many second looks: 3,650 nights have 10^6 captures."""
_EVERY = 97
"""One capture of so many may be looked up, where it is of an article: robots.txt has one a night, and a long answer."""
_LOOKUPS = 200
"""A round, each of another address."""


class Grown(NamedTuple):
    """A filled catalog: its newspaper, which goes on, and captures to look up."""

    home: Path
    newspaper: Newspaper
    samples: list[Capture]
    captures: int
    bytes_a_capture: float
    listing_mb: float


def measure_catalogs(place: Path, sizes: Sequence[int], rounds: int) -> None:
    """Print a row for each size, then what grew from the first to the last."""
    print(
        "| captures | bytes a capture | filling, CPU ms a capture | `ls '*'`, CPU seconds | MB |\n|---|---|---|---|---|"
    )
    grown = [_fill_and_tell(place / str(size), size) for size in sizes]
    with ExitStack() as exits:
        catalogs = [exits.enter_context(_open(one.home)).catalog for one in grown]
        pairs = list(zip(catalogs, grown, strict=True))
        nights = [[one.newspaper.make_night() for _ in range(rounds)] for one in grown]
        waiting = zip(catalogs, nights, strict=True)
        published = measure_in_turns(rounds, [partial(_publish_next, *one) for one in waiting])
        found = measure_in_turns(rounds, [partial(_look_up, catalog, _choose(one.samples)) for catalog, one in pairs])
    print("| captures | publishing a night, CPU ms | a look-up, CPU ms |\n|---|---|---|")
    for one, of_night, of_lookups in zip(grown, published, found, strict=True):
        print(f"| {one.captures:,} | {1000 * of_night:.0f} | {1000 * of_lookups / _LOOKUPS:.2f} |")
    print(f"RATIO catalog_bytes_per_capture {grown[-1].bytes_a_capture:.0f}")
    print(f"RATIO ls_rss_mb {grown[-1].listing_mb:.0f}")
    print(f"RATIO publish_growth {published[-1] / published[0]:.2f}")
    print(f"RATIO lookup_growth {found[-1] / found[0]:.2f}")


def _choose(samples: list[Capture]) -> Iterator[Capture]:
    """Yield samples by chance, without end."""
    chance = random.Random(1)
    while True:
        yield chance.choice(samples)


def _fill_and_tell(home: Path, size: int) -> Grown:
    """Fill the catalog of *home* with *size* captures, or a few more, and print what that, and listing them, took."""
    newspaper = Newspaper(Source.model_validate(build_card(_BASE)), _FIRST, _ARTICLES)
    samples: list[Capture] = []
    captures, seconds = 0, 0.0
    with _open(home) as archive:
        while captures < size:
            made = newspaper.make_night()
            seconds += count_cpu_seconds(partial(made.publish, archive.catalog))
            captures += len(made.captures)
            chosen = islice(made.captures, captures % _EVERY, None, _EVERY)
            samples += [one for one in chosen if one.purpose == "article"]
    size_bytes = (home / "catalog.sqlite").stat().st_size
    listed = run_command(home, "ls", "*")
    print(
        f"| {captures:,} | {size_bytes / captures:.0f} | {1000 * seconds / captures:.2f} "
        f"| {listed.cpu_seconds:.1f} | {listed.peak_mb:.0f} |", flush=True,
    )  # fmt: skip
    return Grown(home, newspaper, samples, captures, size_bytes / captures, listed.peak_mb)


def _open(home: Path) -> Archive:
    home.mkdir(parents=True, exist_ok=True)
    return Archive(build_settings(home, _FIRST, "bench"))


def _publish_next(catalog: Catalog, nights: list[MadeNight]) -> None:
    nights.pop().publish(catalog)


def _look_up(catalog: Catalog, asked: Iterator[Capture]) -> None:
    """Ask what ``ls``, ``get`` and ``get --as document`` ask of an address."""
    for sample in islice(asked, _LOOKUPS):
        assert catalog.find_captures(urlkey=sample.urlkey)
        closest = catalog.find_closest(sample.urlkey, sample.date)
        assert closest
        catalog.find_document(closest.record_id)
