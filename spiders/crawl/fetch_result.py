"""The result of fetching a URL, and whether to try again."""

from __future__ import annotations

from typing import NamedTuple

from scrapy.http import Response

from storage.captures.outcomes import REDIRECTS, find_target
from storage.model.outcome import Outcome

SILENT = frozenset({"connect", "timeout"})
"""Reasons of an exchange in which the host gave no response."""
TOO_MUCH = frozenset({429, 503})
_TRANSIENT = SILENT | {"dns"}
_REFUSING = frozenset({403, 451})


class FetchResult(NamedTuple):
    """The last try: the outcome of its exchange, and the response that Scrapy could make of it, or why it has none."""

    outcome: Outcome
    response: Response | None
    error: Exception | None = None

    @property
    def status(self) -> int:
        """The status of the response, cut or whole; 0 when none came."""
        return self.outcome.status or 0

    @property
    def has_response(self) -> bool:
        return self.outcome.status is not None

    @property
    def is_whole(self) -> bool:
        return self.has_response and self.outcome.reason in (None, f"http_{self.status:03d}")

    @property
    def leads_to(self) -> str | None:
        """The address that a redirect, or a page by itself, leads on to, as it is written."""
        return find_target(self.outcome) if self.is_whole else None

    @property
    def is_redirect(self) -> bool:
        return self.is_whole and self.status in REDIRECTS

    @property
    def is_transient(self) -> bool:
        """Say whether asking once more may help."""
        asks_for_patience = self.status == 429 or 500 <= self.status <= 599
        return self.outcome.reason in _TRANSIENT or (self.is_whole and asks_for_patience)

    @property
    def refuses_us(self) -> bool:
        return self.status in _REFUSING or "captcha" in self.outcome.flags

    def header(self, name: str) -> str:
        """Return the header *name*, empty when it is not there."""
        raw = self.response.headers.get(name) if self.response is not None else None
        return (raw or b"").decode("latin-1").strip()
