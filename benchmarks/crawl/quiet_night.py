"""``make bench-quiet``: what a night costs on which every article is due and nothing has changed.

Twice two nights of one generated site: on a server that gives validators, where bytes on the wire are counted, and on
one that gives none, where the bytes stored are.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import structlog

from benchmarks.crawl.generated_newspaper import card, make_site
from benchmarks.crawl.hemeroteca_crawl import run_of, settings_of, write_card
from benchmarks.crawl.nginx_server import free_port, sent_bytes, serving
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import open_archive
from hemeroteca.archive.crawling.plan import read_shard
from hemeroteca.home import Home
from hemeroteca.services.seaweed import embedded_s3
from storage import keys
from storage.manifests import read_manifest

_NIGHTS = (date(2026, 3, 1), date(2026, 3, 2))


class Cost(NamedTuple):
    """Of one night: bytes that the server sent, bytes of all objects that the manifest names, and its counts."""

    wire_bytes: int
    stored_bytes: int
    counts: dict[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description="Crawl a site that does not change for two nights.")
    parser.add_argument("--pages", type=int, default=1000)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print("| server, night | bytes on the wire | bytes stored | outcomes |\n|---|---|---|---|")
    with_them = _two_nights(options.pages, validators=True)
    without = _two_nights(options.pages, validators=False)
    print(f"RATIO quiet_night_wire_bytes {with_them[1].wire_bytes / with_them[0].wire_bytes:.4f}")
    print(f"RATIO quiet_night_stored_bytes {without[1].stored_bytes / without[0].stored_bytes:.4f}")


def _two_nights(pages: int, validators: bool) -> list[Cost]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        site = make_site(place, pages, base)
        write_card(place / "home", card(base))
        found = []
        with serving(site.root, place / "nginx", port, validators), embedded_s3(Home(place / "home")):
            for night in _NIGHTS:
                before = sent_bytes(place / "nginx")
                found.append(_pass_night(place, night, before))
                counts = ", ".join(f"{count} {state}" for state, count in sorted(found[-1].counts.items()))
                name = f"{'with' if validators else 'no'} validators, night {len(found)}"
                print(f"| {name} | {found[-1].wire_bytes:,} | {found[-1].stored_bytes:,} | {counts} |")
        return found


def _pass_night(place: Path, night: date, sent_before: int) -> Cost:
    with open_archive(settings_of(place / "home", night, "bench")) as archive:
        (shard,) = tasks.plan_night(archive, run_of(night, "bench"))
        tasks.crawl_shard(archive, shard, last_try=False)
        tasks.publish_shard(archive, shard)
        _, _, (planned,) = read_shard(archive, shard)
        manifest = read_manifest(archive.store, keys.crawl_manifest(planned.crawl))
    counts: dict[str, int] = {}
    for count in manifest.counts:
        counts[count.state] = counts.get(count.state, 0) + count.urls
    stored = sum(stored.bytes for stored in manifest.objects)
    return Cost(sent_bytes(place / "nginx") - sent_before, stored, counts)


if __name__ == "__main__":
    main()
