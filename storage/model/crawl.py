"""Crawls, their attempts, and the manifests that make them real."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from storage.model.base import Record, StoredRecord, UtcTime
from storage.model.source import Source

Trigger = Literal["nightly", "manual", "fresh", "backfill", "daytime"]


class Crawl(Record):
    """One crawl of one source. The id is made once, by ``plan``, and reused by every retry.

    ``night`` is that of its captures and keys; ``for_nights``, of a backfill alone, the first and the last night whose
    articles it looks for.
    """

    id: str
    source_id: str
    night: date
    trigger: Trigger
    started: UtcTime
    for_nights: tuple[date, date] | None = None


class Gap(StoredRecord):
    """What a feed may have announced unseen: none of its entries was known when it was read.

    ``since`` is when it was read before, ``until`` the date of its oldest entry, None when it dates none.
    """

    url: str
    since: UtcTime
    until: UtcTime | None = None


class Attempt(Record):
    """One try at a crawl: every object it writes carries the nonce."""

    crawl_id: str
    nonce: str = Field(pattern=r"^[0-9a-f]{8}$")
    started: UtcTime


class Software(StoredRecord):
    """What made an object: ``lock_digest`` is the SHA-256 of requirements.lock."""

    name: str = "hemeroteca"
    version: str
    commit: str | None = None
    lock_digest: str | None = None
    python: str | None = None


class StoredObject(StoredRecord):
    """One object of the bucket as its manifest promises it: size in bytes, SHA-256 hex, records inside."""

    key: str
    bytes: int
    sha256: str
    records: int
    schema_name: str = Field(alias="schema")


class OutcomeCount(StoredRecord):
    """How many URLs of a purpose ended in one state for one reason."""

    purpose: str
    state: str
    reason: str | None = None
    urls: int


class Manifest(StoredRecord):
    """The commit of a crawl (``manifest/1``): written last, create-only.

    ``counts`` add up to ``discovered``. ``superseded`` are index and ledger objects of earlier tries that
    the winner does not use. ``previous`` is the key of this source's manifest before this one.
    ``late`` marks captures that no manifest took in time: they add captures only, and outcomes only when
    the crawl has no other manifest.
    """

    schema_name: Literal["manifest/1"] = Field(default="manifest/1", alias="schema")
    crawl: Crawl
    source: Source
    source_digest: str
    attempts: tuple[Attempt, ...]
    ended: UtcTime
    end_reason: str
    software: Software
    objects: tuple[StoredObject, ...]
    superseded: tuple[StoredObject, ...] = ()
    discovered: int
    counts: tuple[OutcomeCount, ...]
    gaps: tuple[Gap, ...] = ()
    wire_bytes: int = 0
    previous: str | None = None
    late: bool = False


def nightly_id(source_id: str, night: date) -> str:
    """Return the id of *source_id*'s crawl of *night*: the same each time it is asked for."""
    return f"{source_id}-{night:%Y%m%d}-nightly"


def run_crawl_id(source_id: str, trigger: Trigger, started: datetime, dag_id: str, run_id: str) -> str:
    """Return the id of a crawl other than a nightly one: only the suffix decides identity."""
    suffix = hashlib.sha256(f"{dag_id}\n{run_id}".encode()).hexdigest()[:8]
    return f"{source_id}-{started:%Y%m%dT%H%M%SZ}-{trigger}-{suffix}"
