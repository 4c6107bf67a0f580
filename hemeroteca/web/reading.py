"""What one reader may see of the archive: every route reads through it, so that no door forgets to ask ``may_read``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_doubts import describe_absence
from hemeroteca.archive.reading import lookup
from hemeroteca.archive.reading.access import Role, may_read
from storage.captures.stored_records import Response, read_response
from storage.catalog import CaptureMoment, Selection
from storage.model.capture import Capture
from storage.model.errors import NotArchivedError
from storage.surt import urlkey


class Reading:
    """The archive as *role* may read it. Blocking: call it in a thread."""

    def __init__(self, archive: Archive, role: Role) -> None:
        self._archive = archive
        self._role = role
        self.key_prefix = archive.settings.s3_prefix
        """What the bucket's keys have before ours: an index must name whole keys."""

    def list_captures(self, wanted: Selection, after: str | None = None, skip: int = 0) -> Iterator[Capture]:
        """Yield the captures *wanted*, read as they are used. Raises SeedError when *after* is unknown."""
        found = self._archive.catalog.list_captures(wanted, after, skip)
        return (capture for capture in found if may_read(self._role, capture.urlkey))

    def count(self, wanted: Selection) -> int:
        """Return how many captures are *wanted*, readable or not: pages are counted by it."""
        return self._archive.catalog.count_captures(wanted)

    def list_moments(self, url: str) -> list[CaptureMoment]:
        """Return when *url* was captured, by date. Raises NotArchivedError."""
        found = self._archive.catalog.list_moments(urlkey(url)) if may_read(self._role, urlkey(url)) else []
        if not found:
            raise NotArchivedError(f"{url}: {describe_absence(self._archive)}")
        return found

    def find_closest(self, url: str, at: datetime | None) -> Capture:
        """Return the capture of *url* closest to *at*, without it the newest. Raises NotArchivedError."""
        capture = lookup.find_closest(self._archive, url, at)
        if not may_read(self._role, capture.urlkey):
            raise NotArchivedError(f"{url}: {describe_absence(self._archive)}")
        return capture

    def find_original(self, capture: Capture) -> Capture | None:
        """Return the capture that holds the payload of a revisit; None when it is not here."""
        try:
            return lookup.find_payload_capture(self._archive, capture)
        except NotArchivedError:
            return None

    def read_response(self, capture: Capture) -> Response:
        """Return the response of *capture*, of a revisit that of its original: one range read.

        Raises FixityError for another record than was stored, NotArchivedError where the original is not here.
        """
        if not may_read(self._role, capture.urlkey):
            raise NotArchivedError(f"{capture.target_uri}: not in the archive")
        held = lookup.find_payload_capture(self._archive, capture)
        return read_response(self._archive.holdings.read_record(held))
