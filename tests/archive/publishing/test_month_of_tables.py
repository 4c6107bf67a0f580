"""The tables of a month are judged by four listings, and two footers a night."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hemeroteca.archive.publishing.month_of_tables import MonthOfTables, find_outdated_tables, list_nights_left
from hemeroteca.archive.publishing.tables import update_night_tables
from storage.model.night import Night
from tests.archive.asked import asking
from tests.archive.homes import FIRST
from tests.archive.two_papers import BucketOf

NIGHTS = [FIRST + timedelta(days=days) for days in range(31)]


def test_a_month_costs_four_listings_and_two_footers_a_night(bucket_of: BucketOf) -> None:
    archive = bucket_of("tables/").archive
    for night in NIGHTS[:3]:
        update_night_tables(archive, night)
    with asking(archive.store) as asked:
        assert find_outdated_tables(archive, NIGHTS[:3]) == []
    assert asked.requests == {"ListObjectsV2": 4, "GetObject": 6}
    with asking(archive.store) as asked:
        assert MonthOfTables(archive, NIGHTS[0]).are_as_written(NIGHTS[2])
    assert asked.requests == {"ListObjectsV2": 4, "GetObject": 4}, "and the four are two footers and two tables"


def test_a_night_without_tables_has_no_bytes_and_is_outdated(bucket_of: BucketOf) -> None:
    archive = bucket_of("tables/").archive
    month = MonthOfTables(archive, FIRST)
    assert (month.measure(FIRST), month.find_state(FIRST).are_written, month.are_as_written(FIRST)) == (0, False, False)
    assert find_outdated_tables(archive, [FIRST]) == [FIRST]


@pytest.mark.parametrize(
    ("first", "tonight", "left"),
    [
        (date(2026, 3, 30), date(2026, 5, 1), [date(2026, 3, 30), date(2026, 3, 31)]),
        (date(2026, 3, 30), date(2026, 3, 31), [date(2026, 3, 30)]),
        (date(2026, 3, 30), date(2026, 3, 30), []),
    ],
)
def test_what_is_left_of_a_month_ends_before_tonight(first: Night, tonight: Night, left: list[Night]) -> None:
    assert list(list_nights_left(first, tonight)) == left
