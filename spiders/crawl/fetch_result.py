"""What came of asking for a URL, and how it is judged."""

from __future__ import annotations

from typing import NamedTuple

from scrapy.http import Response

from spiders.wire.handler import CaptureNote

SILENT = frozenset({"connect", "timeout"})
"""Reasons of a host that gave no answer."""
TOO_MUCH = frozenset({429, 503})
_TRANSIENT = SILENT | {"dns"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSING = frozenset({403, 451})


class Answer(NamedTuple):
    """The last try: its note, and the response when Scrapy could make one of it."""

    note: CaptureNote
    response: Response | None

    @property
    def status(self) -> int:
        return self.note.written.status if self.note.written else 0

    @property
    def is_whole(self) -> bool:
        return self.note.written is not None and self.note.reason is None

    @property
    def is_redirect(self) -> bool:
        return self.is_whole and self.status in _REDIRECTS

    @property
    def is_transient(self) -> bool:
        """Say whether to ask once more may help."""
        return self.note.reason in _TRANSIENT or (self.is_whole and (self.status == 429 or 500 <= self.status <= 599))

    @property
    def refuses_us(self) -> bool:
        written = self.note.written
        return self.status in _REFUSING or (written is not None and "captcha" in written.page.flags)

    def header(self, name: str) -> str:
        """Return the header *name*, empty when it is not there."""
        raw = self.response.headers.get(name) if self.response is not None else None
        return (raw or b"").decode("latin-1").strip()
