"""Items as a crawl process leaves them in its attempt, and as the archive gives them back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.commit import read_outcomes
from hemeroteca.archive.reading.kept_items import read_kept_items
from spiders.job import AttemptNote
from storage.items import ITEMS
from storage.model.crawl import StoredObject
from storage.model.outcome import Outcome
from tests.archive.dying import Died, dying
from tests.archive.homes import manifests
from tests.archive.running_crawl import acknowledged, directory_of

TRY = "try"
"""Field of these items: which try has scraped it."""


def scrape(directory: Path, outcomes: Iterable[Outcome], which: str) -> None:
    """Write one item for each page into the attempt at *directory*, as its spider would."""
    scrape_fields(directory, ((one, {TRY: which}) for one in outcomes))


def scrape_fields(directory: Path, items: Iterable[tuple[Outcome, Mapping[str, Any]]]) -> None:
    """Write an item with these fields for each page into the attempt at *directory*."""
    with (directory / "items.jsonl").open("a") as file:
        for one, fields in items:
            line = {"url": one.url, "record_id": one.record_id, "spider": "faro", "item": fields}
            file.write(json.dumps(line) + "\n")


def pages(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes of pages that a spider would scrape: articles and sections that came."""
    return [
        one for one in outcomes if one.purpose in ("article", "section") and one.status == 200 and one.state != "failed"
    ]


def scrape_killed(archive: Archive, note: AttemptNote, copy: Path, which: str = "killed") -> list[Outcome]:
    """Write items into an attempt that was killed, and return the pages that they are of."""
    copy.mkdir()
    found = pages(acknowledged(archive, note, copy).values())
    scrape(directory_of(archive, note), found, which)
    return found


def crawl_to_commit(archive: Archive, shard: str) -> Path:
    """Crawl *shard* to its end, die before anything is put, and return the attempt that is to be committed."""
    with pytest.raises(Died), dying(archive.store, 0, answered=False):
        tasks.crawl_shard(archive, shard, last_try=False)
    (ended,) = archive.settings.home.spool.glob("*/*/ended.json")
    return ended.parent


def scrape_ended(directory: Path, which: str = "ended") -> list[Outcome]:
    """Write items into an attempt that has ended, of what it has fetched itself, and return the pages."""
    adopted = {one.record_id for one in read_outcomes(directory, "adopted.jsonl")}
    found = [one for one in pages(read_outcomes(directory)) if one.record_id not in adopted]
    scrape(directory, found, which)
    return found


def tried(archive: Archive) -> dict[tuple[str, str], str]:
    """Return the try that has scraped each page, by URL and record id: one item each."""
    found = [((one.url or "", one.record_id or ""), str(one.item[TRY])) for one in read_kept_items(archive)]
    assert len(dict(found)) == len(found)
    return dict(found)


def listed_items(archive: Archive) -> list[StoredObject]:
    found = manifests(archive.store).values()
    return [stored for manifest in found for stored in archive.holdings.find_objects(manifest, ITEMS)]


def names(outcomes: Iterable[Outcome], which: str) -> dict[tuple[str, str], str]:
    """Return what ``tried`` gives for items of these pages by one try."""
    return {(one.url, one.record_id or ""): which for one in outcomes}
