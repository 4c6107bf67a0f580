"""The payloads that are already stored, and in which response: of this crawl, or of earlier ones."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from storage.disk_lines import DiskLines
from storage.known import Known, read_moment
from storage.model.outcome import Outcome
from storage.request_key import is_request_url


class Original(NamedTuple):
    """The response record that holds a payload: what a revisit refers to."""

    record_id: str
    target_uri: str
    date: datetime
    payload_digest: str


class Payloads:
    """Payloads of whole 200 responses to GET, each purpose apart: an article is never a revisit of a feed.

    Those of other requests are left out: replay tools look for what a revisit refers to under its plain address.

    *known* is what the archive holds of the source; all of it is committed. What is added is this crawl's own, and is
    kept in a file in *directory*.
    """

    def __init__(self, directory: Path, known: Known | None = None) -> None:
        self._known = known
        self._own = DiskLines(directory)

    def find(self, purpose: str, payload_digest: str) -> Original | None:
        line = self._own.get(f"{purpose} {payload_digest}")
        if line is not None:
            record_id, date, target_uri = line.decode().split(" ", 2)
            return Original(record_id, target_uri, datetime.fromisoformat(date), payload_digest)
        held = self._known.find_payload(payload_digest, purpose) if self._known else None
        return Original(held.record_id, held.target_uri, read_moment(held.date), payload_digest) if held else None

    def add(self, outcome: Outcome) -> None:
        """Note the payload that this crawl stored with *outcome*, if a revisit may refer to it."""
        if outcome.state != "captured" or outcome.status != HTTPStatus.OK or is_request_url(outcome.url):
            return
        if outcome.record_id and outcome.payload_digest and outcome.fetched_at:
            key = f"{outcome.purpose} {outcome.payload_digest}"
            if key not in self._own:
                self._own[key] = f"{outcome.record_id} {outcome.fetched_at.isoformat()} {outcome.url}".encode()
