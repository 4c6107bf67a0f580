"""The closing note of a night's table, in the footer of part 0, which is written last: what it was made from.

made_from       SHA-256 hex over the schema, and the key and ETag of each manifest: the same ones give the same rows
schema_digest   SHA-256 hex over the columns and the schema's name
left_out        JSON list of keys: manifests whose rows could not be read; the table is written again once they can
A table without one was not written to its end, or by an earlier release: it is written again. An ETag is the digest
that a listing gives; the SHA-256 of a manifest, which names that of each of its objects, would cost a request each.
Whatever else comes to decide which rows there are (redactions, rights) is one more line in that digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from storage.model.errors import FixityError
from storage.objects import Store
from storage.parquet import schema_name

_TAIL_BYTES = 64 * 1024
_TRAILER_BYTES = 8  # the footer's length and PAR1


class ClosingNote(NamedTuple):
    """What a table says of itself once it is whole."""

    made_from: str
    left_out: tuple[str, ...] = ()

    def to_metadata(self, schema: pa.Schema) -> dict[str, str]:
        found = {"made_from": self.made_from, "schema_digest": digest_schema(schema)}
        return found | ({"left_out": json.dumps(self.left_out)} if self.left_out else {})


def make_note(schema: pa.Schema, manifests: Mapping[str, str], left_out: Iterable[str] = ()) -> ClosingNote:
    """Return the note of a table that was made from *manifests* (keys with their tags), but for those *left_out*."""
    without = frozenset(left_out)
    lines = (f"{key} {tag}" for key, tag in manifests.items() if key not in without)
    return ClosingNote(digest_lines(lines, digest_schema(schema)), tuple(sorted(without)))


def digest_lines(lines: Iterable[str], *first: str) -> str:
    """Return the SHA-256 hex over the lines *first* and the *lines*, sorted."""
    return hashlib.sha256("\n".join([*first, *sorted(lines)]).encode()).hexdigest()


def digest_schema(schema: pa.Schema) -> str:
    lines = [schema_name(schema) or "", *(f"{field.name} {field.type} {field.nullable}" for field in schema)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_note(store: Store, key: str, size: int) -> ClosingNote | None:
    """Return the note in the Parquet object at *key*, of *size* bytes; None when it has none, or is damaged.

    Only its footer is read, mostly by one range read.
    """
    try:
        found = pq.read_metadata(pa.BufferReader(_read_footer(store, key, size))).metadata or {}
        return ClosingNote(found[b"made_from"].decode(), tuple(json.loads(found.get(b"left_out", b"[]"))))
    except (KeyError, ValueError, TypeError, FixityError, pa.ArrowException, OSError):
        return None


def _read_footer(store: Store, key: str, size: int) -> bytes:
    tail = store.read_range(key, max(0, size - _TAIL_BYTES), min(size, _TAIL_BYTES))
    needed = int.from_bytes(tail[-_TRAILER_BYTES:-4], "little") + _TRAILER_BYTES
    if needed > len(tail) and needed <= size:
        return store.read_range(key, size - needed, needed)
    return tail
