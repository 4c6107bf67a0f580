"""Cleaning a crawl again, twice at once, and when what it archived is damaged or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.plan import Plan
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.manifests import read_manifest
from storage.model.document import TextManifest
from storage.model.errors import FixityError
from tests.archive.cleaned import CleanedNight, by_place, documents_of
from tests.archive.homes import FIRST, demo_card, make_home, open_home, run_of
from tests.conftest import S3Server, s3_client

_numbers = count(1)


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(2) as workers:
        yield workers


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
    ours = _Overtaken(workers, lambda: clean_crawl(archive, night.crawl, workers))
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
    assert {(one.reason, one.detail) for one in cleaning.not_cleaned} == {("fixity", f"{key}: is gone")}
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
    archive.coordination.save_plan(run.key, plan.model_dump_json())
    with pytest.raises(FixityError, match="cdxj"):
        tasks.clean_shard(archive, f"{run.key}#000")
    cleaned = keys.text_manifest(keys.crawl_manifest(whole.crawl), EXTRACTOR)
    assert list(archive.store.list_keys("manifests/text/")) == [cleaned]


Change = Callable[[str, bytes], bytes | None]
CopyOf = Callable[..., Archive]


@pytest.fixture
def copy(s3_server: S3Server, tmp_path: Path) -> CopyOf:
    """Copy a night's evidence without its cleaning into an archive of its own, each object as *change* has it."""

    def make(*nights: CleanedNight, change: Change = lambda key, content: content) -> Archive:
        s3 = s3_server.new_prefix()
        client = s3_client(s3)
        for night in nights:
            manifest = keys.crawl_manifest(night.crawl)
            objects = read_manifest(night.archive.store, manifest).objects
            for key in [manifest, *(stored.key for stored in objects)]:
                content = change(key, night.archive.store.read(key))
                if content is not None:
                    client.put_object(Bucket=s3.bucket, Key=s3.prefix + key, Body=content)
        return open_home(make_home(tmp_path / f"copy-{next(_numbers)}", demo_card("anzeiger")), s3)

    return make


def clean_copy(archive: Archive, night: CleanedNight, workers: WorkerPool | _Overtaken) -> TextManifest:
    """Clean a copy of *night*: every document that comes of it has the text that *night*'s has."""
    (cleaning,) = clean_crawl(archive, night.crawl, workers)  # type: ignore[arg-type] # map is all it calls
    for url, document in documents_of(archive.store, cleaning).items():
        assert document.text_digest == night.documents[url].text_digest
    return cleaning


class _Overtaken:
    """WorkerPool; between their last page and the commit another cleaning of the same crawl comes first."""

    def __init__(self, workers: WorkerPool, other: Callable[[], list[TextManifest]]) -> None:
        self.first: list[TextManifest] = []
        self._workers = workers
        self._other = other

    def map(self, jobs: Any) -> Iterator[Any]:
        yield from self._workers.map(jobs)
        self.first = self._other()
