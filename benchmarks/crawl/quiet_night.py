"""``make bench-quiet``: the cost of a night on which every article is due and nothing has changed.

Two nights of one generated site, on a server with validators (bytes on the wire are compared) and on one without (bytes
stored are compared).
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import structlog

from benchmarks.crawl.generated_newspaper import build_card, write_site
from benchmarks.crawl.hemeroteca_crawl import build_settings, name_run, write_card
from benchmarks.crawl.nginx_server import count_sent_bytes, find_free_port, serve_folder
from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import read_shard
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage import keys
from storage.manifests import read_manifest

_NIGHTS = (date(2026, 3, 1), date(2026, 3, 2))


class Cost(NamedTuple):
    """The cost of one night: bytes sent by the server, bytes of all objects in the manifest, and the outcomes."""

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
        port = find_free_port()
        base = f"http://127.0.0.1:{port}"
        site = write_site(place, pages, base)
        write_card(place / "home", build_card(base))
        found = []
        with serve_folder(site.root, place / "nginx", port, validators), use_embedded_s3(Home(place / "home")):
            for night in _NIGHTS:
                before = count_sent_bytes(place / "nginx")
                found.append(_pass_night(place, night, before))
                counts = ", ".join(f"{count} {state}" for state, count in sorted(found[-1].counts.items()))
                name = f"{'with' if validators else 'no'} validators, night {len(found)}"
                print(f"| {name} | {found[-1].wire_bytes:,} | {found[-1].stored_bytes:,} | {counts} |")
        return found


def _pass_night(place: Path, night: date, sent_before: int) -> Cost:
    with Archive(build_settings(place / "home", night, "bench")) as archive:
        (shard,) = tasks.plan_night(archive, name_run(night, "bench"))
        tasks.crawl_shard(archive, shard, last_try=False)
        tasks.publish_shard(archive, shard)
        _, _, (planned,) = read_shard(archive, shard)
        manifest = read_manifest(archive.store, keys.crawl_manifest(planned.crawl))
    counts: dict[str, int] = {}
    for count in manifest.counts:
        counts[count.state] = counts.get(count.state, 0) + count.urls
    stored = sum(stored.bytes for stored in manifest.objects)
    return Cost(count_sent_bytes(place / "nginx") - sent_before, stored, counts)


if __name__ == "__main__":
    main()
