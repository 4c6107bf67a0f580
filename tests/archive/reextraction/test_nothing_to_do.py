"""Extracting again when nothing is left to do costs listings alone, and a publication that dies is gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    find_not_drafted,
    make_drafts,
    read_reextraction_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.manifests import list_all_text_manifests
from storage.table_reads import read_table
from tests.archive.asked import Asked, asking
from tests.archive.cleaned import CleanedNight
from tests.archive.copies import CopyOf
from tests.archive.dying import Died, dying
from tests.archive.homes import FIRST, clean_workers
from tests.archive.reextraction.aged import Aged, open_aged
from tests.conftest import S3Server, flip_bit

PUBLISH = read_reextraction_request({"publish": True})


@pytest.fixture
def aged(tmp_path: Path, s3_server: S3Server) -> Iterator[Aged]:
    with open_aged(tmp_path, s3_server) as aged:
        yield aged


def extract_again(archive: Archive) -> tuple[int, int]:
    """Draft and publish, and return how many crawls were drafted and published."""
    troubles = Troubles()
    made = make_drafts(archive, PUBLISH, clean_workers(), troubles)
    find_differences(archive, PUBLISH, troubles)
    published = promote_drafts(archive, PUBLISH, troubles)
    find_not_drafted(archive, PUBLISH, troubles)
    assert troubles.found == []
    return made, published


def ask_again(archive: Archive) -> Asked:
    with asking(archive.store) as asked:
        assert extract_again(archive) == (0, 0)
    return asked


def change_card(aged: Aged) -> None:
    (path,) = (aged.archive.settings.home.path / "cards").glob("*.yaml")
    path.write_text(path.read_text().removesuffix("}") + ', "text": {"drop": [".nowhere"]}}')


def test_nothing_to_do_is_told_by_listings_alone(aged: Aged) -> None:
    assert extract_again(aged.archive) == (1, 1)
    asked = ask_again(aged.archive)
    assert asked.requests.keys() == {"ListObjectsV2"}
    assert asked.requests.total() < 15
    one = read_reextraction_request({"sources": ["demo-faro"]})
    with asking(aged.archive.store) as asked, WorkerPool(1) as workers:
        assert make_drafts(aged.archive, one, workers, Troubles()) == 0
    assert asked.requests.keys() == {"ListObjectsV2"}, "what is done of all is done of one"
    assert ask_again(aged.archive).requests.keys() == {"ListObjectsV2"}


def test_a_cleaning_by_an_extractor_that_another_night_has_shown_to_be_today_s_is_not_read(
    nights: list[CleanedNight], copy: CopyOf
) -> None:
    archive = copy(*nights)
    for night in nights:
        clean_crawl(archive, night.crawl, clean_workers())
        publish_crawl(archive, night.crawl)
    with asking(archive.store) as asked:
        assert make_drafts(archive, PUBLISH, clean_workers(), Troubles()) == 0
    assert asked.requests["GetObject"] == 2, "the manifest and the cleaning of the first night"
    assert len(archive.coordination.read_notes("drafted/")) == 2


def test_a_night_that_was_looked_at_for_one_newspaper_is_not_done_for_all(aged: Aged) -> None:
    one = read_reextraction_request({"sources": ["demo-faro"]})
    assert make_drafts(aged.archive, one, clean_workers(), Troubles()) == 1
    with asking(aged.archive.store) as asked:
        find_not_drafted(aged.archive, one, Troubles())
    assert asked.requests["GetObject"]


def test_what_changed_is_extracted_again_all_the_same(aged: Aged) -> None:
    assert extract_again(aged.archive) == (1, 1)
    change_card(aged)
    assert extract_again(aged.archive) == (1, 1), "its card says otherwise"
    assert ask_again(aged.archive).requests.keys() == {"ListObjectsV2"}
    (crawl,) = aged.archive.store.list_keys("manifests/crawl/")
    aged.archive.store.put_new(crawl.replace(".json", "-late-00000000.json"), b"{}", schema="manifest/1")
    assert make_drafts(aged.archive, PUBLISH, clean_workers(), Troubles()) == 0
    with asking(aged.archive.store) as asked:
        find_not_drafted(aged.archive, PUBLISH, Troubles())
    assert asked.requests["GetObject"], "a manifest that is damaged may read again"


def test_a_draft_that_lost_pages_is_looked_at_each_time(aged: Aged) -> None:
    where = aged.today[0].location
    flip_bit(aged.archive.store._settings, where.key, where.offset + 50)
    assert make_drafts(aged.archive, PUBLISH, clean_workers(), Troubles()) == 1
    flip_bit(aged.archive.store._settings, where.key, where.offset + 50)
    assert make_drafts(aged.archive, PUBLISH, clean_workers(), Troubles()) == 0
    assert len(list(aged.archive.store.list_keys("drafts/text/"))) == 2, "the page that reads again is added"


@pytest.mark.parametrize("answered", [False, True])
def test_a_publication_that_dies_at_any_put_is_gone_on_with(aged: Aged, answered: bool) -> None:
    where = aged.today[0].location
    flip_bit(aged.archive.store._settings, where.key, where.offset + 50)
    make_drafts(aged.archive, PUBLISH, clean_workers(), Troubles())
    flip_bit(aged.archive.store._settings, where.key, where.offset + 50)
    make_drafts(aged.archive, PUBLISH, clean_workers(), Troubles())
    for number in count():
        with suppress(Died), dying(aged.archive.store, number, answered):
            promote_drafts(aged.archive, PUBLISH, Troubles())
            break
    assert number == 3 - answered, "the draft, what adds to it, and two tables"
    texts = list(list_all_text_manifests(aged.archive.store))
    assert len(texts) == 3
    assert aged.archive.catalog.find_published(texts) == set(texts)
    found = read_table(aged.archive.store, "documents", FIRST)["text"].to_pylist()
    assert sorted(found) == sorted(document.text for document in aged.today)
    assert aged.archive.coordination.read_notes("promoting/") == {}
