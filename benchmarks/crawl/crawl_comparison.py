"""``make bench-crawl``: the CPU time of a crawl, beside other tools that fetch the same pages from the same server.

Every round runs every tool once on the same 5,000 pages, served by nginx on loopback; the table has medians. CPU is the
user and system time of the process and all its children. For ours that is start, plan, capture, digests, look-ups,
ledger, index and upload; the S3 server and nginx are not counted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.crawl.generated_newspaper import IMPRINT, Site, build_card, write_site
from benchmarks.crawl.hemeroteca_crawl import build_settings, write_card
from benchmarks.crawl.nginx_server import find_free_port, serve_folder
from benchmarks.crawl.process_usage import Usage, run_measured
from hemeroteca.archive.archive import Archive
from hemeroteca.configuration import CHECKOUT
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.manifests import read_manifest
from storage.night_listing import list_night

BARE, BARE_QUIET, OURS = "Scrapy, defaults", "Scrapy, defaults, LOG_LEVEL=INFO", "hemeroteca, complete"
LINKS, OURS_LINKS = "Scrapy and LinkExtractor", "hemeroteca, complete, links of every page"
PLAIN = "hemeroteca, a plain Scrapy spider"
WGET, WEBARCHIVE = "wget --warc-file", "Scrapy 2.11 and scrapy-webarchive"
_FIRST_NIGHT = date(2026, 3, 1)


class Setup(NamedTuple):
    """The folder of a run, and the site that it fetches."""

    place: Path
    base: str
    site: Site

    @property
    def urls_file(self) -> Path:
        return self.place / "urls.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description="Crawl one generated site with several tools and compare their CPU.")
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="sides to run, by their names in the table, separated by semicolons")
    parser.add_argument("--webarchive-python", help="the python of an environment with scrapy-webarchive")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        port = find_free_port()
        base = f"http://127.0.0.1:{port}"
        bench = Setup(place, base, write_site(place, options.pages, base))
        bench.urls_file.write_text("\n".join(bench.site.urls(base)))
        home = place / "home"
        write_card(home, build_card(base))
        write_card(home, _card_of_sections(bench))
        write_card(home, _card_of_a_spider(bench))
        with serve_folder(bench.site.root, place / "nginx", port), use_embedded_s3(Home(home)):
            sides = _sides(bench, home, options.webarchive_python)
            if options.only:
                sides = {name: sides[name] for name in options.only.split(";")}
            _print_table(options.pages, _measure(sides, options.rounds))


def _card_of_sections(bench: Setup) -> dict[str, Any]:
    """Return a card with every article as a section: all its links are found and ranked, and one is wanted."""
    sections = [{"kind": "section", "url": url} for url in bench.site.urls(bench.base)]
    return build_card(bench.base, id="bench-links", discoveries=sections, include=[IMPRINT])


def _card_of_a_spider(bench: Setup) -> dict[str, Any]:
    """Return the card of a user's own spider, which asks for every article."""
    spider = {
        "spider": "benchmarks.crawl.bench_spider.BenchSpider",
        "spider_arguments": {"urls": str(bench.urls_file)},
        "article": ["/news/"],
    }
    return build_card(bench.base, id="bench-spider", discoveries=[], **spider)


def _sides(bench: Setup, home: Path, webarchive_python: str | None) -> dict[str, Callable[[int], Usage]]:
    """Return what is compared, by name: functions that take the number of the round."""
    scrapy = [sys.executable, "-m", "benchmarks.crawl.bare_scrapy", str(bench.urls_file)]
    sides: dict[str, Callable[[int], Usage]] = {
        BARE: partial(_run, bench, scrapy),
        BARE_QUIET: partial(_run, bench, [*scrapy, "--quiet"]),
        OURS: partial(_run_ours, bench, home, "bench"),
        PLAIN: partial(_run_ours, bench, home, "bench-spider"),
        LINKS: partial(_run, bench, [*scrapy, "--links"]),
        OURS_LINKS: partial(_run_ours, bench, home, "bench-links"),
    }
    if wget := shutil.which("wget"):
        into = ["-O", "/dev/null", f"--warc-file={bench.place / 'wget'}", "--warc-cdx"]
        sides[WGET] = partial(_run, bench, [wget, "-nv", *into, "-i", str(bench.urls_file)])
    if webarchive_python:
        into = [
            webarchive_python,
            "-m",
            "benchmarks.crawl.bare_scrapy",
            str(bench.urls_file),
            "--warc",
            str(bench.place),
        ]
        sides[WEBARCHIVE] = partial(_run, bench, into)
    return sides


def _run(bench: Setup, command: list[str], number: int) -> Usage:
    return run_measured(command, bench.place / "side.log", CHECKOUT)


def _run_ours(bench: Setup, home: Path, source_id: str, number: int) -> Usage:
    """Crawl a new night, and check that every page is in its manifest."""
    night = _FIRST_NIGHT + timedelta(days=number)
    command = [sys.executable, "-m", "benchmarks.crawl.hemeroteca_crawl", str(home), str(night), source_id]
    used = run_measured(command, bench.place / "side.log", CHECKOUT)
    with Archive(build_settings(home, night, source_id)) as archive:
        found = [read_manifest(archive.store, key) for key in list_night(archive.store, night).manifests]
        (manifest,) = (one for one in found if one.crawl.source_id == source_id)
        captured = sum(count.urls for count in manifest.counts if count.state == "captured")
    if captured < len(bench.site.paths):
        counts = [json.loads(count.model_dump_json()) for count in manifest.counts]
        raise SystemExit(f"{source_id}: {captured} of {len(bench.site.paths)} pages captured: {counts}")
    return used


def _measure(sides: dict[str, Callable[[int], Usage]], rounds: int) -> dict[str, list[Usage]]:
    found: dict[str, list[Usage]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            found[name].append(side(number))
            print(f"round {number + 1}: {name}: {found[name][-1].cpu_seconds:.2f} s", file=sys.stderr)
    return found


def _print_table(pages: int, found: dict[str, list[Usage]]) -> None:
    cpu = {name: median(used.cpu_seconds for used in usages) for name, usages in found.items()}
    print(f"| {pages} pages | CPU ms a page | over bare Scrapy | largest process |\n|---|---|---|---|")
    for name, usages in found.items():
        over = f"{cpu[name] / cpu[BARE]:.2f}" if BARE in cpu else ""
        peak = median(used.peak_mb for used in usages)
        print(f"| {name} | {1000 * cpu[name] / pages:.2f} | {over} | {peak:.0f} MB |")
    for name, ours, other in (
        ("cpu_vs_bare_scrapy", OURS, BARE),
        ("cpu_plain_spider_vs_bare_scrapy", PLAIN, BARE),
        ("cpu_vs_scrapy_links", OURS_LINKS, LINKS),
    ):
        if ours in cpu and other in cpu:
            print(f"RATIO {name} {cpu[ours] / cpu[other]:.2f}")


if __name__ == "__main__":
    main()
