"""Damage to one newspaper stays with it: it is named, its siblings are whole, and it heals once it reads again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import read_s3_settings
from hemeroteca.archive.crawling.late import read_marks
from hemeroteca.archive.crawling.plan import read_plan
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.healing import heal_nights
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.tables import update_night_tables
from storage import keys
from storage.model.errors import StorageError
from storage.table_reads import read_table
from tests.archive.faulty import not_giving
from tests.archive.homes import FIRST, open_home, run_of
from tests.archive.two_papers import ARTICLES, ONE, TEXTS, BucketOf
from tests.conftest import flip_bit, replace_object


def test_of_two_newspapers_with_one_damaged_index_the_other_is_whole_and_the_key_is_named(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    index = night.key("aa-one", ".cdxj.gz")
    night.flip(index)
    why = night.run("first")
    assert re.fullmatch(rf"aa-one: its crawl is committed but not cleaned: {re.escape(index)}: .*SHA-256.*", why)
    assert night.documents() == ["bb-two"] * ARTICLES
    assert [row.source_id for row in night.archive.catalog.find_crawls(FIRST)] == ["bb-two"]
    night.mend(index)
    assert night.run("again") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_rows_that_read_again_are_not_kept_out_by_others_that_the_store_does_not_give(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    first, second = night.key("ledger/", "aa-one"), night.key("ledger/", "bb-two")
    night.flip(first)
    night.flip(second)
    night.run("first")
    with not_giving(night.archive.store, first.replace("=", "%3D"), 403), pytest.raises(StorageError):
        update_night_tables(night.archive, FIRST)
    night.mend(second)
    with not_giving(night.archive.store, first.replace("=", "%3D"), 403), pytest.raises(StorageError):
        update_night_tables(night.archive, FIRST)
    assert set(read_table(night.archive.store, "ledger", FIRST)["source_id"].to_pylist()) == {"bb-two"}


@pytest.mark.parametrize("words", [("ledger/", "aa-one"), ("documents/", "aa-one")])
def test_a_damaged_object_is_left_out_of_the_tables_until_it_reads_again(
    bucket_of: BucketOf, words: tuple[str, ...]
) -> None:
    night = bucket_of("tables/")
    hurt = night.key(*words)
    night.flip(hurt)
    why = night.run("first")
    assert hurt in why and "bb-two" not in why and "tables of" not in why.replace("in the tables of", "")
    sources = read_table(night.archive.store, "ledger", FIRST)["source_id"].to_pylist()
    assert set(sources) == ({"bb-two"} if hurt.startswith("ledger") else {"aa-one", "bb-two"})
    assert not update_night_tables(night.archive, FIRST), "there is no more to be read"
    night.mend(hurt)
    assert night.run("again") == ""
    assert not update_night_tables(night.archive, FIRST)
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_a_damaged_text_manifest_is_replaced_by_the_same_run(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    hurt = night.key("manifests/text", "aa-one")
    night.flip(hurt)
    assert night.run("first") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    (again,) = night.archive.store.list_keys(keys.text_mores_of(hurt))
    assert night.archive.holdings.read_text_manifest(again).replaces == (hurt,)
    flip_bit(read_s3_settings(night.archive.settings), again, 100)
    assert again in night.run("names it")
    assert night.run("heals") == ""


def test_what_is_late_and_damaged_is_in_the_tables_as_far_as_it_can_be_read(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    manifest = night.key("manifests/crawl", "aa-one")
    night.flip(night.key("aa-one", ".cdxj.gz"))
    night.archive.coordination.write_note(f"late/{manifest}", night.evidence[manifest].decode())
    troubles = Troubles()
    assert commit_late(night.archive, troubles=troubles) == []
    assert read_marks(night.archive) == [], "what is durably there waits for nothing"
    assert [name for name, _ in troubles.found] == []
    assert "aa-one" in read_table(night.archive.store, "ledger", FIRST)["source_id"].to_pylist()


def test_a_damaged_manifest_is_told_though_its_crawl_is_committed_late(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    hurt = night.key("manifests/crawl", "aa-one")
    replace_object(read_s3_settings(night.archive.settings), hurt, night.evidence[hurt][:300])
    why = night.run("first")
    assert why.startswith(f"aa-one: {hurt}: ")
    assert "bb-two" not in why
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    assert not update_night_tables(night.archive, FIRST), "the cleaning of what is damaged is not to be read either"


def test_pages_that_were_lost_to_damage_are_counted(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    warc = night.key("warc/aa-one")
    replace_object(read_s3_settings(night.archive.settings), warc, night.evidence[warc][:300])
    lost = "2 of its pages are not cleaned, because their records are damaged"
    assert night.run("first").startswith(f"aa-one: {lost}: manifests/text/")
    tasks.plan_night(night.archive, run_of(night.archive, "again"))
    assert read_plan(night.archive, run_of(night.archive, "again")).lacking == (ONE,), "they may read again"
    night.mend(warc)
    assert night.run("once more") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_what_stays_damaged_is_not_said_to_be_healed(bucket_of: BucketOf) -> None:
    first = bucket_of("tables/")
    first.flip(first.key("ledger/", "aa-one"))
    first.run("first")
    s3 = read_s3_settings(first.archive.settings)
    with open_home(first.archive.settings.home.path, s3, FIRST + timedelta(days=1)) as archive:
        assert heal_nights(archive, FIRST + timedelta(days=1), Troubles()) == []
        first.mend(first.key("ledger/", "aa-one"))
        assert heal_nights(archive, FIRST + timedelta(days=1), Troubles()) == [ONE, "tables of 2026-03-01"]
