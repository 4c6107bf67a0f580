"""Reading again: an object that the store lists and never gives is lost, and a store that is away is no loss."""

from __future__ import annotations

import pytest

from storage import rereading
from storage.model.errors import FixityError, StorageError
from storage.objects import Store
from storage.rereading import Rereader
from tests.archive.faulty import not_giving

KEY = "ledger/a.parquet"


def test_an_object_that_is_listed_and_not_given_for_long_is_lost_until_it_is_asked_for_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_new(KEY, b"1", schema="ledger/2")
    monkeypatch.setattr(rereading, "LOST_SECONDS", 0)
    reader = Rereader(store)
    with not_giving(store, KEY, 500) as asked:
        with pytest.raises(FixityError, match=f"{KEY}: is lost"):
            reader.read(KEY, lambda store: store.read(KEY))
        times = len(asked)
        with pytest.raises(FixityError, match=f"{KEY}: is lost"):
            reader.read(KEY, lambda store: store.read(KEY))
        assert len(asked) == times > 1
    monkeypatch.setattr(rereading, "LOST_FOR_SECONDS", 0)
    assert reader.read(KEY, lambda store: store.read(KEY)) == b"1"


def test_an_object_that_comes_in_the_end_is_read(store: Store) -> None:
    store.put_new(KEY, b"1", schema="ledger/2")
    with not_giving(store, KEY, 500, times=6):
        assert Rereader(store).read(KEY, lambda store: store.read(KEY)) == b"1"


def test_what_a_store_that_is_away_does_not_give_is_not_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_new(KEY, b"1", schema="ledger/2")
    monkeypatch.setattr(rereading, "LOST_SECONDS", 0)
    reader = Rereader(store)
    with not_giving(store, KEY, 503), not_giving(store, KEY, 503, operation="HeadObject"), pytest.raises(StorageError):
        reader.read(KEY, lambda store: store.read(KEY))
    assert reader.read(KEY, lambda store: store.read(KEY)) == b"1"
