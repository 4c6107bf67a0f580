"""How much a rebuild puts into a catalog in a CPU second of all its processes; the tables are there already."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import monotonic

from benchmarks.crawl.generated_newspaper import build_card
from benchmarks.crawl.hemeroteca_crawl import build_settings
from benchmarks.scale.in_turns import count_cpu_seconds
from benchmarks.scale.made_history import Newspaper, put_night
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.model.night import Night
from storage.model.source import Source

_FIRST = Night(2025, 3, 1)
_ARTICLES = 136


def measure_rebuild(place: Path, nights: int) -> None:
    """Print what a rebuild of *nights* takes, its reading processes included."""
    newspaper = Newspaper(Source.model_validate(build_card("https://www.the-bench.example.org")), _FIRST, _ARTICLES)
    Home(place).make()
    with use_embedded_s3(Home(place)), Archive(build_settings(place, Night(2026, 3, 1), "bench")) as archive:
        archive.store.ensure_bucket()
        for _ in range(nights):
            put_night(archive, newspaper.make_night())
        begun = monotonic()
        cpu = count_cpu_seconds(partial(rebuild, archive))
        seconds = monotonic() - begun
        captures = archive.catalog.count_rows()["captures"]
    print("| nights | captures | seconds | CPU seconds |\n|---|---|---|---|")
    print(f"| {nights} | {captures:,} | {seconds:.1f} | {cpu:.1f} |")
    print(f"RATIO rebuild_captures_per_second {captures / cpu:.0f}")
