"""``make bench-memory``: the memory of a crawl process and of its parent, read four times a second.

First one newspaper of 50,000 small pages (4 KB), then 50 newspapers of 20 pages (30–200 KB) at once in one process,
each with its own WARC writer. ``crawl_rss_growth`` is the peak during the last fifth of the pages over the peak during
the second fifth.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.crawl.generated_newspaper import build_card, write_site
from benchmarks.crawl.hemeroteca_crawl import write_card
from benchmarks.crawl.nginx_server import find_free_port, serve_folder
from hemeroteca.configuration import CHECKOUT
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3

_NIGHT = date(2026, 3, 1)
_SMALL_BYTES = 4_000
_EVERY_SECONDS = 0.25


class Sample(NamedTuple):
    """Responses sent so far, and the resident memory of both processes; 0 for a process that is not there."""

    answers: int
    rss_bytes: int
    parent_rss_bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Watch the memory of crawl processes.")
    parser.add_argument("--pages", type=int, default=50_000, help="of the one newspaper")
    parser.add_argument("--sources", type=int, default=50, help="of the process with many")
    options = parser.parse_args()
    one = _watch([options.pages], _SMALL_BYTES)
    fifth = max(sample.answers for sample in one) / 5
    early = max(sample.rss_bytes for sample in one if fifth <= sample.answers <= 2 * fifth)
    late = max(sample.rss_bytes for sample in one if sample.answers >= 4 * fifth)
    many = _watch([20] * options.sources, None)
    print("| largest resident memory | crawl process | which starts it, indexes and uploads |\n|---|---|---|")
    for name, samples in (
        (f"{options.pages} pages of {_SMALL_BYTES / 1000:.0f} KB", one),
        (f"{options.sources} newspapers of 20 pages side by side", many),
    ):
        parent_mb = max(sample.parent_rss_bytes for sample in samples) / 1e6
        print(f"| {name} | {_peak_mb(samples):.0f} MB | {parent_mb:.0f} MB |")
    print(f"RATIO crawl_rss_mb {_peak_mb(one):.0f}")
    print(f"RATIO crawl_rss_growth {late / early:.2f}")
    print(f"RATIO shard_{options.sources}_sources_rss_mb {_peak_mb(many):.0f}")


def _peak_mb(samples: list[Sample]) -> float:
    return max(sample.rss_bytes for sample in samples) / 1e6


def _watch(pages_of: list[int], largest_bytes: int | None) -> list[Sample]:
    """Crawl a newspaper for each of *pages_of* in one process, and sample its memory."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home = place / "home"
        for number, pages in enumerate(pages_of):
            host = f"bench-{number:02d}.hemeroteca.test"
            site = write_site(place / "sites" / host, pages, f"http://{host}", largest_bytes)
            (place / "roots").mkdir(exist_ok=True)
            (place / "roots" / host).symlink_to(site.root)
            write_card(home, build_card(f"http://{host}", id=f"bench-{number:02d}", recent_days=None), folder="all")
        port = find_free_port()
        with serve_folder(place / "roots", place / "nginx", port, by_host=True), use_embedded_s3(Home(home)):
            module = "benchmarks.crawl.hemeroteca_crawl"
            command = [sys.executable, "-m", module, str(home), str(_NIGHT), "all", f"::127.0.0.1:{port}"]
            with subprocess.Popen(command, cwd=CHECKOUT) as process:
                samples = _sample(process, place / "nginx/access.log")
        if process.returncode:
            raise SystemExit(f"the crawl failed: {process.returncode}")
        return samples


def _sample(process: subprocess.Popen[Any], access_log: Path) -> list[Sample]:
    found = []
    while process.poll() is None:
        time.sleep(_EVERY_SECONDS)
        rss_bytes = max(map(_rss_bytes, _crawl_processes(process.pid)), default=0)
        found.append(Sample(access_log.read_bytes().count(b"\n"), rss_bytes, _rss_bytes(process.pid)))
    return found


def _crawl_processes(parent: int) -> list[int]:
    """Return the children of *parent* that are crawl processes."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in children if b"spiders.run" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    except FileNotFoundError:
        return []


def _rss_bytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


if __name__ == "__main__":
    main()
