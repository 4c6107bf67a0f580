"""Cleaning a crawl again, twice at once, and when what it archived is damaged or gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.plan import Plan
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.model.errors import FixityError
from tests.archive.cleaned import CleanedNight, by_place
from tests.archive.copies import CopyOf, Overtaken, clean_copy
from tests.archive.homes import FIRST, run_of


def test_cleaning_again_is_the_same_one_manifest(nights: list[CleanedNight], workers: WorkerPool) -> None:
    night = nights[0]
    before = sorted(night.archive.store.list_keys(""))
    assert clean_crawl(night.archive, night.crawl, workers) == [night.cleaning]
    assert sorted(night.archive.store.list_keys("")) == before


def test_two_cleanings_at_once_give_the_same_texts_and_one_manifest(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    night = nights[1]
    archive = copy(night)
    ours = Overtaken(workers, lambda: clean_crawl(archive, night.crawl, workers))
    cleaning = clean_copy(archive, night, ours)
    assert len(list(archive.store.list_keys("documents/"))) == 2
    assert len(list(archive.store.list_keys("manifests/text/"))) == 1
    assert ours.first == [cleaning]
    assert cleaning.documents == len(night.documents)


def test_a_damaged_record_is_not_cleaned_and_its_siblings_are(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    night = nights[1]
    hurt = by_place(night)[7]
    where = hurt.location

    def flip(key: str, content: bytes) -> bytes:
        middle = where.offset + where.length // 2
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :] if key == where.key else content

    cleaning = clean_copy(copy(night, change=flip), night, workers)
    [refused] = cleaning.not_cleaned
    assert (refused.record_id, refused.url, refused.reason) == (hurt.record_id, hurt.target_uri, "fixity")
    assert refused.detail and f"the {where.length} bytes at {where.offset}" in refused.detail
    assert cleaning.documents == len(night.documents) - 1


def test_of_a_file_that_was_cut_what_is_left_is_cleaned(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    night = nights[1]
    lost = by_place(night)[-3:]
    first = lost[0].location

    def cut(key: str, content: bytes) -> bytes:
        return content[: first.offset + 10] if key == first.key else content

    cleaning = clean_copy(copy(night, change=cut), night, workers)
    assert {one.record_id for one in cleaning.not_cleaned} == {capture.record_id for capture in lost}
    assert {one.reason for one in cleaning.not_cleaned} == {"fixity"}
    assert cleaning.documents == len(night.documents) - 3


def test_of_a_file_that_is_gone_every_article_is_listed(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    night = nights[1]
    key = by_place(night)[0].location.key
    cleaning = clean_copy(copy(night, change=lambda of, content: None if of == key else content), night, workers)
    assert {one.url for one in cleaning.not_cleaned} == set(night.documents)
    assert {(one.reason, one.detail) for one in cleaning.not_cleaned} == {("fixity", f"{key}: is missing")}
    assert (cleaning.documents, cleaning.objects) == (0, ())


@pytest.mark.parametrize("change", [lambda content: content[:-9], lambda content: None], ids=["cut", "gone"])
def test_a_crawl_whose_index_is_damaged_is_an_error_and_its_siblings_are_cleaned(
    nights: list[CleanedNight], copy: CopyOf, change: Callable[[bytes], bytes | None]
) -> None:
    hurt, whole = nights
    indexes = {capture.location.key: keys.cdxj_beside(capture.location.key) for capture in hurt.captures}
    archive = copy(*nights, change=lambda key, content: change(content) if key in indexes.values() else content)
    run = run_of(archive)
    plan = Plan(run=run, night=FIRST, shards=((hurt.planned, whole.planned),))
    archive.coordination.save_plan(run.key, plan.model_dump_json(), [])
    with pytest.raises(FixityError, match="cdxj"):
        tasks.clean_shard(archive, f"{run.key}#000")
    cleaned = keys.text_manifest(keys.crawl_manifest(whole.crawl), EXTRACTOR)
    assert list(archive.store.list_keys("manifests/text/")) == [cleaned]
