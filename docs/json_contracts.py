"""What commands print with ``--json``: each key, its type and its meaning. Held to what they really print by a test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel

from docs.field_types import json_type
from storage.analysis.data_dictionary import meaning_of
from storage.model.capture import Capture
from storage.model.source import Source

_LINK = re.compile(r"\[\w+\]\([^)]*\)")
"""A record, as docs/format.md links to it."""


class Key(NamedTuple):
    """One key of a JSON object."""

    name: str
    type: str
    meaning: str


class Contract(NamedTuple):
    """What one line of a command is, and its keys."""

    line: str
    keys: tuple[Key, ...]


def _keys(*lines: str) -> tuple[Key, ...]:
    """Return the keys that *lines* name: name, type and meaning with ``|`` between them."""
    return tuple(Key(*(part.strip() for part in line.split("|", 2))) for line in lines)


def _fields(record: type[BaseModel], names: Iterable[str]) -> tuple[Key, ...]:
    """Return fields of *record* as keys, as the record itself explains them."""
    types = {name: _LINK.sub("object", json_type(record.model_fields[name].annotation)) for name in names}
    return tuple(Key(name, kind, meaning_of(record, name)) for name, kind in types.items())


_COVERAGE = Contract(
    "a crawl",
    _keys(
        "source | string | The newspaper's id.",
        "night | date | The night it belongs to.",
        "crawl | string | The crawl's id.",
        "trigger | string | What asked for it: `nightly`, `daytime`, `manual`, `backfill` or `survey`.",
        "late | boolean | Whether it was committed after its run, because the process that crawled was killed.",
        "discovered | integer | Addresses discovered: the sum of the six states below.",
        "captured | integer | Addresses whose answer was stored.",
        "unchanged | integer | Addresses whose answer has the same bytes as one stored before.",
        "not_modified | integer | Addresses for which the server said that nothing has changed (304).",
        "failed | integer | Addresses without a complete answer.",
        "refused | integer | Addresses that were not asked for, by robots.txt or another rule.",
        "skipped | integer | Addresses that were not asked for, because of a limit or another address.",
        "documents | integer | Articles with clean text or at least a title.",
        "no_text | integer | Of these documents, those without a text.",
        "reserved | integer | Articles without a document, because the publisher reserves text and data mining.",
        "confidence | number or null | How sure the extractor is of the texts on average, from 0 to 1.",
        "flagged | integer | Documents that look unlike a whole article.",
        "pending | integer or null | Addresses left for a later night; null for crawls of earlier releases.",
        "given_up | integer | Addresses that are not asked for again.",
        "gap_seconds | number or null | The longest time in which the newspaper's feeds went unread.",
        "missed_nights | integer | Nights since the nightly crawl before, in which it was not crawled.",
        "backfilled | boolean | Whether the articles of that time were looked for later.",
        "bytes | integer | Bytes received.",
        "seconds | number | How long the crawl took.",
        "cause | string or null | The probable cause where a crawl went wrong, in words.",
    ),
)
_ANSWER = _keys(
    "url | string | An address: as it was named.",
    "state | string | An address: what became of it, as in the ledger.",
    "captured | boolean or integer | An address: whether we have it. A crawl: addresses whose answer was stored.",
    "reason | string or null | An address: why it was not captured, in one word.",
    "detail | string or null | An address: what exactly happened.",
    "final_url | string or null | An address: where redirects led, or which address of the same page was fetched.",
    "status | integer or null | An address: the HTTP status, if an answer came.",
    "record_id | string or null | An address: the record of its capture.",
    "source | string or null | The newspaper's id.",
    "crawl | string or null | The crawl's id; null for an address that no crawl accounts for.",
    "meaning | string or null | An address: what the reason means, in plain words.",
    "advice | string or null | An address: what to do about it.",
)
_ASKED = Contract(
    "first each address that was named, then each crawl",
    (*_ANSWER, *(key for key in _COVERAGE.keys if key.name not in {one.name for one in _ANSWER})),
)
_FORECAST = Contract(
    "a newspaper",
    _keys(
        "source_id | string | The newspaper's id.",
        "night | date | The night of the forecast.",
        "discovery | integer | Feeds, sitemaps and pages that will be read for new articles.",
        "new | integer or null | New articles that are expected; null before the first nightly crawl.",
        "again | object of integer | Articles that will be looked at again, by how often they were looked at.",
        "put_off | integer | Articles that are due and do not fit the night's budget.",
        "hosts | object of integer | Requests by host.",
        "minutes | number | How long the crawl will take.",
        "wire_bytes | integer or null | Bytes that will be received; null before the first nightly crawl.",
        "checks | integer | Answers at most that are asked for twice, to test the server's `304`.",
        "pending | integer | Articles announced earlier and not captured yet.",
        "requests | integer | All requests: the sum of `hosts`.",
        "last | object or null | The last nightly crawl: its `forecast`, and its real `requests`, `minutes` and"
        " `wire_bytes`; `error` is 0.1 for a tenth too many requests forecast.",
        "due | list of string | With `--urls`: the addresses that will be looked at again.",
    ),
)
_MISSED = Contract(
    "an address that was not captured",
    _keys(
        "source_id | string | The newspaper's id.",
        "crawl_id | string | The crawl's id.",
        "url | string | The address.",
        "state | string | `failed`, `refused` or `skipped`.",
        "reason | string | Why, in one word: see [words.md](words.md#state).",
        "detail | string or null | What exactly happened.",
        "purpose | string | What the address was wanted for: `article`, `feed`, `sitemap`, `robots` and others.",
        "via | string or null | The address where it was found.",
        "status | integer or null | The HTTP status, if an answer came.",
        "pending | string or null | How it stands for the nights to come, if it is asked for again.",
        "meaning | string | What the reason means, in plain words.",
        "advice | string | What to do about it.",
    ),
)
_DIFFERENCES = Contract(
    "first the sums, then each of the biggest changes",
    _keys(
        "extractor | string | Sums: the extractor of the new documents.",
        "crawls | integer | Sums: crawls that were compared.",
        "unchanged | integer | Sums: documents that stay as they are.",
        "changed | integer | Sums: documents with changes.",
        "gained | integer | Sums: documents that are new.",
        "lost | integer | Sums: documents that are gone.",
        "fields | object of integer or list of string | Sums: changed documents by field. A change: its fields.",
        "url | string | A change: the address.",
        "record_id | string | A change: the capture's record.",
        "change | string | A change: `changed`, `gained` or `lost`.",
        "removed_characters | integer | A change: characters in lines that are gone.",
        "added_characters | integer | A change: characters in lines that are new.",
        "removed | list of string | A change: some of the lines that are gone.",
        "added | list of string | A change: some of the lines that are new.",
    ),
)

CONTRACTS: dict[str, Contract] = {
    "nightly": _COVERAGE,
    "crawl": _ASKED,
    "status": _COVERAGE,
    "plan": _FORECAST,
    "failures": _MISSED,
    "ls": Contract(
        "a capture",
        (
            *_fields(Capture, Capture.model_fields),
            *_keys("found_by | string | How the address led to it: `address`, or a double or canonical one."),
        ),
    ),
    "doctor": Contract(
        "a part of the archive",
        _keys(
            "part | string | The part's name.",
            "well | boolean | Whether it works.",
            "found | string | What was found.",
            "fix | string | What to do; empty if nothing.",
            "is_warning | boolean | Whether it works now but may not always.",
        ),
    ),
    "columns": Contract(
        "a column",
        _keys(
            "name | string | The column's name.",
            "type | string | Its type in Arrow, and whether it may be null.",
            "unit | string | What a number counts; empty for other columns.",
            "meaning | string | What it means.",
            "since | string | The schema that has it.",
        ),
    ),
    "sources list": Contract("a newspaper's card", _fields(Source, Source.model_fields)),
    "admin reextract": _DIFFERENCES,
    "admin check-warc": Contract(
        "a problem",
        _keys(
            "file | string | The file's path.",
            "offset | integer | Where in the file, in bytes.",
            "reason | string | What is wrong.",
            "fatal | boolean | Whether nothing after it was read.",
        ),
    ),
    "admin keep-house": Contract(
        "a kind of things",
        _keys(
            "kind | string | What was removed, or with `--dry-run` would be.",
            "number | integer | How many.",
            "bytes | integer or null | Their size, where it is known.",
        ),
    ),
}
"""By command: every one that has ``--json``."""
