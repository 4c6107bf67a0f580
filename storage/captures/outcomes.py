"""The outcome of an exchange: the one place where its state, reason and flags are decided.

It is made from the content of the records, when they are written and again when they are read back, so that an outcome
rebuilt from a WARC file equals the one that the crawl had.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from storage.captures.metadata_record import read_discovery, read_page_facts, read_request_key
from storage.model.crawl import Crawl
from storage.model.outcome import STORED, Outcome, State, says_no_rules
from storage.request_key import join_request_url
from storage.surt import urlkey
from storage.warc.fields import Fields
from storage.warc.http import HttpHead

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def find_target(outcome: Outcome) -> str | None:
    """Return the address that a redirect, or a page by itself, leads on to, as it is written; None for any other."""
    if outcome.state == "captured" and outcome.status in REDIRECTS:
        return outcome.detail
    return outcome.refresh if outcome.state in STORED else None


class StoredResponse(NamedTuple):
    """A response as it was written: *record_type* is ``response`` or ``revisit``, *truncated* is WARC-Truncated."""

    record_id: str
    record_type: str
    payload_digest: str | None
    truncated: str | None
    head: HttpHead


def make_outcome(crawl: Crawl, url: str, begun: datetime, fields: Fields, response: StoredResponse | None) -> Outcome:
    """Return how a request to *url* ended, under its request URL, which is another one where it was not GET.

    *fields* are those of the metadata record, *response* is None when none came.
    """
    by_name, discovery = dict(fields), read_discovery(fields)
    request = read_request_key(fields)
    request_url = join_request_url(url, request["method"], request["request_query"])
    failure = by_name.get("reason")
    state: State = "failed"
    reason: str | None = failure or "error"
    # texts, from which Outcome reads a time and a number
    facts: dict[str, Any] = {name: by_name.get(name) for name in ("announced", "distrust")}
    facts |= {"detail": by_name.get("fetchError"), "wire_bytes": by_name.get("wireBytes", 0)}
    if response is not None:
        state, reason = _state_and_reason(response, failure, discovery["purpose"])
        facts |= _response_facts(response, state) | read_page_facts(fields)
        facts["flags"] = _body_flags(response, by_name) + facts["flags"]
    return Outcome(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=crawl.night,
        url=request_url,
        urlkey=urlkey(request_url),
        state=state,
        reason=reason,
        fetched_at=begun,
        duration_seconds=int(by_name["fetchTimeMs"]) / 1000 if "fetchTimeMs" in by_name else None,
        body_digest=by_name.get("bodyDigest"),
        **discovery,
        **facts,
    )


def _state_and_reason(response: StoredResponse, failure: str | None, purpose: str) -> tuple[State, str | None]:
    status = response.head.status
    if response.truncated or failure:
        return "failed", failure or "error"
    if response.record_type == "revisit":
        return ("not_modified" if status == 304 else "unchanged"), None
    if (200 <= status < 400 and status != 304) or says_no_rules(purpose, status):
        return "captured", None
    return "failed", f"http_{status:03d}"


def _response_facts(response: StoredResponse, state: State) -> dict[str, Any]:
    head = response.head
    facts: dict[str, Any] = {
        "status": head.status,
        "record_id": response.record_id,
        "media_type": head.media_type,
        "etag": head.value(b"etag"),
        "last_modified": head.value(b"last-modified"),
        "payload_digest": response.payload_digest,
    }
    if state == "captured" and head.status in REDIRECTS:
        facts["detail"] = head.value(b"location") or None
    return facts


def _body_flags(response: StoredResponse, by_name: dict[str, str]) -> tuple[str, ...]:
    """Return flags for what is wrong with the body or the connection."""
    flags = (
        "truncated" if response.truncated else None,
        by_name.get("bodyError"),
        "tls_unverified" if "tlsError" in by_name else None,
    )
    return tuple(flag for flag in flags if flag)
