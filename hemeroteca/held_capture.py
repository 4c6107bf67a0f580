"""One capture that was found, and what the archive holds of it: its bytes, its document, and how to cite it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading import lookup
from storage.model.document import Document
from storage.model.errors import NotArchivedError

if TYPE_CHECKING:
    from hemeroteca.archive.reading.citations import Style
    from hemeroteca.extraction.block_choice.explanation import Explanation


class HeldCapture:
    """One capture and what the archive holds of it. Bytes are read only when needed, with one range read per record."""

    def __init__(
        self, open_archive: Callable[[], Archive], found: lookup.Answer, extractor_id: str | None = None
    ) -> None:
        """*open_archive* gives the archive with its S3 server running."""
        self.capture = found.capture
        self.found_by = found.found_by
        self.way = found.way
        self._open_archive = open_archive
        self._extractor_id = extractor_id

    @cached_property
    def document(self) -> Document:
        """The clean text with its provenance. Raises NotArchivedError, which says why, when there is none."""
        return lookup.read_document(self._open_archive(), self.capture, self._extractor_id)

    @property
    def text(self) -> str:
        """The clean text; empty where the page has none, which ``document.without_text`` says."""
        return self.document.text

    def tell_textless(self) -> str:
        """Say why the document has no text, and by which extractors there is one."""
        return lookup.tell_textless(self._open_archive(), self.document)

    def explain(self) -> Explanation:
        """Return every block of the page, whether today's extractor and card keep it, and why.

        Raises NoMainTextError when the page has no text.
        """
        from hemeroteca.archive.cleaning.inputs import read_inputs_today
        from hemeroteca.extraction.workers.pool import WorkerPool

        archive = self._open_archive()
        inputs = read_inputs_today(archive, lookup.find_payload_capture(archive, self.capture))
        page = inputs.for_page(lookup.read_captured_page(archive, self.capture))
        with WorkerPool(1, environment=archive.settings.environment) as workers:  # in limits: a stranger wrote the page
            return workers.explain(page)

    def raw(self) -> bytes:
        """Return the body without its content coding, in the newspaper's own charset."""
        return lookup.read_body(self._open_archive(), self.capture)

    def warc(self, with_request: bool = False) -> bytes:
        """Return the stored WARC record as its gzip member, followed by that of its request if *with_request*."""
        return lookup.read_warc(self._open_archive(), self.capture, with_request)

    def cite(self, style: Style = "apa") -> str:
        """Return a citation of the article as it was captured: ``apa``, ``bibtex`` or ``csl-json``.

        It has the time of the capture, and the id and SHA-256 of its record; what the page does not say is left out.
        """
        from hemeroteca.archive.reading.citations import cite, describe_article
        from hemeroteca.archive.sources.seeds import find_title

        try:
            document = self.document
        except NotArchivedError:  # a page without a document can be cited too
            document = None
        newspaper = find_title(self._open_archive().settings, self.capture.source_id, self.capture.target_uri)
        return cite(describe_article(self.capture, document, newspaper), style)
