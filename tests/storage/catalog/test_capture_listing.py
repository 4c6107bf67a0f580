"""Listing captures: in the same order whatever the batches, from any place on, and only what a condition leaves."""

from __future__ import annotations

from typing import Any

import pytest

from storage.catalog import Catalog, Selection, capture_listing
from storage.coordination import Coordination
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.surt import urlkey
from tests.storage.committed import HOME, DraftCrawl

ADDRESSES = [f"{HOME}{number}" for number in range(5)]
LONG = [HOME + "x" * 600 + tail for tail in "abc"]


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    """Two newspapers' four nights, the same addresses in each, some of them alike in all that the index has."""
    for day in range(1, 5):
        for source_id in ("demo-faro", "demo-lantern"):
            night = DraftCrawl(day, source_id)
            for url in (*ADDRESSES, *LONG):
                night.captured(url, f"{day}")
                night.captures[-1] = night.captures[-1].replace(date=night.captures[0].date)
            assert night.committed().apply(catalog)
    return catalog


@pytest.fixture(params=[2, 1000])
def batched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_listing, "_FIRST_ROWS", request.param)
    monkeypatch.setattr(capture_listing, "_MOST_ROWS", request.param)


WANTED = [
    Selection(),
    Selection(urlkey=urlkey(ADDRESSES[1])),
    Selection(urlkey=urlkey(LONG[1])),
    Selection(urlkey_prefix=urlkey(LONG[0])[:-1]),
    Selection(source_id="demo-lantern"),
    Selection(night=Night(2026, 3, 2)),
    Selection(urlkey_prefix=urlkey(HOME), source_id="demo-faro", night=Night(2026, 3, 3)),
]


@pytest.mark.usefixtures("batched")
def test_batches_and_cursors_leave_nothing_out_and_give_nothing_twice(filled: Catalog) -> None:
    for wanted in WANTED:
        meets = [
            one
            for one in filled.find_captures(urlkey=wanted.urlkey, urlkey_prefix=wanted.urlkey_prefix)
            if wanted.source_id in (None, one.source_id) and wanted.night in (None, one.night)
        ]
        assert meets, wanted
        assert list(filled.list_captures(wanted)) == meets, wanted
        for number in {0, 1, len(meets) // 2, len(meets) - 1} & set(range(len(meets))):
            assert list(filled.list_captures(wanted, meets[number].record_id)) == meets[number + 1 :], wanted


def test_an_unknown_cursor_is_an_error(filled: Catalog) -> None:
    with pytest.raises(SeedError, match="urn:uuid:unknown: no such capture"):
        next(filled.list_captures(Selection(), "urn:uuid:unknown"))


def test_a_listing_goes_on_in_the_catalog_that_a_rebuild_put_in_its_place(
    filled: Catalog, database_url: str, coordination: Coordination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_listing, "_FIRST_ROWS", 2)
    every = filled.find_captures()
    found = filled.list_captures(Selection())
    before = [next(found) for _ in range(2)]
    old, name = filled.name, Catalog.beside_name(database_url, "0000000a")
    rebuilt = Catalog.create_beside(database_url, coordination, name)
    night = DraftCrawl(1)
    for one in every:
        night.captures.append(one)
    night.committed().apply(rebuilt)
    filled.switch_to(name)
    filled.remove(old)
    assert before + list(found) == every
    rebuilt.close()


def test_a_listing_holds_one_batch(filled: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_listing, "_FIRST_ROWS", 2)
    monkeypatch.setattr(capture_listing, "_MOST_ROWS", 4)
    read: list[int] = []

    def ask(question: Any) -> Any:
        rows = filled._ask(question)
        read.append(len(rows))
        return rows

    found = capture_listing.list_captures(ask, Selection(), None)
    for number in range(1, 20):
        next(found)
        assert sum(read) <= number + 4
    assert max(read) == 4
