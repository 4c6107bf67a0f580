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
    """What started the crawl."""
    started: UtcTime
    """When its first try began; until it is committed, when it was planned."""
    for_nights: tuple[Night, Night] | None = None
    """For a backfill: the first and the last night whose articles it looks for."""


class Gap(StoredRecord):
    """A time in which a discovery may have announced articles unseen: when it was read, all its entries were new."""

    url: str
    """URL of the discovery."""
    since: UtcTime
    """When it was last read before."""
    until: UtcTime | None = None
    """The date of its oldest entry; null if none has a date."""


class Attempt(Record):
    """One try at a crawl: every object it writes carries the nonce."""

    crawl_id: str
    nonce: str = Field(pattern=r"^[0-9a-f]{8}$")
    """8 hex digits, which are part of the key of every object that the try writes."""
    started: UtcTime
    """When the try began."""


class Software(StoredRecord):
    """The software that made an object."""

    name: str = "hemeroteca"
    """The program."""
    version: str
    """Its release."""
    commit: str | None = None
    """Its git commit, if known."""
    lock_digest: str | None = None
    """SHA-256 (hex) of requirements.lock."""
    python: str | None = None
    """The version of Python."""


class StoredObject(StoredRecord):
    """One object of the bucket, as its manifest promises it."""

    key: str
    """Its key in the bucket."""
    bytes: int
    """Its size."""
    sha256: str
    """SHA-256 (hex) of the whole object."""
    records: int
    """How many WARC records, lines or rows it holds."""
    schema_name: str = Field(alias="schema")
    """Its schema, one of those on this page."""

    @classmethod
    def of(cls, key: str, content: builtins.bytes, schema: str, records: int) -> Self:
        """Return what is promised of the object at *key* that holds *content*."""
        sha256 = hashlib.sha256(content).hexdigest()
        return cls(key=key, bytes=len(content), sha256=sha256, records=records, schema_name=schema)


class OutcomeCount(StoredRecord):
    """How many URLs with one purpose ended in one state for one reason."""

    purpose: str
    """What the URLs were fetched for."""
    state: str
    """How they ended."""
    reason: str | None = None
    """Why, for the states that have reasons."""
    urls: int
    """The number of URLs."""


class Manifest(StoredRecord):
    """The commit of a crawl (schema manifest/1): written last, create-only."""

    schema_name: Literal["manifest/1"] = Field(default="manifest/1", alias="schema")
    crawl: Crawl
    """The crawl that is committed."""
    source: Source
    """The newspaper's card as the crawl used it, with defaults filled in: the fields of seeds/README.md."""
    source_digest: str
    """SHA-256 (hex) of the card's JSON: crawls with the same digest had the same card."""
    attempts: tuple[Attempt, ...]
    """The tries whose objects are committed."""
    ended: UtcTime
    """When the crawl ended."""
    end_reason: str
    """``finished``; ``budget``: its time was up; ``late`` and ``interrupted``: committed late, beside a manifest or
    in place of one.
    """
    software: Software
    """The software that made the objects."""
    objects: tuple[StoredObject, ...]
    """Every object of the crawl that counts."""
    superseded: tuple[StoredObject, ...] = ()
    """Objects that do not count: ledgers and items of earlier tries, and objects that the store did not keep whole."""
    discovered: int
    """How many URLs the crawl found."""
    counts: tuple[OutcomeCount, ...]
    """How these URLs ended; the counts add up to ``discovered``."""
    gaps: tuple[Gap, ...] = ()
    """Times before this crawl in which discoveries may have announced articles unseen."""
    wire_bytes: int = 0
    """Bytes received from servers in all."""
    previous: str | None = None
    """Key of the manifest of the newspaper's crawl before this one."""
    left_pending: int | None = None
    """How many announced URLs were still pending when it ended, to be requested again; null if not known."""
    given_up: int = 0
    """How many pending URLs it gave up."""
    late: bool = False
    """True for what no manifest took in time: it adds captures, and outcomes only for URLs the crawl has none for."""


def nightly_id(source_id: str, night: Night) -> str:
    """Return the id of *source_id*'s crawl of *night*: always the same."""
    return f"{source_id}-{night:%Y%m%d}-nightly"


def run_crawl_id(source_id: str, trigger: Trigger, started: datetime, dag_id: str, run_id: str) -> str:
    """Return the id of a crawl other than a nightly one: only the suffix decides identity."""
    suffix = hashlib.sha256(f"{dag_id}\n{run_id}".encode()).hexdigest()[:8]
    return f"{source_id}-{started:%Y%m%dT%H%M%SZ}-{trigger}-{suffix}"


def is_nightly(crawl_id: str) -> bool:
    return crawl_id.endswith("-nightly")


def source_of(crawl_id: str) -> str:
    """Return the id of the source of the crawl *crawl_id*."""
    return _MADE_OF_ID.sub("", crawl_id)


_MADE_OF_ID = re.compile(r"-\d{8}(-nightly|T\d{6}Z-[a-z]+-[0-9a-f]{8})$")
