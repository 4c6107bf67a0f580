"""Documents are searched by night, newspaper, language and word, and each article may be asked for once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from storage.analysis.document_search import DocumentSearch, open_documents
from storage.model.errors import FixityError, SeedError
from storage.night_tables import write_table
from storage.objects import S3Settings, Store
from storage.table_reads import ReadProgress
from tests.conftest import flip_bit
from tests.storage.analysis.week import MONDAY, TUESDAY, WEDNESDAY, Told, rows_of

PARTS = "tables/documents/night={}/part-0.parquet"


def find(store: Store, **search: Any) -> list[tuple[int, str]]:
    """Return the day and the address of each document that is found, and which version it is."""
    found = open_documents(store, DocumentSearch(columns=("night", "url"), **search)).read_all()
    return [(int(night[-2:]), url.rpartition("/")[2]) for night, url in zip(*found.to_pydict().values(), strict=True)]


EVERYTHING = [(2, "sequia"), (2, "fiesta"), (3, "sequia"), (3, "rain"), (4, "sequia"), (4, "fiesta")]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, EVERYTHING),
        ({"since": TUESDAY, "until": TUESDAY}, EVERYTHING[2:4]),
        ({"sources": ("courier",)}, [(3, "rain")]),
        ({"sources": ("courier", "faro")}, EVERYTHING),
        ({"sources": ("tribune",)}, []),
        ({"languages": ("en",)}, [(3, "rain")]),
        ({"languages": ("EN-gb", "fr")}, [(3, "rain")]),
        ({"languages": ("e",)}, []),
        ({"contains": "SEQUÍA"}, [(2, "sequia"), (3, "sequia"), (4, "sequia")]),
        ({"contains": "titular", "languages": ("en",)}, [(3, "rain")]),
        ({"contains": "acaba", "until": MONDAY}, []),
        ({"latest": True}, [(3, "rain"), (4, "sequia"), (4, "fiesta")]),
        ({"latest": True, "until": MONDAY}, EVERYTHING[:2]),
        ({"latest": True, "contains": "sigue"}, []),
        ({"latest": True, "contains": "sigue", "until": MONDAY}, [(2, "sequia")]),
        ({"latest": True, "sources": ("faro",)}, [(4, "sequia"), (4, "fiesta")]),
        ({"since": date(2030, 1, 1), "latest": True}, []),
    ],
)
def test_a_search_finds_what_is_asked_for(week: Store, search: dict[str, Any], found: list[tuple[int, str]]) -> None:
    assert find(week, **search) == found


def test_columns_come_in_the_order_in_which_they_are_named(week: Store) -> None:
    table = open_documents(week, DocumentSearch(columns=("version", "text", "published_at"))).read_all()
    assert table.schema.names == ["version", "text", "published_at"]
    assert table.num_rows == len(EVERYTHING)
    assert "version" in open_documents(week, DocumentSearch()).schema.names


def test_dates_of_older_parts_are_derived(week: Store) -> None:
    dates = ("published", "published_date", "published_at")
    rows = open_documents(week, DocumentSearch(columns=dates)).read_all().to_pylist()
    late = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    drought = dict(zip(dates, ("2026-03-01T23:30:00-05:00", date(2026, 3, 1), late), strict=True))
    assert rows[0] == rows[2] == drought
    assert rows[1] == rows[5] == dict(zip(dates, ("2026-03-02", date(2026, 3, 2), None), strict=True))
    assert rows[3] == dict.fromkeys(dates)


def test_a_version_goes_up_when_the_text_differs(week: Store) -> None:
    def versions(**search: Any) -> list[int]:
        rows = open_documents(week, DocumentSearch(columns=("version",), **search)).read_all()
        return [row["version"] for row in rows.to_pylist()]

    assert versions() == [1, 1, 2, 1, 2, 1]
    assert versions(contains="acaba") == [2, 2]
    assert versions(latest=True) == [1, 2, 1]


def test_the_newest_of_a_night_is_the_one_that_was_fetched_last(store: Store) -> None:
    told = [Told("a", "evening", hour=20), Told("a", "morning", hour=8), Told("a", "also evening", hour=20)]
    write_table(store, "documents", MONDAY, [rows_of(MONDAY, *told)])
    found = open_documents(store, DocumentSearch(columns=("text",), latest=True)).read_all().to_pylist()
    assert len(found) == 1 and "evening" in found[0]["text"]


def test_what_is_asked_wrongly_is_named(week: Store) -> None:
    with pytest.raises(SeedError, match="columns: txt: no such column; did you mean text?"):
        open_documents(week, DocumentSearch(columns=("txt",)))
    with pytest.raises(SeedError, match="name a word"):
        open_documents(week, DocumentSearch(contains=" "))
    with pytest.raises(SeedError, match="name at least one"):
        open_documents(week, DocumentSearch(columns=()))


def test_a_damaged_part_is_an_error_in_either_way_of_reading(week: Store, s3_settings: S3Settings) -> None:
    flip_bit(s3_settings, PARTS.format(TUESDAY), 100)
    for latest in (False, True):
        with pytest.raises(FixityError):
            find(week, latest=latest)


def test_progress_names_each_night(week: Store) -> None:
    told: list[ReadProgress] = []
    open_documents(week, DocumentSearch(contains="nowhere"), told.append).read_all()
    assert told == [ReadProgress(night, number, 3) for number, night in enumerate((MONDAY, TUESDAY, WEDNESDAY))]
