"""Catalogs as earlier releases made them: their tables, and their rows of captures, documents and looks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert

from storage.catalog.migrate import MIGRATIONS
from storage.database import create_database, execute_all, open_engine, parse_database_url, writing
from storage.model.capture import Capture
from storage.model.outcome import Outcome
from tests.storage.committed import Cleaned, Committed

Rows = list[dict[str, Any]]

_SAME = (
    "record_id", "record_type", "target_uri", "urlkey", "date", "status", "media_type", "payload_digest",
    "record_digest", "refers_to", "refers_to_uri", "refers_to_date", "truncated", "crawl_id", "source_id", "kind",
    "purpose", "via", "robots_header", "robots_meta", "tdm_reservation", "tdm_policy", "content_signal", "canonical",
    "amphtml",
)  # fmt: skip
_OF_DOCUMENT = ("url", "urlkey", "crawl_id", "source_id", "title", "published", "language", "text_digest")


def fill_catalog(url: str, name: str, revision: str, rows: dict[str, Rows]) -> None:
    """Make the catalog *name* with the tables of *revision*, and put *rows* there, by table."""
    place = parse_database_url(url)
    create_database(place, name)
    engine = open_engine(place, name)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _insert(connection, rows)
    engine.dispose()


def _insert(connection: Connection, rows: dict[str, Rows]) -> None:
    tables = MetaData()
    tables.reflect(connection, only=list(rows))
    for name, some in rows.items():
        table = tables.tables[name]
        known = [{column: value for column, value in row.items() if column in table.c} for row in some]
        execute_all(connection, insert(table), known)


def make_rows(committed: Iterable[Committed | Cleaned]) -> dict[str, Rows]:
    """Return the rows of captures, documents and url state that release 0010 had of *committed*, applied in order."""
    captures: Rows = []
    documents: Rows = []
    states: dict[tuple[str, ...], dict[str, Any]] = {}
    crawls = 0
    for one in committed:
        if isinstance(one, Cleaned):
            documents += _document_rows(one)
            continue
        crawls += 1
        captures += map(_capture_row, one.captures)
        late = one.key if one.manifest.late else ""
        by_id = {capture.record_id: capture for capture in one.captures}
        for outcome in one.outcomes:
            if outcome.record_id:
                _add_look(states, outcome, by_id[outcome.record_id], late, crawls)
    return {"captures": captures, "documents": documents, "url_state": list(states.values())}


def _digest_id(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _capture_row(capture: Capture) -> dict[str, Any]:
    place, request = capture.location, capture.request
    return {name: getattr(capture, name) for name in _SAME} | {
        "night": str(capture.night),
        "urlkey_head": capture.urlkey[:512],
        "location_key": place.key,
        "location_offset": place.offset,
        "location_length": place.length,
        "request_key": request.key if request else None,
        "request_offset": request.offset if request else None,
        "request_length": request.length if request else None,
        "redirected_from": list(capture.redirected_from),
        "flags": list(capture.flags) or None,
        "evidence": list(capture.evidence) or None,
    }


def _document_rows(cleaned: Cleaned) -> Rows:
    return [
        {name: getattr(document, name) for name in _OF_DOCUMENT}
        | {
            "record_id": document.derived_from,
            "extractor_id": document.extractor.id,
            "family": document.extractor.family,
            "night": str(document.night),
            "key": held.key,
            "row": row,
            "article": _digest_id(document.source_id, document.urlkey),
            "fetched_at": document.fetched_at,
            "extracted_at": document.extracted_at,
        }
        for document, held, row in cleaned.documents
    ]


def _add_look(
    states: dict[tuple[str, ...], dict[str, Any]], outcome: Outcome, capture: Capture, late: str, applied: int
) -> None:
    """Add a look that is later than those before it; it holds a payload when the capture is new and whole."""
    name = (outcome.source_id, _digest_id(outcome.url), late)
    before = states.get(name, {"looks": 0} | dict.fromkeys(("held_rank", "held_fetched", "held_crawl", "distrust")))
    states[name] = before | {
        "source_id": outcome.source_id,
        "url_id": name[1],
        "late_manifest": late,
        "url": outcome.url,
        "looks": before["looks"] + 1,
        "last_night": str(outcome.night),
        "last_state": outcome.state,
        "last_purpose": outcome.purpose,
        "last_fetched": outcome.fetched_at,
        "last_crawl": outcome.crawl_id,
        "applied": applied,
    }
    if outcome.state in ("captured", "unchanged") and capture.status == 200:
        states[name] |= {
            "held_rank": 1,
            "held_fetched": outcome.fetched_at,
            "held_crawl": outcome.crawl_id,
            "record_id": capture.refers_to or capture.record_id,
            "target_uri": capture.refers_to_uri or capture.target_uri,
            "date": capture.refers_to_date or capture.date,
            "payload_digest": capture.payload_digest,
            "body_digest": outcome.body_digest,
            "etag": outcome.etag,
            "last_modified": outcome.last_modified,
        }
