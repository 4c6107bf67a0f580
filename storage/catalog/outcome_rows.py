"""The rows that outcomes leave in the catalog: looks at URLs, which of them may be pending, and doubles."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from sqlalchemy import Row

from storage.catalog.numbers import Values
from storage.catalog.rows import number_name, number_url
from storage.model.night import Night
from storage.model.outcome import Outcome, is_passing
from storage.pending import PendingFacts, read_facts
from storage.request_key import is_request_url

HELD = (
    "held_rank", "held_fetched", "record_id", "target_url", "date", "payload_digest", "body_digest", "etag",
    "last_modified",
)  # fmt: skip
"""Columns of url_state that say which payload is held: they change together."""


HOLDING = ("captured", "unchanged")
"""States of an outcome that name the payload held, if it is no error page; a 304 leaves it as it was."""


def make_outcome_row(outcome: Outcome, late_manifest: str) -> Values | None:
    """Return the row that an outcome leaves: of a look at a URL, of one that may be pending (``is_pending``), or of a
    double (``is_double``); None where it leaves none.

    *late_manifest* is the manifest's key when it is late, else empty.
    """
    if outcome.reason == "duplicate" and outcome.detail:
        return {"url": number_url(outcome.url, outcome.urlkey), "double_of": number_url(outcome.detail)}
    if facts := read_facts(outcome):
        return _make_pending_row(outcome, facts, late_manifest)
    return _make_look(outcome, late_manifest)


def is_pending(row: Values) -> bool:
    return "asked" in row


def _make_pending_row(outcome: Outcome, facts: PendingFacts, late_manifest: str) -> Values:
    own = {"source": number_name(outcome.source_id), "url": number_url(outcome.url, outcome.urlkey)}
    return own | {"late_manifest": late_manifest} | write_pending(facts)


def write_pending(facts: PendingFacts) -> Values:
    """Return the columns of ``pending`` that have *facts*."""
    return facts._asdict() | {"asked": list(map(str, facts.asked))}


def read_pending(row: Row[Any] | Values) -> PendingFacts:
    """Return what ``write_pending`` wrote."""
    found = row if isinstance(row, dict) else row._mapping
    facts = PendingFacts(**{name: found[name] for name in PendingFacts._fields})
    return facts._replace(asked=tuple(map(Night.fromisoformat, facts.asked)))  # type: ignore[arg-type]


def is_double(row: Values) -> bool:
    return "double_of" in row


def _make_look(outcome: Outcome, late_manifest: str) -> Values | None:
    """Return the row of a look at a URL; None where nothing answered for good, or the request was not GET.

    It has the record that left a payload, and what the outcome says of that: ``add_payload`` adds the rest.
    """
    if outcome.status is None or outcome.fetched_at is None or is_request_url(outcome.url):
        return None
    if outcome.state == "failed" and is_passing(outcome.reason):
        return None
    look = dict.fromkeys(HELD) | {
        "source": number_name(outcome.source_id),
        "url": number_url(outcome.url, outcome.urlkey),
        "late_manifest": late_manifest,
        "looks": 1,
        "last_night": outcome.night,
        "last_state": outcome.state,
        "last_purpose": outcome.purpose,
        "last_fetched": outcome.fetched_at,
        "distrust": outcome.distrust,
        "distrusted": outcome.night if outcome.distrust else None,
    }
    if outcome.record_id and outcome.state in HOLDING and outcome.status < HTTPStatus.BAD_REQUEST:
        look |= {name: getattr(outcome, name) for name in ("record_id", "body_digest", "etag", "last_modified")}
        look["held_fetched"] = outcome.fetched_at
    return look


def add_payload(look: Values, capture: Row[Any] | None) -> Values:
    """Return *look* with the payload that *capture*, the row of its record, left: a revisit's is where it refers to."""
    if capture is None or capture.payload_digest is None:
        return look | dict.fromkeys(HELD)
    whole = capture.status == HTTPStatus.OK
    is_revisit = capture.refers_to is not None
    held = {
        "held_rank": int(whole),
        "record_id": capture.refers_to if is_revisit else capture.record_id,
        "target_url": capture.refers_to_url if is_revisit else capture.url,
        "date": (capture.refers_to_date or capture.date) if is_revisit else capture.date,
        "payload_digest": capture.payload_digest,
    }
    return look | held | ({} if whole else {"etag": None, "last_modified": None})  # a redirect's are never sent
