"""An archive that an older extractor has cleaned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import commit_cleaning, make_cleaning
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.demo import Newspapers
from storage import keys
from storage.documents import read_documents, write_documents
from storage.model.document import Document, Extractor, TextManifest, text_digest
from tests.archive.homes import FIRST, clean_workers, demo_card, make_home, open_home, plan, run_of
from tests.archive.homes import only_crawl as only
from tests.conftest import S3Server

OLD = Extractor(name="trafilatura", version="1.0", settings_digest="0" * 64)
LOST_BY_OLD, CHANGED_BY_OLD = 0, 1
"""Rows of today's documents: one that the older extractor missed, and one that it read otherwise."""


class Aged(NamedTuple):
    """An archive whose one crawl an older extractor has cleaned; what today's makes of it, by URL."""

    archive: Archive
    planned: PlannedCrawl
    today: list[Document]


@contextmanager
def open_aged(place: Path, s3_server: S3Server) -> Iterator[Aged]:
    home = make_home(place / "home", demo_card("faro", nightly_budget=6))
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3_server.new_prefix(), connect_to=newspapers.connect_to)
        run = run_of(archive)
        (shard,) = plan(archive, run)
        tasks.crawl_shard(archive, shard, last_try=False)
    planned = only(archive)
    made = make_cleaning(archive, keys.crawl_manifest(planned.crawl), clean_workers())
    today = documents_of_manifest(archive, made)
    _commit_old(archive, planned, made, today)
    tasks.publish_shard(archive, shard)
    tasks.build_tables(archive, run)
    yield Aged(archive, planned, today)
    archive.close()


def documents_of_manifest(archive: Archive, manifest: TextManifest) -> list[Document]:
    return [one for stored in manifest.objects for one in read_documents(archive.store.read(stored.key))]


def _commit_old(archive: Archive, planned: PlannedCrawl, made: TextManifest, today: list[Document]) -> None:
    """Commit the cleaning of a release that lost one document, and left a line of boilerplate in another."""
    longer = f"{today[CHANGED_BY_OLD].text}\nSubscribe to our letter"
    changes = {CHANGED_BY_OLD: {"text": longer, "text_digest": text_digest(longer)}}
    old = [
        document.replace(extractor=OLD, **changes.get(row, {}))
        for row, document in enumerate(today)
        if row != LOST_BY_OLD
    ]
    content = write_documents(old)
    key = keys.documents(planned.crawl, OLD, "0" * 8)
    sha256 = archive.store.put_new(key, content, schema="document/1")
    (stored,) = made.objects
    objects = (stored.replace(key=key, bytes=len(content), sha256=sha256, records=len(old)),)
    manifest = made.replace(extractor=OLD, objects=objects, documents=len(old))
    commit_cleaning(archive, keys.text_manifest(keys.crawl_manifest(planned.crawl), OLD), manifest)
