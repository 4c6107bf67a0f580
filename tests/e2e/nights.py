"""The demo's nights, one after the other through the DAG of one home, each crawled when a test first asks for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from hemeroteca.demo import ServedResponse, read_served_log
from hemeroteca.services.airflow_client import DagRun
from storage.manifests import read_manifest
from storage.model.crawl import Manifest
from storage.night_listing import list_night
from tests.e2e.home import Home

FIRST = date(2026, 2, 27)
"""The third night is in another month."""


class CrawledNight(NamedTuple):
    """A night that was crawled: its run, the manifest of each source, and what the newspapers sent meanwhile."""

    day: date
    run: DagRun
    manifests: dict[str, Manifest]
    served: list[ServedResponse]


class Nights:
    """``crawl(n)`` returns the nth night, with all before it crawled."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.ledger = home.path / "demo/ledger.jsonl"
        self.cut_short: set[str] = set()
        """Nonces of exchanges that a test killed a process in."""
        self._crawled: list[CrawledNight] = []

    def crawl(self, number: int) -> CrawledNight:
        while len(self._crawled) < number:
            self._crawled.append(self._crawl(FIRST + timedelta(days=len(self._crawled))))
        return self._crawled[number - 1]

    def served(self) -> list[ServedResponse]:
        """Return what the newspapers sent so far."""
        return read_served_log(self.ledger)

    def _crawl(self, day: date) -> CrawledNight:
        self.home.set_today(day)
        before = len(self.served())
        # The second night is asked for as tonight.
        run = self.home.run("nightly_crawl", {}, day if len(self._crawled) != 1 else None)
        return CrawledNight(day, run, self._manifests(day), self.served()[before:])

    def _manifests(self, day: date) -> dict[str, Manifest]:
        with self.home.archive() as archive:
            found = [read_manifest(archive.store, key) for key in list_night(archive.store, day).manifests]
        return {manifest.source.id: manifest for manifest in found if manifest.crawl.trigger == "nightly"}
