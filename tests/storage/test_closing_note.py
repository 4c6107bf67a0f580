"""A night's table says what it was made from, once it is whole, and that is found by its footer alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest

from storage import rereading
from storage.closing_note import ClosingNote, make_note
from storage.ledger import read_ledger_table, write_ledger
from storage.model.errors import StorageError
from storage.night_tables import find_damaged_parts, find_note, list_night_parts, list_parts, part_schema, write_table
from storage.objects import Store
from storage.table_reads import read_table
from tests.storage.test_ledger import outcome

NIGHT = date(2026, 11, 24)
SCHEMA = part_schema("ledger")
TAGS = {"manifests/crawl/2026/11/24/a.json": "1", "manifests/text/2026/11/24/a-x.json": "2"}
FIRST, SECOND = TAGS
NOTE = make_note(SCHEMA, TAGS)
PART = "tables/ledger/night=2026-11-24/part-{}.parquet"


def rows(*names: str, count: int = 1) -> list[pa.Table]:
    return [read_ledger_table(write_ledger([outcome(f"{name}/{n:05}") for n in range(count)])) for name in names]


def test_the_order_of_the_manifests_does_not_matter_but_each_of_them_what_it_says_and_each_column_does() -> None:
    assert make_note(SCHEMA, dict(reversed(TAGS.items()))) == NOTE
    others = [make_note(SCHEMA, {FIRST: "1"}), make_note(SCHEMA, {}), make_note(SCHEMA.remove(3), TAGS)]
    others += [make_note(SCHEMA, TAGS | {FIRST: "3"}), make_note(SCHEMA, {FIRST: "2", SECOND: "1"})]
    others += [make_note(SCHEMA.with_metadata({"schema": "ledger/9"}), TAGS), make_note(part_schema("documents"), TAGS)]
    assert len({note.made_from for note in (NOTE, *others)}) == len(others) + 1


def test_what_was_left_out_is_not_in_the_digest_and_is_named() -> None:
    assert make_note(SCHEMA, TAGS, [SECOND]) == ClosingNote(make_note(SCHEMA, {FIRST: "1"}).made_from, (SECOND,))


@pytest.mark.parametrize("note", [NOTE, make_note(SCHEMA, TAGS, [SECOND])])
def test_a_note_is_read_back(store: Store, note: ClosingNote) -> None:
    assert find_note(store, list_parts(store, "ledger", NIGHT)) is None
    write_table(store, "ledger", NIGHT, rows("a"), close=lambda: note)
    assert find_note(store, list_parts(store, "ledger", NIGHT)) == note
    assert read_table(store, "ledger", NIGHT).num_rows == 1


def test_a_note_that_is_not_given_at_first_is_asked_for_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(store, "ledger", NIGHT, rows("a"), close=lambda: NOTE)
    read_range, refusals = store.read_range, iter([StorageError("500")])

    def read(key: str, offset: int, length: int) -> bytes:
        for refusal in refusals:
            raise refusal
        return read_range(key, offset, length)

    monkeypatch.setattr(store, "read_range", read)
    assert find_note(store, list_parts(store, "ledger", NIGHT)) == NOTE
    assert next(refusals, None) is None


def test_a_table_that_the_store_lists_and_never_gives_is_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """SeaweedFS does so with what it lost in a power cut."""

    def refuse(*_: object) -> bytes:
        raise StorageError("500")

    write_table(store, "ledger", NIGHT, rows("a"), close=lambda: NOTE)
    monkeypatch.setattr(rereading, "LOST_SECONDS", 0)
    monkeypatch.setattr(store, "read_range", refuse)
    monkeypatch.setattr(store, "read_digest", refuse)
    assert find_note(store, list_parts(store, "ledger", NIGHT)) is None
    assert find_damaged_parts(store, list_night_parts(store, NIGHT)) == [PART.format(0)]


def test_of_many_row_groups_only_the_footer_is_read_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = [f"manifests/crawl/2026/11/24/{number:06}.json" for number in range(3000)]
    write_table(store, "ledger", NIGHT, rows("a"), close=lambda: make_note(SCHEMA, TAGS, left_out))
    spans = []
    read_range = store.read_range

    def read(key: str, offset: int, length: int) -> bytes:
        spans.append(length)
        return read_range(key, offset, length)

    monkeypatch.setattr(store, "read_range", read)
    found = find_note(store, list_parts(store, "ledger", NIGHT))
    assert found and found.left_out == tuple(left_out)
    assert len(spans) == 2
    assert 64 * 1024 == spans[0] < spans[1] < 2 * len("".join(left_out))


def test_a_table_of_an_earlier_release_or_a_damaged_one_has_none(store: Store) -> None:
    write_table(store, "ledger", NIGHT, rows("a"))
    assert find_note(store, list_parts(store, "ledger", NIGHT)) is None
    for damaged in (b"", b"x", b"PAR1" * 9, store.read(PART.format(0))[:-9] + b"\xff\xff\xff\x7fPAR1"):
        store.put_derived(PART.format(0), damaged, schema="ledger/2")
        assert find_note(store, list_parts(store, "ledger", NIGHT)) is None


def test_the_note_is_of_what_was_read_to_the_end(store: Store) -> None:
    read: list[str] = []

    def reading() -> Iterator[pa.Table]:
        for name, table in zip("abc", rows(*"abc", count=16 * 1024), strict=True):
            yield table
            read.append(name)

    parts = write_table(
        store, "ledger", NIGHT, reading(), part_bytes=1, close=lambda: make_note(SCHEMA, dict.fromkeys(read, ""))
    )
    assert len(parts) > 2
    assert find_note(store, list_parts(store, "ledger", NIGHT)) == make_note(SCHEMA, dict.fromkeys("abc", ""))


def test_a_table_that_breaks_off_among_its_parts_keeps_the_old_note(store: Store) -> None:
    write_table(store, "ledger", NIGHT, rows("old"), close=lambda: NOTE)

    def breaking_off() -> Iterator[pa.Table]:
        yield from rows("a", "b", count=16 * 1024)
        raise StorageError("away")

    with pytest.raises(StorageError):
        write_table(store, "ledger", NIGHT, breaking_off(), part_bytes=1, close=lambda: make_note(SCHEMA, {}))
    assert find_note(store, list_parts(store, "ledger", NIGHT)) == NOTE
    assert [part.key for part in list_parts(store, "ledger", NIGHT)] == [PART.format(0), PART.format(1)]
    write_table(store, "ledger", NIGHT, rows("new"), close=lambda: make_note(SCHEMA, {}))
    assert read_table(store, "ledger", NIGHT)["url"].to_pylist() == ["new/00000"]
