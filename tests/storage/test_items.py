"""Items are gzipped JSON lines that anyone opens, and come back as they were written."""

from __future__ import annotations

import gzip
import json

import pytest
from pydantic import JsonValue

from storage import items
from storage.items import ITEMS, encode_item, parse_item, read_items, write_items
from storage.model.errors import FixityError
from storage.model.scraped_item import ScrapedItem


def item(number: int, **fields: JsonValue) -> ScrapedItem:
    return ScrapedItem(
        url=f"http://faro.hemeroteca.test/{number}", record_id=f"urn:uuid:{number}", spider="faro", item=fields
    )


ODD = [
    item(1, title="ñandú", authors=["A", "B"], body={"html": "<p>\n</p>", "words": 3, "share": 0.5, "paid": None}),
    ScrapedItem(spider="", item={}),
    item(3, half_of_a_pair="\ud83d", large=10**30),
]


def test_items_come_back_as_they_were_written_and_the_same_give_the_same_bytes() -> None:
    written = write_items(ODD)
    assert written.number == 3
    assert list(read_items(written.content)) == ODD
    assert write_items(read_items(written.content)) == written


def test_anyone_can_read_them() -> None:
    header, *lines = gzip.decompress(write_items(ODD).content).decode().splitlines()
    assert json.loads(header) == {"schema": ITEMS}
    assert [json.loads(line) for line in lines] == [one.model_dump() for one in ODD]
    assert list(json.loads(lines[0])) == ["url", "record_id", "spider", "item"]


def test_what_json_does_not_have_becomes_null() -> None:
    line = b'{"url": "x", "spider": "faro", "item": {"a": NaN, "b": [-Infinity, 1e999, 1.5]}}'
    read = parse_item(line)
    assert read.item == {"a": None, "b": [None, None, 1.5]}
    assert parse_item(encode_item(read)) == read


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "Expecting value"),
        (b'{"url": "x"', "Expecting"),
        (b"\xff", "decode"),
        (b"[]", "must be names with their values"),
        (b'{"url": "x", "spider": "faro"}', "item: field required"),
        (b'{"url": "x", "spider": "faro", "item": [1]}', "item: must be names with their values"),
        (b'{"url": "x", "spider": "faro", "item": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}", "item"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"url": ' + b"1" * 5000 + b"}", "digits"),
    ],
)
def test_a_line_without_an_item_is_a_value_error_that_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_item(line)


def test_what_is_not_items_is_damaged() -> None:
    whole = write_items(ODD).content
    for content in (
        b"",
        whole[:-3],
        whole + b"more",
        gzip.compress(b'{"schema": "items/2"}\n'),
        gzip.compress(b"[]\n"),
        gzip.compress(b'{"schema": "items/1"}\n{"url": "x"}\n'),
        gzip.compress(b'{"schema": "items/1"}'),
    ):
        with pytest.raises(FixityError):
            list(read_items(content))


def test_a_line_that_claims_to_be_endless_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "MOST_LINE_BYTES", 1_000_000)
    bomb = gzip.compress(b'{"schema": "items/1"}\n' + b" " * 100_000_000)
    with pytest.raises(FixityError, match="a line of more than 1000000 bytes"):
        list(read_items(bomb))
