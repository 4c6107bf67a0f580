"""Extracting again: drafted, compared, and current only when somebody says so."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import make_cleaning
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest, read_document
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    make_drafts,
    read_reextraction_request,
    split_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.extraction.extractor import EXTRACTOR
from storage import keys
from storage.manifests import read_text_manifest
from storage.model.errors import NotArchivedError, SeedError
from storage.table_reads import read_table
from tests.archive.homes import FIRST, clean_workers, parts, rows
from tests.archive.reextraction.aged import CHANGED_BY_OLD, LOST_BY_OLD, OLD, Aged, documents_of_manifest, open_aged
from tests.conftest import S3Server


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Aged]:
    """One archive, of which one test drafts and publishes; the others do not ask whether it has done so."""
    with open_aged(tmp_path_factory.mktemp("aged"), s3_server) as aged:
        yield aged


def _draft(archive: Archive, **form: object) -> int:
    return make_drafts(archive, read_reextraction_request(form), clean_workers(), Troubles())


def test_a_draft_is_told_and_changes_nothing_until_it_is_published(aged: Aged) -> None:
    _expect_a_draft_to_change_nothing(aged)
    _expect_no_second_extraction(aged)
    _expect_the_published_to_be_current(aged)
    _expect_no_second_publishing(aged)


def _expect_a_draft_to_change_nothing(aged: Aged) -> None:
    archive = aged.archive
    before = rows(archive), parts(archive.store)
    assert _draft(archive) == 1
    found = find_differences(archive, read_reextraction_request({}), Troubles())
    assert (found.crawls, found.gained, found.lost, found.changed) == (1, 1, 0, 1)
    assert found.unchanged == len(aged.today) - 2
    assert found.fields == {"text": 1}
    gained, changed = found.biggest
    assert (gained.change, gained.url) == ("gained", aged.today[LOST_BY_OLD].url)
    assert (changed.url, changed.removed) == (aged.today[CHANGED_BY_OLD].url, ("Subscribe to our letter",))
    assert promote_drafts(archive, read_reextraction_request({}), Troubles()) == 0
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before


def _expect_no_second_extraction(aged: Aged) -> None:
    objects = sorted(aged.archive.store.list_keys("documents/"))
    assert _draft(aged.archive) == 0
    assert sorted(aged.archive.store.list_keys("documents/")) == objects


def _expect_the_published_to_be_current(aged: Aged) -> None:
    archive, crawl = aged.archive, aged.planned.crawl
    asked = read_reextraction_request(
        {"publish": True, "since": str(FIRST), "until": str(FIRST), "sources": ["demo-faro"]}
    )
    assert promote_drafts(archive, asked, Troubles()) == 1
    manifest = read_text_manifest(archive.store, keys.text_manifest(keys.crawl_manifest(crawl), EXTRACTOR))
    assert manifest.supersedes == keys.text_manifest(keys.crawl_manifest(crawl), OLD)
    table = read_table(archive.store, "documents", FIRST).select(["url", "text"]).to_pylist()
    assert {row["url"]: row["text"] for row in table} == {document.url: document.text for document in aged.today}
    changed = aged.today[CHANGED_BY_OLD]
    assert read_document(archive, find_closest(archive, changed.url)).text == changed.text
    old = read_text_manifest(archive.store, keys.text_manifest(keys.crawl_manifest(crawl), OLD))
    assert len(documents_of_manifest(archive, old)) == len(aged.today) - 1


def _expect_no_second_publishing(aged: Aged) -> None:
    archive = aged.archive
    asked = read_reextraction_request({"publish": True})
    before = rows(archive), parts(archive.store)
    assert _draft(archive) == 0
    assert find_differences(archive, asked, Troubles()).crawls == 0
    assert promote_drafts(archive, asked, Troubles()) == 0
    assert (rows(archive), parts(archive.store)) == before
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before


def test_other_newspapers_and_nights_are_left_alone(aged: Aged) -> None:
    with pytest.raises(NotArchivedError):
        split_request(aged.archive, read_reextraction_request({"sources": ["demo-courier"]}))
    with pytest.raises(NotArchivedError):
        split_request(aged.archive, read_reextraction_request({"since": "2026-03-02"}))
    assert _draft(aged.archive, until="2026-02-28") == 0
    (span,) = split_request(aged.archive, read_reextraction_request({"publish": True}))
    assert (span.since, span.until, span.publish) == (FIRST, FIRST, True)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"since": "yesterday"}, r"^From \(--from\): must be a date such as 2026-03-01, not 'yesterday'$"),
        ({"sources": ["Faro!"]}, r"^Sources \(--source\), entry 1: must be lower-case letters"),
        ({"night": "2026-03-01"}, "^night: no such field"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "the first night, 2026-03-02, is after the last, 2026-03-01"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(form: dict[str, object], said: str) -> None:
    with pytest.raises(SeedError, match=said):
        read_reextraction_request(form)


def test_the_same_pages_give_the_same_documents_whatever_the_workers(aged: Aged) -> None:
    """Each worker has a hash seed of its own."""
    again = documents_of_manifest(
        aged.archive, make_cleaning(aged.archive, keys.crawl_manifest(aged.planned.crawl), clean_workers())
    )
    made = {"extracted_at"}
    assert [json.loads(one.model_dump_json(exclude=made)) for one in again] == [
        json.loads(one.model_dump_json(exclude=made)) for one in aged.today
    ]
