"""What a cleaning is made with besides captures and the extractor: a card's overrides, site memory, announcements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.learning import RecalledMemory, recall_memory
from hemeroteca.archive.sources.seeds import read_sources
from hemeroteca.configuration import Settings
from hemeroteca.extraction.extractor import identify_extractor
from hemeroteca.extraction.page.served_page import Page
from storage.holdings import Holdings
from storage.model.capture import Capture
from storage.model.crawl import Manifest
from storage.model.document import Extractor
from storage.model.source import TextOverrides


class CleaningInputs(NamedTuple):
    """The same captures and the same inputs give the same documents."""

    overrides: TextOverrides = TextOverrides()
    memory: RecalledMemory = RecalledMemory()
    announced: Mapping[str, tuple[str, datetime]] = MappingProxyType({})
    """By record id, the kind of discovery that announced a page, and when that says it was published."""

    @property
    def extractor(self) -> Extractor:
        lines = self.memory.lines
        return identify_extractor(self.overrides, lines.digest if lines else None)

    def for_page(self, page: Page, record_id: str | None = None) -> Page:
        """Return *page*, from the record of that id, with what is to be used on it."""
        lines = self.memory.lines
        announced = self.announced.get(record_id or "")
        return page._replace(
            announced=(announced,) if announced else (),
            overrides=self.overrides,
            memory=lines.find_for_page(page.url) if lines else None,
        )


NO_INPUTS = CleaningInputs()


def read_inputs(holdings: Holdings, crawled: Manifest, overrides: TextOverrides | None = None) -> CleaningInputs:
    """Return the inputs of a crawl's cleaning: *overrides*, else those of its card, and site memory.

    The memory is what was learned last before the crawl started, however late it is cleaned. Raises FixityError for a
    damaged one.
    """
    chosen = crawled.source.text if overrides is None else overrides
    return CleaningInputs(chosen, recall_memory(holdings, crawled.crawl))


def read_inputs_today(archive: Archive, capture: Capture) -> CleaningInputs:
    """Return what a re-extraction would clean *capture* with."""
    rows = archive.catalog.find_crawls(night=capture.night, source_id=capture.source_id)
    manifests = [row.manifest_key for row in rows if row.crawl_id == capture.crawl_id]
    crawled = archive.holdings.read_manifest(min(manifests, key=len))  # a late one's name is longer
    return read_inputs(archive.holdings, crawled, read_overrides_today(archive.settings).get(capture.source_id))


def read_overrides_today(settings: Settings) -> dict[str, TextOverrides]:
    """Return what each card says today, by the source's id; a wrong card is left out."""
    return {source.id: source.text for source in read_sources(settings)[0]}
