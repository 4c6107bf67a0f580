"""Homes of test archives: cards of the demo newspapers, a place in the bucket, and the steps of a run, in process."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from warcio.archiveiterator import ArchiveIterator

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.crawling.plan import PlannedCrawl, RunRef, read_plan
from hemeroteca.configuration import CHECKOUT, Settings
from hemeroteca.demo import ServedResponse, read_served_log
from hemeroteca.extraction.workers.pool import WorkerPool
from hemeroteca.home import Home
from storage import keys
from storage.ledger import LEDGERS
from storage.ledger import read_ledger as read_outcomes
from storage.manifests import list_all_manifests, read_manifest
from storage.model.crawl import Manifest
from storage.model.errors import RunFailedError
from storage.model.outcome import Outcome
from storage.objects import S3Settings, Store
from tests.archive.held_newspapers import HeldNewspapers
from tests.conftest import open_uploads
from tests.demo.expected import NIGHT_1
from tests.storage.catalog_rows import catalog_rows

FIRST = date(2026, 3, 1)
"""The first night of these tests."""

DERIVED = "tables/"
EVIDENCE = ("warc/", "index/", "ledger/", "items/", "documents/", "memory/")


class Origin:
    """The newspapers of a test and their ledger."""

    def __init__(self, newspapers: HeldNewspapers, ledger: Path) -> None:
        self.newspapers = newspapers
        self.ledger = ledger

    def rows(self) -> list[ServedResponse]:
        return read_served_log(self.ledger)


def demo_card(name: str, **changes: Any) -> dict[str, Any]:
    """Return the card of a demo newspaper (faro, courier, anzeiger) without its pauses, with *changes*."""
    card: dict[str, Any] = yaml.safe_load((CHECKOUT / f"seeds/demo/{name}.yaml").read_text())
    return card | {"delay_seconds": 0, **changes}


def make_home(path: Path, *cards: dict[str, Any]) -> Path:
    """Make a home with exactly these cards."""
    path.mkdir(mode=0o700, parents=True)
    (path / "cards").mkdir()
    for card in cards:
        (path / "cards" / f"{card['id']}.yaml").write_text(json.dumps(card))
    return path


def open_home(home: Path, s3: S3Settings, night: date = FIRST, **others: Any) -> Archive:
    """Open the archive of *home*, with its bucket at *s3*, in *night*."""
    place = {
        "s3_endpoint": s3.endpoint_url,
        "s3_bucket": s3.bucket,
        "s3_prefix": s3.prefix,
        "s3_access_key": s3.access_key,
        "s3_secret_key": s3.secret_key,
        "crawl_slots": 1,
    }
    return Archive(Settings(home=Home(home), demo=True, seeds=home / "cards", today=night, **(place | others)))


def run_of(archive: Archive, name: str = "nightly") -> RunRef:
    return RunRef(dag_id="test", run_id=f"{name}/{archive.settings.tonight()}")


def plan(archive: Archive, run: RunRef) -> list[str]:
    return tasks.plan_night(archive, run)


@cache
def clean_workers() -> WorkerPool:
    """Return the worker process of all nights of this process: it takes a second to start."""
    return WorkerPool(1)


def take_steps(archive: Archive, run: RunRef, shards: Iterable[str]) -> None:
    tasks.take_steps(archive, run, shards, clean_workers())


def pass_night(archive: Archive, name: str = "nightly") -> list[PlannedCrawl]:
    """Take the night of *archive* from plan to tables and return its crawls."""
    run = run_of(archive, name)
    with suppress(RunFailedError):  # a test that minds calls judge_run
        take_steps(archive, run, plan(archive, run))
    return read_plan(archive, run).crawls()


def only_crawl(archive: Archive) -> PlannedCrawl:
    (planned,) = read_plan(archive, run_of(archive)).crawls()
    return planned


def manifests(store: Store) -> dict[str, Manifest]:
    return {key: read_manifest(store, key) for key in sorted(list_all_manifests(store))}


def manifest_of(archive: Archive, planned: PlannedCrawl) -> Manifest:
    return read_manifest(archive.store, keys.crawl_manifest(planned.crawl))


def ledger_of(store: Store, manifest: Manifest) -> dict[str, Outcome]:
    """Return the outcomes that a manifest lists, by URL: one each."""
    stored = [one for one in manifest.objects if one.schema_name in LEDGERS]
    outcomes = [o for one in stored for o in read_outcomes(store.read(one.key, sha256=one.sha256, length=one.bytes))]
    found = {outcome.url: outcome for outcome in outcomes}
    assert len(found) == len(outcomes) == manifest.discovered
    return found


def counts_of(manifest: Manifest) -> dict[tuple[str, str, str | None], int]:
    return {(count.purpose, count.state, count.reason): count.urls for count in manifest.counts}


def recorded(store: Store, warcs: Iterable[str] | None = None) -> Counter[str]:
    """Count in how many response and revisit records of the bucket, or of *warcs*, each nonce is (stock warcio)."""
    found: Counter[str] = Counter()
    for key in store.list_keys("warc/") if warcs is None else warcs:
        for record in ArchiveIterator(io.BytesIO(store.read(key))):
            if record.rec_type in ("response", "revisit"):
                found[record.http_headers.get_header("X-Nonce")] += 1
    return found


def served(ledger: Path) -> Counter[str]:
    """Count the responses that the newspapers sent, by nonce."""
    return Counter(one.nonce for one in read_served_log(ledger))


def addresses(rows: Iterable[ServedResponse]) -> list[str]:
    return [f"http://{row.host}{row.path}" for row in rows]


def spooled(archive: Archive) -> list[Path]:
    """Return every file that is left in the spool."""
    return [path for path in archive.settings.home.spool.rglob("*") if path.is_file()]


def unlisted(store: Store) -> set[str]:
    """Return the keys of the bucket's evidence that no manifest lists, and those listed that are not there."""
    there = {key for prefix in EVIDENCE for key in store.list_keys(prefix)}
    listed = {o.key for manifest in manifests(store).values() for o in (*manifest.objects, *manifest.superseded)}
    for key in store.list_keys(keys.TEXT_MANIFESTS):
        cleaning = json.loads(store.read(key))
        listed |= {one["key"] for one in (*cleaning["objects"], cleaning["learned"]) if one}
    return there ^ listed


def rows(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of the catalog."""
    return catalog_rows(archive.settings.catalog_url(), archive.catalog.name)


def parts(store: Store) -> dict[str, bytes]:
    """Return every part of the analyst's tables."""
    return {key: store.read(key) for key in sorted(store.list_keys(DERIVED))}


def check_committed(archive: Archive, origin: Origin, lost: int) -> Manifest:
    """Hold the committed crawl of El Faro to what was written down by hand, and to the origin's own ledger.

    *lost*: how many responses may be in no record, because the process was killed before it acknowledged them.
    """
    manifest = manifest_of(archive, only_crawl(archive))
    assert counts_of(manifest) == NIGHT_1["demo-faro"]
    assert sum(count.urls for count in manifest.counts) == manifest.discovered
    assert len(ledger_of(archive.store, manifest)) == manifest.discovered
    found, sent = recorded(archive.store), served(origin.ledger)
    assert set(found.values()) == set(sent.values()) == {1}
    assert found.keys() <= sent.keys()
    assert len(sent.keys() - found.keys()) <= lost
    assert not unlisted(archive.store)
    assert not open_uploads(read_s3_settings(archive.settings))
    assert not spooled(archive)
    return manifest
