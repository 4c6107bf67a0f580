"""Green means whole: a night that lacks something is red and says what, and a later run heals what it can."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.publishing.healing import read_healed
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.unhealed import read_unhealed
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.errors import StorageError
from tests.archive.homes import FIRST, open_home, run_of, take_steps
from tests.archive.two_papers import ARTICLES, ONE, TEXTS, TWO, BucketOf


def test_a_night_that_was_never_cleaned_is_red_and_the_same_night_again_heals_it_and_says_so(
    bucket_of: BucketOf,
) -> None:
    night = bucket_of(*TEXTS)
    assert night.run("first", without=("clean",)) == "aa-one: its crawl is committed but not cleaned"
    assert night.documents() == ["bb-two"] * ARTICLES
    assert read_unhealed(night.archive, FIRST) == {ONE: "aa-one: its crawl is committed but not cleaned"}
    again = run_of(night.archive, "again")
    take_steps(night.archive, again, tasks.plan_night(night.archive, again))
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    assert tasks.build_tables(night.archive, again)["healed"] == [ONE]
    assert read_healed(night.archive, again) == ONE
    assert read_unhealed(night.archive, FIRST) == {}


def test_what_was_never_published_is_red_and_healed_by_the_same_night(bucket_of: BucketOf) -> None:
    night = bucket_of()
    assert night.run("first", without=("publish", "tables")) == "; ".join(
        f"{name}: its {what} is committed but not published"
        for name in ("aa-one", "bb-two")
        for what in ("crawl", "cleaning")
    )
    assert night.run("again") == ""
    assert len(night.archive.catalog.find_crawls(FIRST)) == 2


def test_tables_that_were_never_written_are_red_and_written_by_the_same_night(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first", without=("tables",)) == "the tables of 2026-03-01 are not up to date"
    assert night.run("again") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_what_another_run_commits_meanwhile_does_not_redden_this_one(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first") == ""
    by_hand = "cc-three-20260301T100000Z-manual-0badcafe"
    night.archive.store.put_new(f"manifests/crawl/2026/03/01/{by_hand}.json", b"{}", schema="manifest/1")
    assert night.judge(run_of(night.archive, "first")) == ""
    assert read_unhealed(night.archive, FIRST) == {}
    for key in list(night.archive.store.list_keys("tables/ledger")):
        night.archive.store.put_derived(key, b"", schema="ledger/2")
    assert night.judge(run_of(night.archive, "first")) == "the tables of 2026-03-01 are not up to date"


def test_a_later_night_heals_the_last_seven_and_says_so(bucket_of: BucketOf) -> None:
    first = bucket_of(*TEXTS)
    first.run("first", without=("clean", "publish", "tables"))
    for days, healed in ((8, []), (7, [ONE, TWO, "tables of 2026-03-01"]), (1, [])):
        night = FIRST + timedelta(days=days)
        s3 = read_s3_settings(first.archive.settings)
        with open_home(first.archive.settings.home.path, s3, night) as archive:
            run = run_of(archive, "later")
            assert tasks.plan_night(archive, run, only=["aa-one"])
            assert tasks.build_tables(archive, run)["healed"] == healed
            assert (read_unhealed(archive, FIRST) == {}) == (days < 8)
    assert first.judge(run_of(first.archive, "first")) == ""


def test_tables_of_the_same_manifests_are_not_written_again(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first") == ""
    assert not update_night_tables(night.archive, FIRST)
    night.archive.store.put_new("manifests/crawl/2026/03/01/cc-three-20260301-nightly.json", b"{}", schema="manifest/1")
    assert update_night_tables(night.archive, FIRST)


def test_a_run_in_this_process_goes_on_after_a_step_that_failed(
    bucket_of: BucketOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = bucket_of("tables/")
    tried: list[str] = []

    def failing(_: Archive, shard: str, workers: WorkerPool) -> None:
        tried.append(shard)
        raise StorageError("away")

    monkeypatch.setitem(tasks.SHARD_WORK, "clean", failing)
    run = run_of(night.archive, "first")
    shards = tasks.plan_night(night.archive, run)
    take_steps(night.archive, run, shards)
    assert tried == [shard for shard in shards for _ in range(tasks.MOST_TRIES)]
    assert len(night.archive.catalog.find_crawls(FIRST)) == 2
