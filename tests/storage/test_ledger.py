"""A ledger is Parquet that anyone opens, and comes back as it was written."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.documents import DOCUMENT_SCHEMA
from storage.ledger import LEDGER_SCHEMA, find_announced, read_ledger, read_ledger_table, write_ledger
from storage.model.errors import FixityError
from storage.model.outcome import Outcome
from storage.model.source import DISCOVERY_TRAITS, ReadKind
from storage.parquet import write_rows
from storage.surt import urlkey


def outcome(url: str, **facts: object) -> Outcome:
    fields = {
        "crawl_id": "faro-20261124-nightly",
        "source_id": "faro",
        "night": "2026-11-24",
        "url": url,
        "urlkey": urlkey(url),
        "kind": "article",
        "purpose": "article",
        "state": "skipped",
        "reason": "budget",
    }
    return Outcome.model_validate(fields | facts)


FULL = outcome(
    "http://faro.hemeroteca.test/b",
    kind="redirect",
    state="failed",
    reason="http_404",
    detail="ñandú",
    via="http://faro.hemeroteca.test/feed",
    redirected_from=("http://faro.hemeroteca.test/1", "http://faro.hemeroteca.test/2"),
    robots_header="noarchive",
    robots_meta="noai",
    tdm_reservation=True,
    tdm_policy="http://faro.hemeroteca.test/policy",
    content_signal="ai-train=no",
    canonical="http://faro.hemeroteca.test/c",
    amphtml="http://faro.hemeroteca.test/amp",
    evidence=("paywall: json-ld isAccessibleForFree=false",),
    announced=datetime(2026, 11, 23, 1, 2, 3, 4, UTC),
    status=404,
    record_id="urn:uuid:1",
    media_type="text/html",
    fetched_at=datetime(2026, 11, 24, 3, 0, 0, 123456, UTC),
    duration_seconds=0.25,
    wire_bytes=2**40,
    etag='W/"a"',
    last_modified="Tue, 24 Nov 2026 02:00:00 GMT",
    distrust="etag",
    payload_digest="sha1:A",
    body_digest="ab" * 32,
    flags=("truncated",),
    pending="given_up",
)


def test_outcomes_come_back_sorted_by_url_with_every_field() -> None:
    bare = outcome("http://faro.hemeroteca.test/a")
    assert all(getattr(FULL, name) for name in Outcome.model_fields)
    assert read_ledger(write_ledger([FULL, bare])) == [bare, FULL]
    assert read_ledger(write_ledger([])) == []


def test_every_field_of_an_outcome_has_a_column() -> None:
    assert set(LEDGER_SCHEMA.names) == set(Outcome.model_fields)


def test_the_same_outcomes_give_the_same_bytes() -> None:
    outcomes = [outcome(f"http://faro.hemeroteca.test/{number}") for number in range(100)]
    assert write_ledger(outcomes) == write_ledger(reversed(outcomes))


def test_plain_pyarrow_opens_it_and_finds_its_schema() -> None:
    file = pq.ParquetFile(io.BytesIO(write_ledger([FULL])))
    assert file.schema_arrow.metadata[b"schema"] == b"ledger/2"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    (row,) = file.read().to_pylist()
    assert (row["url"], row["fetched_at"], row["flags"]) == (FULL.url, FULL.fetched_at, ["truncated"])


def test_what_the_address_says_is_not_stored_beside_it() -> None:
    own, none = (
        FULL.replace(canonical=FULL.url),
        FULL.replace(url=f"{FULL.url}/c", urlkey=f"{FULL.urlkey}/c", canonical=None),
    )
    written = write_ledger([own, none])
    stored = pq.read_table(io.BytesIO(written))
    assert "urlkey" not in stored.column_names
    assert stored["canonical"].to_pylist() == ["", None]
    assert read_ledger(written) == [own, none]
    rows = read_ledger_table(written)
    assert rows.schema.equals(LEDGER_SCHEMA, check_metadata=True)
    assert (rows["urlkey"].to_pylist(), rows["canonical"].to_pylist()) == ([own.urlkey, none.urlkey], [own.url, None])


def test_a_ledger_of_schema_1_is_read_as_it_was_written() -> None:
    said = FULL.replace(canonical=FULL.url, urlkey="a key of then")
    rows = pa.Table.from_pylist([said.model_dump() | {"night": str(said.night)}], schema=LEDGER_SCHEMA)
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd")
    assert rows.schema.metadata == {b"schema": b"ledger/1"}
    assert read_ledger(sink.getvalue()) == [said]
    assert read_ledger_table(sink.getvalue()).equals(rows)


def test_a_column_that_an_older_ledger_has_not_is_null_and_a_later_one_is_kept_aside() -> None:
    rows = read_ledger_table(write_ledger([FULL]))
    older = write_rows(rows.drop_columns(["etag"]), 100)
    assert read_ledger(older) == [FULL.replace(etag=None)]
    assert read_ledger_table(older).schema.equals(LEDGER_SCHEMA, check_metadata=True)
    assert read_ledger_table(older).column("etag").to_pylist() == [None]
    later = write_rows(rows.append_column("cookies", pa.array([3])), 100)
    assert read_ledger(later)[0].model_extra == {"cookies": 3}
    assert read_ledger_table(later).schema.equals(LEDGER_SCHEMA, check_metadata=True)


def test_damage_and_other_schemas_are_fixity_errors() -> None:
    whole = write_ledger([FULL.replace(detail="recognisable" * 9)])
    flipped = bytearray(whole)
    flipped[whole.index(b"recognisable")] ^= 1
    for content in (b"", whole[:-5], bytes(flipped), write_rows(DOCUMENT_SCHEMA.empty_table(), 64)):
        with pytest.raises(FixityError):
            read_ledger(content)


@pytest.mark.parametrize("kind", get_args(ReadKind))
def test_a_date_counts_as_the_traits_of_its_discovery_say_redirected_or_not(kind: ReadKind) -> None:
    when = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    old, new = "http://faro.hemeroteca.test/old", "http://faro.hemeroteca.test/new"
    written = write_ledger(
        [
            outcome(old, kind=kind, purpose=kind, record_id="urn:uuid:o"),
            outcome(new, kind="redirect", purpose=kind, via=old, redirected_from=(old,), record_id="urn:uuid:n"),
            outcome("http://faro.hemeroteca.test/a", via=old, announced=when, record_id="urn:uuid:a"),
            outcome("http://faro.hemeroteca.test/b", via=new, announced=when, record_id="urn:uuid:b"),
        ]
    )
    expected = (DISCOVERY_TRAITS[kind].dates_count_as, when)
    assert find_announced(read_ledger_table(written)) == {"urn:uuid:a": expected, "urn:uuid:b": expected}


def test_what_a_feed_or_sitemap_announced_is_found_by_the_record_of_the_page() -> None:
    when = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    feed, sitemap = "http://faro.hemeroteca.test/feed", "http://faro.hemeroteca.test/sitemap.xml"
    written = write_ledger(
        [
            outcome(feed, kind="feed", purpose="feed", record_id="urn:uuid:f"),
            outcome(sitemap, kind="sitemap", purpose="sitemap", record_id="urn:uuid:s"),
            outcome("http://faro.hemeroteca.test/a", via=feed, announced=when, record_id="urn:uuid:a"),
            outcome("http://faro.hemeroteca.test/b", via=sitemap, announced=when, record_id="urn:uuid:b"),
            outcome("http://faro.hemeroteca.test/c", via=feed, record_id="urn:uuid:c"),
            outcome("http://faro.hemeroteca.test/d", via=feed, announced=when),
            outcome("http://faro.hemeroteca.test/e", via="pending", announced=when, record_id="urn:uuid:e"),
        ]
    )
    assert find_announced(read_ledger_table(written)) == {
        "urn:uuid:a": ("feed", when),
        "urn:uuid:b": ("sitemap", when),
        "urn:uuid:e": ("sitemap", when),
    }
