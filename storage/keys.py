"""Every key of the bucket, made in one place; ``{yyyy}/{mm}/{dd}`` is the night.

warc/{source}/{yyyy}/{mm}/{dd}/{crawl}-{attempt}-{serial}.warc.gz
index/{source}/{yyyy}/{mm}/{dd}/{crawl}-{attempt}-{serial}.cdxj.gz and .records.jsonl.gz
ledger/source={source}/date={yyyy-mm-dd}/{crawl}-{attempt}.parquet
items/source={source}/date={yyyy-mm-dd}/{crawl}-{attempt}.jsonl.gz
documents/source={source}/date={yyyy-mm-dd}/{crawl}-{extractor}-{attempt}.parquet
manifests/crawl/{yyyy}/{mm}/{dd}/{crawl}.json, or {crawl}-late-{digest}.json
manifests/text/{yyyy}/{mm}/{dd}/{crawl}-{extractor}.json, or {crawl}-late-{digest}-{extractor}.json
manifests/text/{yyyy}/{mm}/{dd}/{crawl}-{extractor}-more-{8 hex}.json    adds to that, or stands for it
drafts/text/{yyyy}/{mm}/{dd}/    likewise: a cleaning that is not, or was not yet, published
memory/{source}/{yyyy}/{mm}/{dd}/{time}-{crawl}-{attempt}.json.gz    {time}: of learning, yyyymmddThhmmss.ffffffZ
tables/{documents,ledger}/night={yyyy-mm-dd}/part-{n}.parquet

{attempt} is the nonce of the try that put an object, or one made for it where it was put again or is a part of another.
{digest} is 8 hex digits over the digests of a late manifest's objects; early releases had the {attempt} there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from storage.model.crawl import Attempt, Crawl, StoredObject
from storage.model.document import Extractor
from storage.model.night import Night

CRAWL_MANIFESTS = "manifests/crawl/"
TEXT_MANIFESTS = "manifests/text/"
TEXT_DRAFTS = "drafts/text/"

_DAY = re.compile(r"[/=](\d{4})[-/](\d\d)[-/](\d\d)/")
_CRAWL = re.compile(r"(.+?-(\d{8}-nightly|\d{8}T\d{6}Z-[a-z]+-[0-9a-f]{8}))[-.]")
_NONCE = re.compile(r"-[0-9a-f]{8}(?=(-[0-9]{5})?\.)")
_TIME = "%Y%m%dT%H%M%S.%fZ"


def day(night: Night) -> str:
    return f"{night:%Y/%m/%d}"


def warc_name(attempt: Attempt, serial: int) -> str:
    """Return the file name of an attempt's WARC file, in the spool as in the bucket."""
    return f"{attempt.crawl_id}-{attempt.nonce}-{serial:05d}.warc.gz"


def warcs_of(crawl: Crawl) -> str:
    """Return the prefix that every WARC file of every attempt at *crawl* has."""
    return f"warc/{crawl.source_id}/{day(crawl.night)}/{crawl.id}-"


def warc(crawl: Crawl, name: str) -> str:
    return f"warc/{crawl.source_id}/{day(crawl.night)}/{name}"


def put_again(key: str) -> str:
    """Return where an object is put again that is not whole at *key*: there, under another nonce, each time the same.

    Example: ``warc/…/{crawl}-{attempt}-00000.warc.gz``, ``ledger/…/{crawl}-{attempt}.parquet``.
    """
    return replace_nonce(key, make_nonce(key))


def replace_nonce(key: str, nonce: str) -> str:
    """Return a key, or the name of a WARC file, with another *nonce*."""
    return _NONCE.sub(f"-{nonce}", key)


def make_nonce(*parts: str) -> str:
    """Return the 8 hex digits that these *parts* always give."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def cdxj_beside(warc_key: str) -> str:
    """Return the key of the CDXJ index of the WARC file at *warc_key*."""
    return f"index/{warc_key.removeprefix('warc/').removesuffix('.warc.gz')}.cdxj.gz"


def records_beside(warc_key: str) -> str:
    """Return the key of the records index of the WARC file at *warc_key*."""
    return f"index/{warc_key.removeprefix('warc/').removesuffix('.warc.gz')}.records.jsonl.gz"


def ledgers_of(crawl: Crawl) -> str:
    """Return the prefix that the ledger of every attempt at *crawl* has."""
    return f"ledger/source={crawl.source_id}/date={crawl.night}/{crawl.id}-"


def ledger(crawl: Crawl, attempt: Attempt) -> str:
    return f"{ledgers_of(crawl)}{attempt.nonce}.parquet"


def items_of(crawl: Crawl) -> str:
    """Return the prefix that the items of every attempt at *crawl* have."""
    return f"items/source={crawl.source_id}/date={crawl.night}/{crawl.id}-"


def items(crawl: Crawl, attempt: Attempt) -> str:
    return f"{items_of(crawl)}{attempt.nonce}.jsonl.gz"


def documents(crawl: Crawl, extractor: Extractor, nonce: str) -> str:
    return f"documents/source={crawl.source_id}/date={crawl.night}/{crawl.id}-{extractor.id}-{nonce}.parquet"


def crawl_manifest(crawl: Crawl) -> str:
    return f"{CRAWL_MANIFESTS}{day(crawl.night)}/{crawl.id}.json"


def late_manifest(crawl: Crawl, objects: Iterable[StoredObject]) -> str:
    """Return the key of the manifest that commits *objects* late: the same for the same objects, and for no others."""
    digest = make_nonce(*sorted(stored.sha256 for stored in objects))
    return f"{CRAWL_MANIFESTS}{day(crawl.night)}/{crawl.id}-late-{digest}.json"


def night_of(key: str) -> Night:
    """Return the night of a manifest, a crawl's or a cleaning's, or of a site memory, by its key."""
    year, month, day_of_month = key.split("/")[2:5]
    return Night(int(year), int(month), int(day_of_month))


def evidence_night_of(key: str) -> Night | None:
    """Return the night of any object of a crawl, by its key; None where the key has none."""
    found = _DAY.search(key)
    return Night(*map(int, found.groups())) if found else None


def crawl_of(key: str) -> str | None:
    """Return the id of the crawl that an object belongs to, by the last part of its key; None for another name."""
    found = _CRAWL.match(key.rpartition("/")[2])
    return found.group(1) if found else None


def text_manifest(crawl_manifest: str, extractor: Extractor) -> str:
    """Return the key of the cleaning of what the manifest at *crawl_manifest*, in time or late, commits."""
    return f"{TEXT_MANIFESTS}{_path_of(crawl_manifest)}-{extractor.id}.json"


def text_draft(crawl_manifest: str, extractor: Extractor) -> str:
    return f"{TEXT_DRAFTS}{_path_of(crawl_manifest)}-{extractor.id}.json"


def published_of(draft: str) -> str:
    """Return the key of the text manifest that the one at *draft* becomes."""
    return f"{TEXT_MANIFESTS}{draft.removeprefix(TEXT_DRAFTS)}"


def draft_of(text_manifest: str) -> str:
    """Return the key of the draft that the text manifest at that key was, if it was one."""
    return f"{TEXT_DRAFTS}{text_manifest.removeprefix(TEXT_MANIFESTS)}"


def text_more(text_manifest: str, names: Iterable[str]) -> str:
    """Return the key of what adds to, or stands for, the cleaning at *text_manifest*, published or a draft.

    *names* say what it adds and to what: two tries at the same have the same key.
    """
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:8]
    return f"{text_mores_of(text_manifest)}{digest}.json"


def extractor_of(text_manifest: str, crawl_manifest: str) -> str:
    """Return the id of the extractor of a cleaning of what the manifest at *crawl_manifest* commits, by its key."""
    name = text_manifest.removeprefix(TEXT_MANIFESTS).removesuffix(".json")
    return name.removeprefix(f"{_path_of(crawl_manifest)}-").partition("-more-")[0]


def text_mores_of(text_manifest: str) -> str:
    """Return the prefix of what adds to, or stands for, the cleaning at *text_manifest*."""
    return f"{text_manifest.removesuffix('.json')}-more-"


def _path_of(crawl_manifest: str) -> str:
    return crawl_manifest.removeprefix(CRAWL_MANIFESTS).removesuffix(".json")


def site_memories_of(source_id: str, month: date) -> str:
    """Return the prefix of what was learned of a source in a month."""
    return f"memory/{source_id}/{month:%Y/%m}/"


def site_memory(crawl: Crawl, learned: datetime, nonce: str) -> str:
    return f"memory/{crawl.source_id}/{day(crawl.night)}/{learned:{_TIME}}-{crawl.id}-{nonce}.json.gz"


def learned_of(memory_key: str) -> str:
    """Return when a site memory was learned, by its key; such times compare as they passed."""
    return memory_key.rpartition("/")[2].partition("-")[0]


def teacher_of(memory_key: str) -> str:
    """Return the id of the crawl that taught a site memory, by its key."""
    return memory_key.rpartition("/")[2].partition("-")[2].rpartition("-")[0]


def is_learned_before(memory_key: str, crawl: Crawl) -> bool:
    """Say whether a site memory of the source was learned before *crawl* started, in no later night."""
    return learned_of(memory_key) < f"{crawl.started:{_TIME}}" and night_of(memory_key) <= crawl.night


def table_part(table: Literal["documents", "ledger"], night: Night, part: int = 0) -> str:
    return f"tables/{table}/night={night}/part-{part}.parquet"
