"""Questions about little are answered by indexes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from storage.catalog import Catalog, Selection, capture_listing, other_addresses, queries
from storage.catalog.schema import metadata
from storage.catalog.versions import find_versions
from storage.coordination import Coordination
from storage.database import open_engine, parse_database_url, reading
from storage.model.night import Night
from storage.surt import urlkey
from tests.storage.catalog.test_queries import A, B, publish
from tests.storage.committed import at

EVERYTHING = queries.choose_captures(None, None, None, None, None)


def published_record(connection: Connection) -> str:
    return queries.find_captures(connection, EVERYTHING, 1)[0].record_id


QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "a record": lambda connection: queries.find_capture(connection, "urn:uuid:unknown"),
    "an address": lambda connection: queries.find_captures(connection, [queries.at_urlkey(urlkey(A))], None),
    "a prefix": lambda connection: queries.find_captures(connection, [queries.under_prefix("test,hem")], 10),
    "the first of all": lambda connection: queries.find_captures(connection, EVERYTHING, 10),
    "a crawl": lambda connection: queries.find_captures(
        connection, queries.choose_captures(None, None, None, None, "demo-faro-20260301-nightly"), None
    ),
    "the closest": lambda connection: queries.find_closest(connection, urlkey(A), at(1)),
    "a document": lambda connection: queries.find_document(connection, "urn:uuid:unknown", None),
    "doubles": lambda connection: other_addresses.find_doubles(connection, urlkey(A)),
    "canonical links": lambda connection: other_addresses.find_canonical_links(connection, urlkey(A)),
    "the rest of a listing": lambda connection: list(
        capture_listing.list_captures(lambda asked: asked(connection), Selection(), published_record(connection))
    ),
    "a listing of a night": lambda connection: list(
        capture_listing.list_captures(lambda asked: asked(connection), Selection(night=Night(2026, 3, 1)), None)
    ),
    "backfills": lambda connection: queries.find_backfills(connection, ["demo-faro"], at(1)),
    "versions": lambda connection: find_versions(connection, "demo-faro", urlkey(A)),
    "a manifest": lambda connection: queries.is_published(connection, "manifests/crawl/unknown.json"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_little_reads_no_table_as_a_whole(tmp_path: Path, question: str) -> None:
    coordination = Coordination.open(f"sqlite:///{tmp_path}/coordination.sqlite")
    catalog = Catalog.open(f"sqlite:///{tmp_path}/catalog.sqlite", coordination)
    publish(catalog, A, B)
    engine = open_engine(parse_database_url(f"sqlite:///{tmp_path}/catalog.sqlite"), catalog.name)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, said, values, *_: asked.append((said, values)))
    with reading(engine) as connection:
        QUESTIONS[question](connection)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all() for said, values in asked[1:]]
    steps = [step.detail.split() for plan in plans for step in plan]
    assert any(step[0] == "SEARCH" for step in steps), steps
    assert [step for step in steps if step[0] == "SCAN" and step[1] in metadata.tables] == []
    if question in ("a prefix", "the first of all"):  # the first are given before the last is read
        assert ["USE", "TEMP", "B-TREE", "FOR", "ORDER", "BY"] not in steps
    coordination.close()
