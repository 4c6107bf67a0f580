"""Outcomes: what became of each URL a crawl discovered, in one closed vocabulary."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Literal

from storage.model.base import UtcTime
from storage.model.night import Night
from storage.model.page_facts import PageFacts
from storage.model.source import ReadKind

Kind = Literal["robots", "tdmrep", ReadKind, "article", "requisite", "redirect"]
State = Literal["captured", "unchanged", "not_modified", "failed", "refused", "skipped"]

STATES: tuple[State, ...] = ("captured", "unchanged", "not_modified", "failed", "refused", "skipped")
STORED: frozenset[State] = frozenset({"captured", "unchanged", "not_modified"})
"""States that stand for a complete response which the archive can give back."""

RULES: frozenset[Kind] = frozenset({"robots", "tdmrep"})
"""Files that say which URLs may be fetched and how their pages may be used. Most newspapers have only one of them."""

REFUSED = frozenset({"robots", "scope", "private_address", "port", "trap", "too_old", "scheme", "redirects"})
SKIPPED = frozenset({"not_due", "other_night", "budget", "host_busy", "host_blocked", "duplicate", "dropped", "closed"})
FAILED = frozenset(
    {
        "timeout",
        "dns",
        "tls",
        "connect",
        "redirect_loop",
        "length",
        "interrupted",
        "protocol",
        "not_a_feed",
        "empty",
        "parser_limit",
        "callback_error",
        "error",
    }
)
"""Reasons of ``failed`` beside ``http_NNN``, which carries the status: the body that came is stored."""
_PASSING = frozenset({"timeout", "dns", "tls", "connect", "protocol", "length"})
_PASSING_STATUS = re.compile(r"http_(?:408|425|429|5\d\d)")
_UNASKED = frozenset({"budget", "host_busy", "host_blocked", "interrupted"})
ROBOTS_UNREAD = "robots.txt could not be read"
"""The detail of what is refused for robots.txt because there are no rules to go by."""

PENDING = "pending"
"""Value of ``via``: it was announced on an earlier night and not got."""

Flag = Literal[
    "truncated", "undecodable", "too_large", "tls_unverified", "unclosed", "refresh",
    "blocked", "soft_404", "login_wall", "paywall", "captcha", "consent_wall",
]  # fmt: skip


Distrust = Literal["etag", "validators"]
"""What an answer showed of its source's validators (spiders.policy.conditional_requests).

The one that excludes more is the greater.
"""


PendingEnd = Literal["given_up"]


def more_distrust(one: Distrust, other: Distrust | None) -> Distrust:
    return max(one, other or one)


def says_no_rules(purpose: str, status: int) -> bool:
    """Say whether *status* is the answer that there are no rules; a 429 only puts off the answer."""
    return purpose in RULES and 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS


def is_passing(reason: str | None) -> bool:
    """Say whether what failed for *reason* may well succeed on another night."""
    return reason is not None and (reason in _PASSING or _PASSING_STATUS.fullmatch(reason) is not None)


def reason_is_known(state: State, reason: str | None) -> bool:
    """Say whether *reason* belongs to *state*: stored states have none, the others exactly one."""
    if state in STORED:
        return reason is None
    if reason is None:
        return False
    if state == "failed":
        return reason in FAILED or (reason.startswith("http_") and reason[5:].isdigit() and len(reason) == 8)
    return reason in (REFUSED if state == "refused" else SKIPPED)


class Outcome(PageFacts):
    """One discovered URL and how it ended: one row of the ledger (schema ledger/2)."""

    crawl_id: str
    source_id: str
    night: Night
    url: str
    """The URL, without a fragment. For a request other than GET, its request URL, which includes method and body."""
    urlkey: str
    kind: Kind
    """How the URL was found."""
    purpose: Kind
    state: State
    """How it ended."""
    reason: str | None = None
    """Why, for the states ``failed``, ``refused`` and ``skipped``."""
    detail: str | None = None
    """What exactly happened; for a redirect, the header Location."""
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    announced: UtcTime | None = None
    """When it was published, according to the discovery that it was found in."""
    status: int | None = None
    """The HTTP status, if there was a response."""
    record_id: str | None = None
    """``record_id`` of the capture, if there was a response."""
    media_type: str | None = None
    fetched_at: UtcTime | None = None
    """When the request was sent."""
    duration_seconds: float | None = None
    """Time from the request to the end of the response."""
    wire_bytes: int = 0
    """Bytes received from the server."""
    etag: str | None = None
    """The header ETag."""
    last_modified: str | None = None
    """The header Last-Modified, as received."""
    payload_digest: str | None = None
    body_digest: str | None = None
    """SHA-256 (hex) of the body without content coding: the same whether a page was sent gzipped or plain."""
    distrust: Distrust | None = None
    """Which validators of the source this response proved wrong."""
    pending: PendingEnd | None = None
    """``given_up``: it was announced but never captured, and will not be requested again."""

    def to_line(self) -> bytes:
        """Return it as JSON on one line, without the line's end; what it does not say is as it is here by default."""
        return self.model_dump_json(exclude_defaults=True).encode()


def is_put_off(outcome: Outcome) -> bool:
    """Say whether *outcome* ended without a request, for a reason that says nothing about its URL."""
    return outcome.reason in _UNASKED or (outcome.reason == "robots" and outcome.detail == ROBOTS_UNREAD)
