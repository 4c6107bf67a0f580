"""Ledgers: every URL a crawl discovered and how it ended, one row of Parquet each (schema ledger/2).

Stored without ``urlkey``, which follows from the URL, and with an empty ``canonical`` where that is the URL itself;
reading fills in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyarrow as pa

from storage.database import split_batches
from storage.model.errors import FixityError
from storage.model.outcome import PENDING, Outcome
from storage.model.source import DISCOVERY_TRAITS
from storage.parquet import LIST_OF_WORDS, MOMENT, WORDS, conform, make_schema, read_rows, schema_name, write_rows
from storage.surt import urlkey

LEDGER = "ledger/2"
LEDGERS = ("ledger/1", LEDGER)
"""Every schema of a stored ledger that is read."""

LEDGER_SCHEMA = make_schema(
    "ledger/1",
    required={
        "crawl_id": WORDS,
        "source_id": WORDS,
        "night": WORDS,
        "url": WORDS,
        "urlkey": WORDS,
        "kind": WORDS,
        "purpose": WORDS,
        "state": WORDS,
        "redirected_from": LIST_OF_WORDS,
        "wire_bytes": pa.int64(),
        "flags": LIST_OF_WORDS,
    },
    optional={
        "reason": WORDS,
        "detail": WORDS,
        "via": WORDS,
        "announced": MOMENT,
        "status": pa.int16(),
        "record_id": WORDS,
        "media_type": WORDS,
        "fetched_at": MOMENT,
        "duration_seconds": pa.float64(),
        "etag": WORDS,
        "last_modified": WORDS,
        "payload_digest": WORDS,
        "body_digest": WORDS,
        "distrust": WORDS,
        "robots_header": WORDS,
        "robots_meta": WORDS,
        "tdm_reservation": pa.bool_(),
        "tdm_policy": WORDS,
        "content_signal": WORDS,
        "canonical": WORDS,
        "amphtml": WORDS,
        "evidence": LIST_OF_WORDS,
        "pending": WORDS,
    },
)
"""What a ledger is read as, and a table of them: ledger/1, which was stored so."""
STORED_LEDGER_SCHEMA = LEDGER_SCHEMA.remove(LEDGER_SCHEMA.get_field_index("urlkey")).with_metadata({"schema": LEDGER})
"""What a ledger is stored as."""

_ROW_GROUP_ROWS = 64 * 1024
_BATCH_ROWS = 250
_ENCODINGS = {
    **dict.fromkeys(("url", "canonical", "record_id"), "DELTA_BYTE_ARRAY"),
    **dict.fromkeys(("payload_digest", "body_digest", "etag"), "DELTA_LENGTH_BYTE_ARRAY"),
    **dict.fromkeys(("fetched_at", "wire_bytes"), "PLAIN"),
}


def write_ledger(outcomes: Iterable[Outcome]) -> bytes:
    """Return *outcomes* as Parquet, sorted by URL: the same outcomes give the same bytes."""
    # a row takes a sixth of the memory that its outcome does
    some = (_rows(batch) for batch in split_batches(outcomes, _BATCH_ROWS))
    rows = pa.Table.from_batches(some, STORED_LEDGER_SCHEMA).combine_chunks()
    urls = rows.column("url").to_pylist()
    if urls != sorted(urls):  # a crawl process leaves them sorted; loading Arrow's sort takes 20 MB
        rows = rows.sort_by("url")
    without_statistics = tuple(rows.schema.names)  # a ledger is read whole
    return write_rows(rows, _ROW_GROUP_ROWS, without_statistics, _ENCODINGS)


def _rows(outcomes: list[Outcome]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([_row(outcome) for outcome in outcomes], schema=STORED_LEDGER_SCHEMA)


def _row(outcome: Outcome) -> dict[str, Any]:
    row = outcome.model_dump() | {"night": str(outcome.night)}
    return row | {"canonical": ""} if outcome.canonical == outcome.url else row


def read_ledger(content: bytes) -> list[Outcome]:
    """Return the outcomes that ``write_ledger`` wrote, now or before. Raises FixityError for anything else."""
    try:
        return [Outcome.model_validate(row) for row in _read(content).to_pylist()]
    except ValueError as error:
        raise FixityError(f"not a ledger: {error}") from error


def find_announced(ledger: pa.Table) -> dict[str, tuple[str, datetime]]:
    """Return, by record id, the kind of discovery that a page's date counts as, and when the page appeared by it."""
    rows = ledger.select(["url", "purpose", "record_id", "via", "announced"]).to_pylist()
    discoveries = [row for row in rows if row["purpose"] in DISCOVERY_TRAITS]  # the kind of some is "redirect"
    kinds: dict[str, str] = {row["url"]: DISCOVERY_TRAITS[row["purpose"]].dates_count_as for row in discoveries}
    kinds[PENDING] = "sitemap"  # from which kind it was is not known any more: this one is believed least
    found = [row for row in rows if row["record_id"] and row["announced"]]
    return {row["record_id"]: (kinds.get(row["via"], "feed"), row["announced"]) for row in found}


def read_ledger_table(content: bytes) -> pa.Table:
    """Return the ledger *content* as a table of ``LEDGER_SCHEMA``. Raises FixityError when it is none."""
    return conform(_read(content), LEDGER_SCHEMA)


def _read(content: bytes) -> pa.Table:
    """Return the rows of a ledger of any schema, with what is not stored any more."""
    rows = read_rows(content, LEDGER_SCHEMA, STORED_LEDGER_SCHEMA)
    if schema_name(rows.schema) != LEDGER:
        return rows
    urls, stored = rows["url"].to_pylist(), rows["canonical"].to_pylist()
    canonical = [url if other == "" else other for url, other in zip(urls, stored, strict=True)]
    rows = rows.set_column(rows.schema.get_field_index("canonical"), "canonical", pa.array(canonical, WORDS))
    return rows.append_column("urlkey", pa.array(map(urlkey, urls), WORDS))
