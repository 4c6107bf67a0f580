"""A year of many newspapers: what ``hemeroteca status`` takes if the catalog has a crawl of each for every night."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection

from benchmarks.crawl.generated_newspaper import build_card
from benchmarks.crawl.hemeroteca_crawl import build_settings
from benchmarks.scale.commands import run_command
from benchmarks.scale.made_history import make_cleaning, make_manifest
from benchmarks.scale.made_pages import EXTRACTOR
from hemeroteca.archive.archive import Archive
from storage import keys
from storage.catalog.apply import apply_cleaning, apply_crawl
from storage.database import open_engine, parse_database_url, writing
from storage.model.crawl import Crawl, OutcomeCount, nightly_id
from storage.model.night import Night
from storage.model.source import Source

_LAST = Night(2026, 3, 1)
_COUNTS = tuple(
    OutcomeCount(purpose=purpose, state=state, reason=reason, urls=urls)
    for purpose, state, reason, urls in (
        ("article", "captured", None, 120),
        ("article", "not_modified", None, 300),
        ("article", "skipped", "not_due", 900),
        ("article", "failed", "http_404", 2),
        ("sitemap", "captured", None, 3),
        ("robots", "captured", None, 1),
    )
)


def measure_status(place: Path, newspapers: int, nights: int, rounds: int) -> None:
    """Print what ``status`` takes after *nights* of *newspapers*."""
    home = place / "year"
    home.mkdir(parents=True)
    sources = [
        Source.model_validate(build_card("https://example.org") | {"id": f"bench-{number}"})
        for number in range(newspapers)
    ]
    with Archive(build_settings(home, _LAST, "bench")) as archive:
        _fill(archive, sources, nights)
    used = [run_command(home, "status") for _ in range(rounds)]
    print("| crawls | `status`, CPU seconds | MB |\n|---|---|---|")
    seconds = median(one.cpu_seconds for one in used)
    print(f"| {newspapers * nights:,} | {seconds:.2f} | {max(one.peak_mb for one in used):.0f} |")
    print(f"RATIO status_cpu_s_180k_crawls {seconds:.2f}")


def _fill(archive: Archive, sources: list[Source], nights: int) -> None:
    """Publish *nights* of all *sources*, each night in one transaction, or it would take hours."""
    archive.catalog.newest_night()  # creates the catalog
    engine = open_engine(parse_database_url(archive.settings.catalog_url()), archive.catalog.name)
    for days in reversed(range(nights)):
        with writing(engine) as connection:
            for source in sources:
                _apply_crawl(connection, source, _LAST - timedelta(days=days))
    engine.dispose()


def _apply_crawl(connection: Connection, source: Source, night: Night) -> None:
    """Apply a crawl by its counts alone: ``status`` reads no captures."""
    crawl = Crawl(
        id=nightly_id(source.id, night),
        source_id=source.id,
        night=night,
        trigger="nightly",
        started=datetime.combine(night, time(3), UTC),
    )
    discovered = sum(count.urls for count in _COUNTS)
    manifest = make_manifest(source, crawl, []).model_copy(update={"counts": _COUNTS, "discovered": discovered})
    key = keys.crawl_manifest(crawl)
    apply_crawl(connection, key, manifest, (), ())
    apply_cleaning(connection, keys.text_manifest(key, EXTRACTOR), make_cleaning(manifest, 120), ())
