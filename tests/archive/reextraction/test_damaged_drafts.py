"""Extracting again when something is damaged: no document is lost for it, and no other crawl is held up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.reading.lookup import find_closest, read_document
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    find_not_drafted,
    make_drafts,
    read_reextraction_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.extraction.extractor import EXTRACTOR
from storage import keys
from storage.manifests import read_text_manifest
from storage.model.errors import FixityError
from storage.table_reads import read_table
from tests.archive.cleaned import CleanedNight
from tests.archive.copies import CopyOf
from tests.archive.homes import FIRST, clean_workers
from tests.archive.reextraction.aged import CHANGED_BY_OLD, LOST_BY_OLD, OLD, open_aged
from tests.conftest import S3Server, flip_bit

PUBLISH = read_reextraction_request({"publish": True})


def draft(archive: Archive) -> tuple[int, list[str]]:
    """Make drafts, and return how many, and what went wrong."""
    troubles = Troubles()
    made = make_drafts(archive, PUBLISH, clean_workers(), troubles)
    return made, [str(error) for _, error in troubles.found]


def promote(archive: Archive) -> tuple[int, list[str]]:
    troubles = Troubles()
    published = promote_drafts(archive, PUBLISH, troubles)
    return published, [str(error) for _, error in troubles.found]


def test_a_draft_that_lost_a_current_document_is_not_published_until_its_record_reads_again(
    tmp_path: Path, s3_server: S3Server
) -> None:
    with open_aged(tmp_path, s3_server) as aged:
        archive, settings = aged.archive, aged.archive.store._settings
        changed, gained = aged.today[CHANGED_BY_OLD], aged.today[LOST_BY_OLD]
        before = read_document(archive, find_closest(archive, changed.url))
        for document in (changed, gained):
            flip_bit(settings, document.location.key, document.location.offset + 50)
        assert draft(archive) == (1, [])
        published, (refused,) = promote(archive)
        assert published == 0
        assert re.search(f"drafts/text/.*: is not published: 1 current documents would be lost.*{changed.url}", refused)
        assert read_document(archive, find_closest(archive, changed.url)) == before
        assert promote(archive) == (0, [refused]), "nor the next time"

        flip_bit(settings, changed.location.key, changed.location.offset + 50)
        assert draft(archive) == (0, []), "it is added to the draft"
        found = find_differences(archive, PUBLISH, Troubles())
        assert (found.changed, found.lost, found.gained) == (1, 0, 0)
        assert promote(archive) == (1, []), "what nobody had is not lost"
        assert read_document(archive, find_closest(archive, changed.url)).text == changed.text
        texts = {row["url"] for row in read_table(archive.store, "documents", FIRST).select(["url"]).to_pylist()}
        assert texts == {document.url for document in aged.today} - {gained.url}
        key = keys.text_manifest(keys.crawl_manifest(aged.planned.crawl), EXTRACTOR)
        (more,) = archive.store.list_keys(keys.text_mores_of(key))
        assert read_text_manifest(archive.store, more).adds_to == key
        assert promote(archive) == (0, [])


def test_a_damaged_index_holds_up_its_own_crawl_alone_and_is_told_at_the_end(
    nights: list[CleanedNight], copy: CopyOf
) -> None:
    hurt, whole = nights
    archive = copy(hurt, whole)
    for night in nights:
        publish_crawl(archive, night.crawl)
    index = next(key for key in archive.store.list_keys("index/") if hurt.crawl.id in key and key.endswith("cdxj.gz"))
    flip_bit(archive.store._settings, index, 30)
    made, (fault,) = draft(archive)
    assert (made, fault.startswith(index)) == (1, True)
    assert find_differences(archive, PUBLISH, Troubles()).gained == len(whole.documents)
    with pytest.raises(FixityError, match=re.escape(index)):
        tasks.publish_drafts(archive, {"publish": True})
    assert [key for key in archive.store.list_keys("manifests/text/") if whole.crawl.id in key]
    assert len(read_table(archive.store, "documents", whole.crawl.night)) == len(whole.documents)
    troubles = Troubles()
    find_not_drafted(archive, PUBLISH, troubles)
    assert [name for name, _ in troubles.found] == [hurt.crawl.id]


def test_cleaning_with_another_extractor_loses_no_document_to_a_damaged_record(
    tmp_path: Path, s3_server: S3Server
) -> None:
    with open_aged(tmp_path, s3_server) as aged:
        archive, crawl = aged.archive, aged.planned.crawl
        where, texts = aged.today[CHANGED_BY_OLD].location, sorted(archive.store.list_keys("manifests/text/"))
        flip_bit(archive.store._settings, where.key, where.offset + 50)
        (current,) = clean_crawl(archive, crawl, clean_workers())
        assert (current.extractor, sorted(archive.store.list_keys("manifests/text/"))) == (OLD, texts)
        flip_bit(archive.store._settings, where.key, where.offset + 50)
        (current,) = clean_crawl(archive, crawl, clean_workers())
        assert (current.extractor.id, current.documents) == (EXTRACTOR.id, len(aged.today))
