"""Which payloads are held already, and by which response: those a crawl wrote, and those the archive had before."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from storage.known import Known, read_moment
from storage.warc.written import WrittenCapture

if TYPE_CHECKING:
    from storage.model.outcome import Outcome


class Original(NamedTuple):
    """The response record that holds a payload: what a revisit refers to."""

    record_id: str
    target_uri: str
    date: datetime
    payload_digest: str


class Payloads:
    """Payloads of whole 200 responses, by what they were wanted as: one read as an article is none that a feed has.

    *known*: what the archive holds of the source; all of it is committed. What is added belongs to this crawl's chain.
    """

    def __init__(self, known: Known | None = None) -> None:
        self._known = known
        self._own: dict[tuple[str, str], Original] = {}

    def find(self, purpose: str, payload_digest: str) -> Original | None:
        found = self._own.get((purpose, payload_digest))
        if found is None and self._known is not None:
            held = self._known.find_payload(payload_digest, purpose)
            if held:
                found = Original(held.record_id, held.target_uri, read_moment(held.date), payload_digest)
        return found

    def add(self, purpose: str, written: WrittenCapture) -> None:
        """Take note of a response record that was written."""
        if written.state == "captured" and written.status == HTTPStatus.OK and written.payload_digest:
            original = Original(written.record_id, written.target_uri, written.date, written.payload_digest)
            self._own.setdefault((purpose, written.payload_digest), original)

    def adopt(self, outcome: Outcome) -> None:
        """Take note of an article that an earlier attempt at this crawl acknowledged; the rest is fetched anew."""
        is_original = outcome.purpose == "article" and outcome.state == "captured" and outcome.status == HTTPStatus.OK
        if is_original and outcome.record_id and outcome.payload_digest and outcome.fetched_at:
            original = Original(outcome.record_id, outcome.url, outcome.fetched_at, outcome.payload_digest)
            self._own.setdefault((outcome.purpose, outcome.payload_digest), original)
