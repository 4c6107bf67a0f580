"""What a night takes after one night of its newspaper, after seventy, and after thousands.

The first night has nothing to look back at; after seventy a night looks back at as much as it ever does: the last seven
nights, a month, and the tables of another. What then grows, grows with the archive.

The nights of three archives are passed in turns: real ones, from plan to report, of articles that nginx serves. Before
them lie made nights (``made_history``), in the catalog and in the bucket. Of most of these the bucket has manifests
alone; of those that a night reads again, the last seven and the oldest, also indexes, ledgers, documents and tables.
The CPU of the S3 server is not counted.
"""

from __future__ import annotations

import gzip
import sys
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.crawl.generated_newspaper import Site, build_card, write_site
from benchmarks.crawl.hemeroteca_crawl import build_settings, name_run, write_card
from benchmarks.crawl.nginx_server import find_free_port, serve_folder
from benchmarks.scale.in_turns import count_cpu_seconds
from benchmarks.scale.made_history import Newspaper, put_night
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.healing import NIGHTS
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.model.night import Night
from storage.model.source import Source

_TONIGHT = Night(2026, 3, 1)
_PAGES = 100
"""New ones a night; those of the night before are looked at again."""
_ARTICLES = 13
"""New ones a made night: 3,650 have 10^5 captures."""
_HELD_NIGHTS = 31
"""Of how many nights at most the tables are read whole in one."""
_LOOKED_BACK = 70
"""After so many nights a night looks back at as much as after any number."""
_BEFORE = 2
"""Real nights before those that are measured: the first makes the file of what is known, the second looks again."""


def measure_nights(place: Path, nights: int, rounds: int) -> None:
    """Print what nights after one and after *nights* take."""
    port = find_free_port()
    base = f"http://127.0.0.1:{port}"
    site = write_site(place, _PAGES * (_BEFORE + rounds), base)
    card = build_card(base, looks=[1])
    sizes = (1, _LOOKED_BACK, nights)
    homes = [place / f"after-{size}" for size in sizes]
    with ExitStack() as exits:
        for home, filled in zip(homes, sizes, strict=True):
            write_card(home, card)
            exits.enter_context(use_embedded_s3(Home(home)))
            _fill(home, Source.model_validate(card), filled, _HELD_NIGHTS * (_BEFORE + rounds))
        spent = []
        for number in range(_BEFORE + rounds):
            _list_pages(site, base, number)
            with serve_folder(site.root, place / "nginx", port):
                night = _TONIGHT + timedelta(days=number)
                spent.append([count_cpu_seconds(partial(_pass_night, home, night)) for home in homes])
                print(f"night {number}: " + ", ".join(f"{one:.2f} s" for one in spent[-1]), file=sys.stderr)
        found = [median(of_one) for of_one in zip(*spent[_BEFORE:], strict=True)]
        print("| after nights | CPU seconds of a night |\n|---|---|")
        for size, seconds in zip(sizes, found, strict=True):
            print(f"| {size:,} | {seconds:.2f} |")
        print(f"RATIO night_growth {found[-1] / found[0]:.2f}")
        print(f"RATIO night_growth_since_70 {found[-1] / found[1]:.2f}")


def _open(home: Path, night: Night) -> Archive:
    return Archive(build_settings(home, night, "bench"))


def _fill(home: Path, source: Source, nights: int, oldest: int) -> None:
    """Make *nights*, the last of which is the one before tonight; the *oldest* and the last are read again."""
    newspaper = Newspaper(source, _TONIGHT - timedelta(days=nights + 1), _ARTICLES)
    with _open(home, _TONIGHT) as archive:
        archive.store.ensure_bucket()
        for number in range(nights):
            made = newspaper.make_night()
            made.publish(archive.catalog)
            if number < oldest or number >= nights - NIGHTS:
                put_night(archive, made)
            else:
                made.put_manifests(archive.store)


def _list_pages(site: Site, base: str, number: int) -> None:
    """Let the sitemap list only the pages of that night."""
    paths = site.paths[number * _PAGES : (number + 1) * _PAGES]
    addresses = "".join(f"<url><loc>{base}{path}</loc><lastmod>2026-03-01</lastmod></url>" for path in paths)
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{addresses}</urlset>'
    (site.root / "sitemap.xml.gz").write_bytes(gzip.compress(sitemap.encode()))


def _pass_night(home: Path, night: Night) -> None:
    run = name_run(night, "bench")
    with _open(home, night) as archive:
        tasks.take_steps(archive, run, tasks.plan_night(archive, run))
