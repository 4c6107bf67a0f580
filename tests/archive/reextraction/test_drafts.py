"""Extracting again: drafted, compared, and current only when somebody says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import commit_cleaning, make_cleaning
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest, read_document
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    make_drafts,
    promote_drafts,
    read_reextraction_request,
    split_request,
)
from hemeroteca.demo import Newspapers
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.documents import read_documents, write_documents
from storage.manifests import read_text_manifest
from storage.model.document import Document, Extractor, TextManifest, text_digest
from storage.model.errors import NotArchivedError, SeedError
from storage.night_tables import read_table
from tests.archive.homes import FIRST, demo_card, make_home, open_home, parts, plan, rows, run_of
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
def _aged(place: Path, s3_server: S3Server) -> Iterator[Aged]:
    home = make_home(place / "home", demo_card("faro", nightly_budget=6))
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3_server.new_prefix(), connect_to=newspapers.connect_to)
        run = run_of(archive)
        (shard,) = plan(archive, run)
        tasks.crawl_shard(archive, shard, last_try=False)
    planned = only(archive)
    with WorkerPool(2) as workers:
        made = make_cleaning(archive, keys.crawl_manifest(planned.crawl), workers)
    today = _documents(archive, made)
    _commit_old(archive, planned, made, today)
    tasks.publish_shard(archive, shard)
    tasks.build_tables(archive, run)
    yield Aged(archive, planned, today)
    archive.close()


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Aged]:
    """One archive for the story that these tests tell in their order: drafted, then published."""
    with _aged(tmp_path_factory.mktemp("aged"), s3_server) as aged:
        yield aged


def _documents(archive: Archive, manifest: TextManifest) -> list[Document]:
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


def _draft(archive: Archive, **form: object) -> int:
    with WorkerPool(2) as workers:
        return make_drafts(archive, read_reextraction_request(form), workers)


def test_a_draft_says_what_would_change_and_changes_nothing(aged: Aged) -> None:
    archive = aged.archive
    before = rows(archive), parts(archive.store)
    assert _draft(archive) == 1
    found = find_differences(archive, read_reextraction_request({}))
    assert (found.crawls, found.gained, found.lost, found.changed) == (1, 1, 0, 1)
    assert found.unchanged == len(aged.today) - 2
    assert found.fields == {"text": 1}
    gained, changed = found.biggest
    assert (gained.change, gained.url) == ("gained", aged.today[LOST_BY_OLD].url)
    assert (changed.url, changed.removed) == (aged.today[CHANGED_BY_OLD].url, ("Subscribe to our letter",))
    assert promote_drafts(archive, read_reextraction_request({})) == 0
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before


def test_what_is_drafted_is_not_extracted_twice(aged: Aged) -> None:
    objects = sorted(aged.archive.store.list_keys("documents/"))
    assert _draft(aged.archive) == 0
    assert sorted(aged.archive.store.list_keys("documents/")) == objects


def test_other_newspapers_and_nights_are_left_alone(aged: Aged) -> None:
    with pytest.raises(NotArchivedError):
        split_request(aged.archive, read_reextraction_request({"sources": ["demo-courier"]}))
    with pytest.raises(NotArchivedError):
        split_request(aged.archive, read_reextraction_request({"since": "2026-03-02"}))
    assert _draft(aged.archive, until="2026-02-28") == 0
    (span,) = split_request(aged.archive, read_reextraction_request({"publish": True}))
    assert (span.since, span.until, span.publish) == (FIRST, FIRST, True)


def test_published_documents_are_current_and_the_old_ones_stay(aged: Aged) -> None:
    archive, crawl = aged.archive, aged.planned.crawl
    asked = read_reextraction_request(
        {"publish": True, "since": str(FIRST), "until": str(FIRST), "sources": ["demo-faro"]}
    )
    assert promote_drafts(archive, asked) == 1
    manifest = read_text_manifest(archive.store, keys.text_manifest(keys.crawl_manifest(crawl), EXTRACTOR))
    assert manifest.supersedes == keys.text_manifest(keys.crawl_manifest(crawl), OLD)
    table = read_table(archive.store, "documents", FIRST).select(["url", "text"]).to_pylist()
    assert {row["url"]: row["text"] for row in table} == {document.url: document.text for document in aged.today}
    changed = aged.today[CHANGED_BY_OLD]
    assert read_document(archive, find_closest(archive, changed.url)).text == changed.text
    old = read_text_manifest(archive.store, keys.text_manifest(keys.crawl_manifest(crawl), OLD))
    assert len(_documents(archive, old)) == len(aged.today) - 1


def test_publishing_twice_changes_nothing_and_rebuild_gives_the_same(aged: Aged) -> None:
    archive = aged.archive
    asked = read_reextraction_request({"publish": True})
    before = rows(archive), parts(archive.store)
    assert _draft(archive) == 0
    assert find_differences(archive, asked).crawls == 0
    assert promote_drafts(archive, asked) == 0
    assert (rows(archive), parts(archive.store)) == before
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before


def test_a_publication_that_broke_off_is_finished_by_the_next(tmp_path: Path, s3_server: S3Server) -> None:
    with _aged(tmp_path, s3_server) as aged:
        archive, crawl = aged.archive, aged.planned.crawl
        _draft(archive)
        crawl_manifest = keys.crawl_manifest(crawl)
        drafted = read_text_manifest(archive.store, keys.text_draft(crawl_manifest, EXTRACTOR))
        # and killed before it was applied
        commit_cleaning(archive, keys.text_manifest(crawl_manifest, EXTRACTOR), drafted)
        promote_drafts(archive, read_reextraction_request({"publish": True}))
        texts = read_table(archive.store, "documents", FIRST)["text"].to_pylist()
        assert sorted(texts) == sorted(document.text for document in aged.today)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"since": "yesterday"}, "request: since: "),
        ({"sources": ["Faro!"]}, "request: sources.0: "),
        ({"night": "2026-03-01"}, "request: night: "),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "request: since: 2026-03-02: is after 2026-03-01"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(form: dict[str, object], said: str) -> None:
    with pytest.raises(SeedError, match=said):
        read_reextraction_request(form)


def test_the_same_pages_give_the_same_documents_whatever_the_workers(aged: Aged) -> None:
    """Each worker has a hash seed of its own."""
    with WorkerPool(1) as workers:
        again = _documents(aged.archive, make_cleaning(aged.archive, keys.crawl_manifest(aged.planned.crawl), workers))
    made = {"extracted_at"}
    assert [json.loads(one.model_dump_json(exclude=made)) for one in again] == [
        json.loads(one.model_dump_json(exclude=made)) for one in aged.today
    ]
