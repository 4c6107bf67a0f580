"""Crawls, their attempts, and the manifests that make them real."""

from __future__ import annotations

import builtins
import hashlib
import re
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from storage.model.base import Record, StoredRecord, UtcTime
from storage.model.night import Night
from storage.model.source import Source

Trigger = Literal["nightly", "manual", "fresh", "backfill", "daytime"]


class Crawl(Record):
    """One crawl of one source. The id is made once, by ``plan``, and reused by every retry."""

    id: str
    """``{source}-{yyyymmdd}-nightly``, or ``{source}-{time}-{trigger}-{8 hex digits}``."""
    source_id: str
    night: Night
    trigger: Trigger
    """Why there is a crawl."""
    started: UtcTime
    """When its first try began; until it is committed, when it was planned."""
    for_nights: tuple[Night, Night] | None = None
    """Of a backfill: the first and the last night whose articles it looks for."""


class Gap(StoredRecord):
    """What a discovery may have announced unseen: none of its entries was known when it was read."""

    url: str
    """Of the discovery."""
    since: UtcTime
    """When it was read before."""
    until: UtcTime | None = None
    """The date of its oldest entry; none when it dates none."""


class Attempt(Record):
    """One try at a crawl: every object it writes carries the nonce."""

    crawl_id: str
    nonce: str = Field(pattern=r"^[0-9a-f]{8}$")
    """8 hex digits, which every object that the try writes has in its key."""
    started: UtcTime
    """When the try began."""


class Software(StoredRecord):
    """What made an object."""

    name: str = "hemeroteca"
    """The program."""
    version: str
    """Its release."""
    commit: str | None = None
    """Its git commit, where that is known."""
    lock_digest: str | None = None
    """SHA-256 hex of requirements.lock."""
    python: str | None = None
    """The version of Python."""


class StoredObject(StoredRecord):
    """One object of the bucket as its manifest promises it."""

    key: str
    """Where the object lies in the bucket."""
    bytes: int
    """Its size."""
    sha256: str
    """Hex, over all of it."""
    records: int
    """How many WARC records, lines or rows it holds."""
    schema_name: str = Field(alias="schema")
    """What it is written in: the schemas of this page."""

    @classmethod
    def of(cls, key: str, content: builtins.bytes, schema: str, records: int) -> Self:
        """Return what is promised of the object at *key* that holds *content*."""
        sha256 = hashlib.sha256(content).hexdigest()
        return cls(key=key, bytes=len(content), sha256=sha256, records=records, schema_name=schema)


class OutcomeCount(StoredRecord):
    """How many URLs of a purpose ended in one state for one reason."""

    purpose: str
    """What the URLs were wanted for."""
    state: str
    """How they ended."""
    reason: str | None = None
    """Why, for the states that have reasons."""
    urls: int
    """How many they are."""


class Manifest(StoredRecord):
    """The commit of a crawl (schema manifest/1): written last, create-only."""

    schema_name: Literal["manifest/1"] = Field(default="manifest/1", alias="schema")
    crawl: Crawl
    """The crawl that is committed."""
    source: Source
    """The newspaper's card as the crawl had it, defaults filled in: the fields of seeds/README.md."""
    source_digest: str
    """SHA-256 hex of the card's JSON: two crawls with the same one had the same card."""
    attempts: tuple[Attempt, ...]
    """The tries whose objects are committed."""
    ended: UtcTime
    """When the crawl ended."""
    end_reason: str
    """``finished``; ``budget``: its time was over; ``late`` and ``interrupted``: committed late, beside a manifest or
    in place of one.
    """
    software: Software
    """What made the objects."""
    objects: tuple[StoredObject, ...]
    """Every object of the crawl that counts."""
    superseded: tuple[StoredObject, ...] = ()
    """What does not count: ledgers and items of earlier tries, and objects that the store did not keep whole."""
    discovered: int
    """How many URLs the crawl learned of."""
    counts: tuple[OutcomeCount, ...]
    """What became of them; they add up to ``discovered``."""
    gaps: tuple[Gap, ...] = ()
    """What discoveries may have announced unseen before this crawl."""
    wire_bytes: int = 0
    """What came over the wire in all."""
    previous: str | None = None
    """Key of the manifest of the newspaper's crawl before this one."""
    left_pending: int | None = None
    """How many URLs that were announced and not got were to be asked for again when it ended; none where not known."""
    given_up: int = 0
    """How many of them it gave up."""
    late: bool = False
    """True for what no manifest took in time: it adds captures, and outcomes only where the crawl has no other."""


def nightly_id(source_id: str, night: Night) -> str:
    """Return the id of *source_id*'s crawl of *night*: the same each time it is asked for."""
    return f"{source_id}-{night:%Y%m%d}-nightly"


def run_crawl_id(source_id: str, trigger: Trigger, started: datetime, dag_id: str, run_id: str) -> str:
    """Return the id of a crawl other than a nightly one: only the suffix decides identity."""
    suffix = hashlib.sha256(f"{dag_id}\n{run_id}".encode()).hexdigest()[:8]
    return f"{source_id}-{started:%Y%m%dT%H%M%SZ}-{trigger}-{suffix}"


def is_nightly(crawl_id: str) -> bool:
    return crawl_id.endswith("-nightly")


def source_of(crawl_id: str) -> str:
    """Return the id of the source that the crawl of that id is of."""
    return _MADE_OF_ID.sub("", crawl_id)


_MADE_OF_ID = re.compile(r"-\d{8}(-nightly|T\d{6}Z-[a-z]+-[0-9a-f]{8})$")
