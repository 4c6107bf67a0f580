"""The kinds of objects in a bucket, and damage done to one of them at rest, behind the archive's back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.drills.evidence import GZIP, Place, Record, StoredObject, open_client, read_evidence, read_records, read_rows
from tests.drills.stage import Stage

KINDS = {
    "warc": r"^warc/{source}/.*\.warc\.gz$",
    "captures": r"^index/{source}/.*\.cdxj\.gz$",
    "records": r"^index/{source}/.*\.records\.jsonl\.gz$",
    "ledger": r"^ledger/source={source}/",
    "documents": r"^documents/source={source}/",
    "memory": r"^memory/{source}/",
    "manifest": r"^manifests/crawl/.*/{source}-",
    "text manifest": r"^manifests/text/.*/{source}-",
    "table of documents": r"^tables/documents/",
    "table of outcomes": r"^tables/ledger/",
}
TEXTLESS = ("warc", "captures", "documents")
"""When one of these is destroyed at rest, a person is called: no text is made of what the objects promise to hold."""
PAIRS = [("warc", "captures"), ("records", "ledger"), ("documents", "memory"), ("manifest", "text manifest")]
"""Two kinds are struck in one drill, each of its own newspaper; the third newspaper is their sibling."""
TABLES = ("table of documents", "table of outcomes")


def pattern(kind: str, source: str) -> str:
    return KINDS[kind].format(source=source)


def find_key(stage: Stage, kind: str, source: str) -> str:
    """Return the key of an object of a kind: of the newspaper's, where it is not a table."""
    wanted = re.compile(pattern(kind, source))
    return next(key for key in sorted(read_evidence(stage.place).objects) if wanted.search(key))


def flip_bit(content: bytes, chance: random.Random, first: int = 0) -> bytes:
    harmed = bytearray(content)
    harmed[chance.randrange(first, len(harmed))] ^= 1 << chance.randrange(8)
    return bytes(harmed)


def footer_of(content: bytes) -> int:
    """Return where the footer of a Parquet file begins: its length stands in the 8 bytes at the end."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def harm(stage: Stage, kind: str, key: str, harmed: StoredObject | None) -> None:
    """Put *harmed* in the place of the object at *key*, or remove it, and note what that destroyed for ever."""
    before = read_evidence(stage.place).objects[key]
    put(stage.place, key, harmed)
    stage.harmed.add(key)
    if kind in TEXTLESS:
        left = harmed.content if harmed and kind == "warc" else b""
        stage.unsure |= _names_in(key, before.content) - _names_in(key, left)
    if kind == "captures":
        stage.unsure |= {record.record_id for record in _indexed(stage, key)}
    if kind == "ledger" and not any("manifests/text/" in one for one in read_evidence(stage.place).objects):
        stage.unsure |= {record.record_id for record in _of_source(stage, key.split("source=")[1].split("/")[0])}


def put(place: Place, key: str, one: StoredObject | None) -> None:
    """Write an object past the archive; None removes it."""
    client, where = open_client(place), {"Bucket": place.bucket, "Key": place.prefix + key}
    if one is None:
        client.delete_object(**where)
    else:
        client.put_object(**where, Body=one.content, Metadata=one.metadata)


def _names_in(key: str, content: bytes) -> set[str]:
    """Return nonces and record ids in a WARC file, or the record ids of documents."""
    if key.startswith("documents/") and content.startswith(b"PAR1"):
        try:
            return {row["derived_from"] for row in read_rows(content)}
        except Exception:  # it is damaged, and pyarrow has no one error for that
            return set()
    if key.startswith("warc/") and content.startswith(GZIP):
        found = list(read_records(key, content))
        return {record.nonce for record in found} | {record.record_id for record in found}
    return set()


def _of_source(stage: Stage, source: str) -> Iterator[Record]:
    """Yield every capture of a newspaper: without its ledger its crawl is not cleaned, and a person is called."""
    for key, one in read_evidence(stage.place).objects.items():
        if key.startswith(f"warc/{source}/"):
            yield from read_records(key, one.content)


def _indexed(stage: Stage, key: str) -> Iterator[Record]:
    """Yield the captures that the index at *key* has."""
    warc = key.replace("index/", "warc/", 1).replace(".cdxj.gz", ".warc.gz")
    return read_records(warc, read_evidence(stage.place).objects[warc].content)
