"""An empty or lagging catalog is told, not believed: made anew, restored from an old copy, or healed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import check_new_catalog, compare_span
from hemeroteca.archive.catalog_doubts import describe_shortfall
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.month_of_tables import find_outdated_tables
from hemeroteca.archive.publishing.nights_in_turn import check_nights, take_month_in_turn
from hemeroteca.archive.publishing.publish import apply_manifest
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest
from storage.catalog.shortfall import note_night, settle_new
from storage.manifests import list_all_manifests, list_all_text_manifests
from storage.model.errors import NotArchivedError
from storage.objects import S3Settings, Store
from tests.archive.homes import make_home, open_home, run_of
from tests.data.bucket_1 import put_bucket_1, put_tables_1

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PAGE = "http://faro.hemeroteca.test/robots.txt"
NOWHERE = "http://faro.hemeroteca.test/nowhere"
ANEW = "the catalog was recreated and lacks crawls from 2026-11-23 on: `hemeroteca --demo admin rebuild`"


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings) -> Iterator[Archive]:
    """A new home, without any card, beside a bucket that holds two nights."""
    put_bucket_1(Store(s3_settings))
    archive = open_home(make_home(tmp_path / "home"), s3_settings, TUESDAY)
    yield archive
    archive.close()


def publish(archive: Archive, night: date) -> None:
    found = [*list_all_manifests(archive.store), *list_all_text_manifests(archive.store)]
    for key in found:
        if f"/{night:%Y/%m/%d}/" in key:
            apply_manifest(archive.holdings, archive.catalog, key)


def absence(archive: Archive, url: str) -> str:
    with pytest.raises(NotArchivedError) as raised:
        find_closest(archive, url)
    return str(raised.value).removeprefix(f"{url}: ")


def test_a_catalog_made_beside_a_bucket_that_is_not_empty_is_incomplete_until_it_is_rebuilt(archive: Archive) -> None:
    assert absence(archive, PAGE).startswith(
        "not found, but the catalog is new and has not been compared with the bucket"
    )
    assert describe_shortfall(archive) is None, "what is found is not doubted yet"
    tasks.plan_night(archive, run_of(archive))
    assert absence(archive, PAGE) == f"not found, but {ANEW}"
    publish(archive, TUESDAY)
    check_new_catalog(archive)
    assert find_closest(archive, PAGE)
    assert describe_shortfall(archive) == describe_shortfall(archive, TUESDAY) == ANEW
    assert describe_shortfall(archive, MONDAY - timedelta(days=1)) is None
    rebuild(archive)
    assert describe_shortfall(archive, with_doubts=True) is None
    assert absence(archive, NOWHERE) == "not in the archive"


def test_an_incomplete_catalog_that_has_got_everything_since_is_whole(archive: Archive) -> None:
    """As that of a young archive, whose last nights a run heals."""
    check_new_catalog(archive)
    publish(archive, MONDAY)
    check_nights(archive, Troubles())
    assert describe_shortfall(archive) == ANEW.replace("2026-11-23", "2026-11-24")
    publish(archive, TUESDAY)
    check_nights(archive, Troubles())
    assert describe_shortfall(archive, with_doubts=True) is None


def test_a_catalog_made_beside_an_empty_bucket_is_whole(tmp_path: Path, s3_settings: S3Settings) -> None:
    with open_home(make_home(tmp_path / "home"), s3_settings) as archive:
        tasks.plan_night(archive, run_of(archive))
        assert absence(archive, NOWHERE) == "not in the archive"


def test_a_new_catalog_that_has_all_crawls_is_whole(archive: Archive) -> None:
    publish(archive, MONDAY)
    publish(archive, TUESDAY)
    check_new_catalog(archive)
    assert describe_shortfall(archive, with_doubts=True) is None


def test_a_catalog_put_back_from_an_old_copy_is_told_by_the_next_run_until_it_has_the_rest(archive: Archive) -> None:
    publish(archive, MONDAY)
    settle_new(archive.coordination, archive.catalog.name, None)
    archive.catalog.close()
    copy = archive.settings.home.catalog.read_bytes()
    publish(archive, TUESDAY)
    archive.catalog.close()
    archive.settings.home.catalog.write_bytes(copy)
    check_nights(archive, Troubles())
    lacking = "the catalog lacks 2 crawls and 1 cleaning of 2026-11-24: `hemeroteca --demo admin rebuild`"
    assert describe_shortfall(archive) == describe_shortfall(archive, TUESDAY) == lacking
    assert absence(archive, NOWHERE) == f"not found, but {lacking}"
    assert describe_shortfall(archive, MONDAY) is None
    publish(archive, TUESDAY)
    assert absence(archive, NOWHERE) == "not in the archive"


def test_many_nights_are_named_by_the_first_and_the_last(archive: Archive) -> None:
    settle_new(archive.coordination, archive.catalog.name, None)
    for days in range(5):
        key = f"manifests/crawl/2026/03/{days + 1:02}/demo-faro-2026030{days + 1}-nightly.json"
        note_night(archive.coordination, archive.catalog.name, date(2026, 3, days + 1), [key])
    assert describe_shortfall(archive) == (
        "the catalog lacks 5 crawls of these 5 nights (2026-03-01 … 2026-03-05): `hemeroteca --demo admin rebuild`"
    )


def test_an_older_month_is_compared_when_its_turn_comes(archive: Archive, s3_settings: S3Settings) -> None:
    publish(archive, MONDAY)
    settle_new(archive.coordination, archive.catalog.name, None)
    for night, lacks in ((date(2027, 1, 20), True), (date(2027, 1, 21), False)):
        with at_night(archive, s3_settings, night) as later:
            note_night(later.coordination, later.catalog.name, TUESDAY, [])
            check_nights(later, Troubles())
            assert bool(describe_shortfall(later)) == lacks, night


def test_tables_of_an_older_schema_are_rewritten_when_their_month_comes(
    archive: Archive, s3_settings: S3Settings
) -> None:
    put_tables_1(archive.store)
    assert find_outdated_tables(archive, [MONDAY, TUESDAY]) == [MONDAY, TUESDAY]
    for days, outdated in ((0, []), (1, [TUESDAY])):
        with at_night(archive, s3_settings, date(2027, 1, 20) + timedelta(days=days)) as later:
            check_nights(later, Troubles())
            assert find_outdated_tables(later, [MONDAY, TUESDAY]) == outdated
            later.store.put_derived(f"tables/ledger/night={TUESDAY}/part-0.parquet", b"torn", schema="")


def test_months_come_in_turn_one_a_night_and_then_the_oldest_again(archive: Archive, s3_settings: S3Settings) -> None:
    taken = []
    for days in range(5):
        with at_night(archive, s3_settings, date(2027, 1, 20) + timedelta(days=days)) as later:
            month = take_month_in_turn(later, later.settings.tonight())
            assert take_month_in_turn(later, later.settings.tonight()) is None, "once a night"
            taken.append(f"{month:%Y-%m}")
    assert taken == ["2026-11", "2026-12", "2027-01", "2026-11", "2026-12"]


def test_no_month_has_its_turn_before_the_archive_is_older_than_the_nights_compared(
    archive: Archive, s3_settings: S3Settings, tmp_path: Path
) -> None:
    assert take_month_in_turn(archive, date(2026, 11, 30)) == date(2026, 11, 1)
    with at_night(archive, s3_settings, date(2026, 12, 1)) as later:
        assert take_month_in_turn(later, date(2026, 11, 2)) is None
    empty = s3_settings.replace(prefix=f"{s3_settings.prefix}empty/")
    with open_home(make_home(tmp_path / "empty"), empty) as other:
        check_nights(other, Troubles())
        assert take_month_in_turn(other, TUESDAY) is None


def test_a_month_is_compared_by_its_own_keys_alone(archive: Archive) -> None:
    publish(archive, MONDAY)
    found = compare_span(archive, "2026/11/")
    assert {night: (one.crawls, one.texts) for night, one in found.items()} == {MONDAY: (0, 0), TUESDAY: (2, 1)}
    assert compare_span(archive, "2026/10/") == {}


def at_night(archive: Archive, s3: S3Settings, night: date) -> Archive:
    return open_home(archive.settings.home.path, s3, night)
