"""One document is read with few requests, and no flipped bit of its object ever gives another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from structlog.testing import capture_logs

from storage.documents import DOCUMENT, ROW_GROUP_ROWS, describe_object, write_documents
from storage.holdings import SMALL_BYTES, Holdings
from storage.manifests import put_manifest
from storage.model.capture import Capture
from storage.model.crawl import StoredObject
from storage.model.document import Document
from storage.model.errors import FixityError, MissingObjectError
from storage.model.placed_document import DocumentsObject
from storage.objects import S3Settings, Store
from tests.conftest import flip_bit
from tests.storage.committed import HOME, DraftCrawl, cleaned

KEY = "documents/source=demo-faro/x.parquet"
SIZES = {"small": 200, "large": 40_000}
"""How many random hex digits each text has."""


class Kept(NamedTuple):
    """An object of documents that lies in a store."""

    store: Store
    captures: list[Capture]
    documents: list[Document]
    content: bytes
    held: DocumentsObject


def keep(store: Store, size: str, count: int = ROW_GROUP_ROWS) -> Kept:
    """Put *count* documents with the text manifest that lists them."""
    chance = random.Random(7)
    night = DraftCrawl(1)
    captures = [night.captured(f"{HOME}{number}", f"P{number}") for number in range(count)]
    made = cleaned(night.committed(), [(one, chance.randbytes(SIZES[size] // 2).hex()) for one in captures])
    documents = [placed.document for placed in made.documents]
    content = write_documents(documents)
    store.put_new(KEY, content, schema=DOCUMENT)
    stored = StoredObject.of(KEY, content, DOCUMENT, count)
    assert put_manifest(store, made.key, made.manifest.replace(objects=(stored,)))
    assert (len(content) > SMALL_BYTES) == (size == "large")
    return Kept(store, captures, documents, content, describe_object(stored, content))


def read(kept: Kept, row: int, store: Store | None = None, known: bool = True) -> Document:
    return Holdings(store or kept.store).read_document(kept.captures[row], KEY, row, kept.held if known else None)


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    """Yield the method and the key of every request that *store* makes."""
    sent: list[str] = []

    def note(request: Any, **_: Any) -> None:
        sent.append(f"{request.method} {request.url.partition('?')[0].rpartition('/')[2]}")

    store._client.meta.events.register("before-send.s3", note)
    yield sent
    store._client.meta.events.unregister("before-send.s3", note)


@pytest.mark.parametrize(("size", "requests"), [("small", 1), ("large", 2)])
def test_a_document_costs_one_request_and_of_a_large_object_two(store: Store, size: str, requests: int) -> None:
    kept = keep(store, size, 3 * ROW_GROUP_ROWS)
    with counting(store) as sent:
        assert read(kept, 70) == kept.documents[70]
    assert sent == ["GET x.parquet"] * requests
    with pytest.raises(MissingObjectError, match=f"{KEY}.*no row 192"):
        Holdings(store).read_document(kept.captures[0], KEY, 192, kept.held)


def test_where_the_catalog_does_not_know_the_object_its_text_manifest_holds_it(
    store: Store, s3_settings: S3Settings
) -> None:
    kept = keep(store, "large")
    with counting(store) as sent:
        assert read(kept, 7, known=False) == kept.documents[7]
    assert [one for one in sent if one.endswith(".parquet")] == ["GET x.parquet"]
    flip_bit(s3_settings, KEY, kept.held.groups[0].offset)
    with pytest.raises(FixityError, match=KEY):
        read(kept, 7, known=False)
    with pytest.raises(MissingObjectError, match="no text manifest lists it"):
        Holdings(store).read_document(kept.captures[0], "documents/other.parquet", 0)


class Flipped(Store):
    """A store that answers from memory, over whatever connection, with one bit of *content* flipped."""

    def __init__(self, store: Store, content: bytes) -> None:
        self.__dict__ = store.__dict__ | {"content": bytearray(content)}

    content: bytearray

    def connect_anew(self) -> Store:
        return self

    def _get(self, key: str, **span: Any) -> tuple[bytes, dict[str, str]]:
        first, _, last = span.get("Range", f"bytes=0-{len(self.content) - 1}").removeprefix("bytes=").partition("-")
        return bytes(self.content[int(first) : int(last) + 1]), {}


@pytest.mark.parametrize("size", SIZES)
def test_no_flipped_bit_gives_another_document_or_another_error(store: Store, size: str) -> None:
    """Every byte of the footer, and samples of the others; and none of them reaches Arrow, which some would crash."""
    kept = keep(store, size)
    chance = random.Random(11)
    flipped = Flipped(store, kept.content)
    footer = range(kept.held.footer.offset, kept.held.bytes)
    outside = [*range(64), *chance.sample(range(kept.held.footer.offset), 400)]
    found = 0
    with capture_logs():
        for at in [*footer, *outside]:
            bit = 1 << chance.randrange(8)
            flipped.content[at] ^= bit
            row = chance.randrange(ROW_GROUP_ROWS)
            try:
                assert read(kept, row, flipped) == kept.documents[row]
            except FixityError as error:
                assert KEY in str(error)
                found += 1
            flipped.content[at] ^= bit
    assert read(kept, 0, flipped) == kept.documents[0]
    assert found >= len(footer) + len(outside) - 4, "only the first four bytes, which nobody reads, may be wrong"
