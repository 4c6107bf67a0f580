"""A run that has nothing to do costs listings and two footers; what is damaged at rest is found all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing import nights_in_turn
from hemeroteca.archive.publishing.nights_in_turn import hold_tables, look_again
from hemeroteca.archive.publishing.tables import update_night_tables
from storage.model.night import Night
from storage.night_tables import find_damaged_parts, list_night_parts
from tests.archive.asked import Asked, asking
from tests.archive.faulty import not_giving
from tests.archive.homes import FIRST, open_home, run_of, take_steps
from tests.archive.two_papers import ARTICLES, BucketOf, page
from tests.archive.two_papers import Night as NightOf
from tests.conftest import flip_bit
from tests.spiders.press import Press

PART = "tables/documents/night=2026-03-01/part-0.parquet"
DAY = timedelta(days=1)


@contextmanager
def at_night(night: NightOf, tonight: Night) -> Iterator[Archive]:
    with open_home(night.archive.settings.home.path, read_s3_settings(night.archive.settings), tonight) as archive:
        yield archive


def look_by_day(archive: Archive, name: str) -> Asked:
    """Take a run by day, for which no newspaper is due, and return what it asked of the store."""
    run = run_of(archive, name)
    with asking(archive.store) as asked:
        take_steps(archive, run, tasks.plan_visits(archive, run))
    return asked


def flip_table(night: NightOf) -> None:
    flip_bit(read_s3_settings(night.archive.settings), PART, 40)


@pytest.mark.parametrize("without", [(), ("manifests/crawl/2026/03/01/aa", "manifests/text/2026/03/01/aa")])
def test_a_run_with_nothing_to_do_asks_the_same_few_things_whatever_the_night_holds_and_writes_nothing(
    bucket_of: BucketOf, without: tuple[str, ...]
) -> None:
    night = bucket_of("tables/", *without)
    run = run_of(night.archive, "first")
    shards = tasks.plan_night(night.archive, run, only=["bb-two"] if without else [])
    take_steps(night.archive, run, shards)
    asked = look_by_day(night.archive, "hour")
    assert asked.writes() == []
    assert asked.requests == {"ListObjectsV2": 14, "GetObject": 4}, "and the four are the footers of two tables, twice"
    assert asked.read_bytes <= 4 * 64 * 1024


def test_a_crawl_of_one_address_writes_the_tables_of_its_own_night_once(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    night.run("first")
    home, s3 = night.archive.settings.home.path, read_s3_settings(night.archive.settings)
    with Press() as press:
        press.put("http://aa-one.test/c", page(99))
        with open_home(home, s3, connect_to=press.connect_to[0]) as archive, asking(archive.store) as asked:
            run = run_of(archive, "by hand")
            take_steps(archive, run, tasks.plan_request(archive, run, {"urls": ["http://aa-one.test/c"]}))
    written = [url for url in asked.put if "/tables/" in url]
    assert len(written) == len(set(written)) == 2
    assert night.documents() == ["aa-one"] * (ARTICLES + 1) + ["bb-two"] * ARTICLES


def test_a_night_that_has_nothing_yet_gets_no_tables(bucket_of: BucketOf) -> None:
    with at_night(bucket_of(), FIRST + DAY) as archive:
        look_by_day(archive, "first")
        assert look_by_day(archive, "second").writes() == []
        assert list(archive.store.list_keys(f"tables/ledger/night={FIRST + DAY}")) == []


def test_only_the_first_of_a_day_s_small_runs_looks_at_the_last_nights_again(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    with at_night(night, FIRST + DAY) as archive:
        assert look_by_day(archive, "first").writes() == ["PutObject"], "the tables of the night before"
        assert look_by_day(archive, "second").requests.total() < 12
        for always, looks in ((False, False), (True, True)):
            with asking(archive.store) as asked:
                look_again(archive, FIRST + DAY, Troubles(), always=always)
            assert bool(asked.requests) == looks
    with at_night(night, FIRST + 2 * DAY) as archive:
        assert look_by_day(archive, "first").requests.total() > 20


def test_a_look_that_the_store_did_not_answer_is_taken_by_the_next_run(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    with at_night(night, FIRST + DAY) as archive:
        with not_giving(archive.store, "ledger/source%3Daa-one", 403):
            look_again(archive, FIRST + DAY, troubles := Troubles(), always=False)
        assert troubles.found
        assert look_again(archive, FIRST + DAY, Troubles(), always=False)[-1:] == ["tables of 2026-03-01"]
        assert look_again(archive, FIRST + DAY, Troubles(), always=False) == []


def test_a_flipped_bit_in_a_table_is_healed_by_the_same_night_again(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first") == ""
    flip_table(night)
    look_by_day(night.archive, "hour")
    assert find_damaged_parts(night.archive.store, list_night_parts(night.archive.store, FIRST)) == [PART]
    assert night.run("again") == ""
    assert find_damaged_parts(night.archive.store, list_night_parts(night.archive.store, FIRST)) == []


def test_tables_of_older_nights_are_held_in_turn(bucket_of: BucketOf, monkeypatch: pytest.MonkeyPatch) -> None:
    night = bucket_of("tables/")
    for days in range(3):
        update_night_tables(night.archive, FIRST + days * DAY)
    flip_table(night)
    monkeypatch.setattr(nights_in_turn, "HELD_BYTES", 1)
    for turn, damaged in enumerate([[PART], [PART], []]):
        with at_night(night, FIRST + 40 * DAY) as archive:
            if turn < 2:  # the first night has had its turn
                archive.coordination.write_note("tables held", str(FIRST + turn * DAY))
            else:
                archive.coordination.write_note("tables held", str(FIRST + 39 * DAY))
            hold_tables(archive, FIRST + 40 * DAY, Troubles())
            assert find_damaged_parts(archive.store, list_night_parts(archive.store, FIRST)) == damaged
            assert archive.coordination.read_note("tables held") == str(FIRST + ((turn + 1) % 3) * DAY)
