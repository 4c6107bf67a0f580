"""Items of Scrapy spiders, as JSON lines (schema items/1): what a crawl's callbacks yielded, in their order.

….jsonl.gz   ``{"schema": "items/1"}``, then an item a line: ``{"url": …, "record_id": …, "spider": …, "item": {…}}``
The same items give the same bytes. They are read line by line: memory holds one item at a time.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import ValidationError

from storage.model.base import Record
from storage.model.errors import FixityError
from storage.model.scraped_item import ScrapedItem
from storage.model.wrong_values import place_of, reason_of
from storage.packed import unpack_lines

ITEMS = "items/1"
MOST_LINE_BYTES = 256 * 1024 * 1024
"""Of one item: several times the longest body that is taken."""

_LEVEL = 6  # as the indexes
_GZIP = 31
_HEADER = {"schema": ITEMS}


class WrittenItems(NamedTuple):
    """Items as they are stored, and how many they are."""

    content: bytes
    number: int


def write_items(items: Iterable[ScrapedItem]) -> WrittenItems:
    """Return *items* as gzipped JSON lines, in their order."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    pieces = [stream.compress(json.dumps(_HEADER).encode() + b"\n")]
    number = 0
    for item in items:
        number += 1
        pieces.append(stream.compress(encode_item(item) + b"\n"))
    return WrittenItems(b"".join([*pieces, stream.flush()]), number)


def read_items(content: bytes) -> Iterator[ScrapedItem]:
    """Yield the items that ``write_items`` wrote. Raises FixityError for anything else."""
    lines = unpack_lines(content, MOST_LINE_BYTES)
    try:
        if json.loads(next(lines, b"")).get("schema") != ITEMS:
            raise FixityError(f"not items: its schema is not {ITEMS}")
        for line in lines:
            yield parse_item(line)
    except (ValueError, AttributeError) as error:
        raise FixityError(f"not items: {error}") from error


def parse_item(line: bytes) -> ScrapedItem:
    """Return the item in a line of JSON. Raises ValueError for a line that has none, or is too long.

    NaN and infinite numbers, which JSON does not have, become null.
    """
    if len(line) > MOST_LINE_BYTES:
        raise ValueError(f"{len(line)} bytes")
    try:
        said = json.loads(line, parse_constant=lambda _: None, parse_float=_parse_float)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    try:
        return ScrapedItem.model_validate(said)
    except ValidationError as error:
        fault = error.errors()[0]
        raise ValueError(f"{place_of(fault['loc'])}: {reason_of(fault)}") from None


def encode_item(item: Record) -> bytes:
    """Return an item, with what else is known about it, as one line of JSON without its end."""
    fields = item.model_dump()
    try:
        return json.dumps(fields, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which UTF-8 does not have
        return json.dumps(fields, default=str).encode()


def digest_item(item: ScrapedItem) -> bytes:
    """Return the SHA-256 of *item*: two that say the same of the same page share it."""
    return hashlib.sha256(encode_item(item)).digest()


def _parse_float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
