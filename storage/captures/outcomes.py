"""What was written of an exchange, and the outcome it stands for."""

from __future__ import annotations

from typing import Literal

from storage.model.base import Record, UtcTime
from storage.model.outcome import Distrust, State
from storage.model.page_facts import PageFacts


class WrittenCapture(Record):
    """A response or revisit record that is in the spool.

    ``offset`` and ``length`` are bytes of its gzip member in ``file``, the name without ``.open``.
    Digests as in ``model.outcome.Outcome``; ``body_digest`` is None for no body, a cut or an undecodable one, and
    ``body_error`` says why a whole body has none (``undecodable``, ``too_large``). ``refers_to`` is the record that
    holds a revisit's payload. ``duration_seconds`` has milliseconds.
    """

    record_id: str
    record_type: Literal["response", "revisit"]
    target_uri: str
    date: UtcTime
    status: int
    media_type: str | None
    payload_digest: str | None
    body_digest: str | None
    etag: str | None
    last_modified: str | None
    truncated: str | None
    body_error: str | None = None
    tls_error: str | None = None
    refers_to: str | None
    file: str
    offset: int
    length: int
    wire_bytes: int
    duration_seconds: float
    state: State
    reason: str | None
    page: PageFacts = PageFacts()
    distrust: Distrust | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What is wrong with what came, beside the reason."""
        return flags(self.truncated, self.body_error, self.tls_error)


def flags(truncated: str | None, body_error: str | None, tls_error: str | None) -> tuple[str, ...]:
    found = ("truncated" if truncated else None, body_error, "tls_unverified" if tls_error else None)
    return tuple(flag for flag in found if flag)


def judge(record_type: str, status: int, truncated: str | None, failure: str | None) -> tuple[State, str | None]:
    """Return the state and reason of an exchange whose response was written as *record_type*.

    *failure* is the reason that was written of it, if any.
    """
    if truncated or failure:
        return "failed", failure or "error"
    if record_type == "revisit":
        return ("not_modified" if status == 304 else "unchanged"), None
    if 200 <= status < 400 and status != 304:
        return "captured", None
    return "failed", f"http_{status:03d}"
