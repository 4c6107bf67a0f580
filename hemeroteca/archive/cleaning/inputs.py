"""What a cleaning uses besides captures and the extractor: a card, site memory, announcements, items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Self

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.committed_articles import read_announcements
from hemeroteca.archive.cleaning.item_facts import Said, read_said
from hemeroteca.archive.cleaning.learning import RecalledMemory, recall_memory
from hemeroteca.archive.sources.seeds import read_sources
from hemeroteca.configuration import Settings
from hemeroteca.extraction.extractor import identify_extractor
from hemeroteca.extraction.page.served_page import Page
from storage.holdings import Holdings
from storage.model.base import Record
from storage.model.capture import Capture
from storage.model.crawl import Manifest
from storage.model.document import Extractor
from storage.model.source import ItemFields, Source, TextOverrides


class CardInputs(Record):
    """What a card says of the documents of its newspaper."""

    overrides: TextOverrides = TextOverrides()
    item_fields: ItemFields = ItemFields()

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(overrides=source.text, item_fields=source.item_fields)


class CleaningInputs(NamedTuple):
    """The same captures and the same inputs give the same documents."""

    card: CardInputs = CardInputs()
    memory: RecalledMemory = RecalledMemory()
    announced: Mapping[str, tuple[str, datetime]] = MappingProxyType({})
    """By record id, the kind of discovery that announced a page, and when that says it was published."""
    said: Mapping[str, Said] = MappingProxyType({})
    """By record id, what items of its spider say of a page."""

    @property
    def extractor(self) -> Extractor:
        lines = self.memory.lines
        return identify_extractor(self.card.overrides, lines.digest if lines else None, self.card.item_fields)

    def for_page(self, page: Page, record_id: str | None = None) -> Page:
        """Return *page*, from the record of that id, with what is to be used on it."""
        lines = self.memory.lines
        announced = self.announced.get(record_id or "")
        return page._replace(
            announced=(announced,) if announced else (),
            overrides=self.card.overrides,
            memory=lines.find_for_page(page.url) if lines else None,
        )


NO_INPUTS = CleaningInputs()


def read_inputs(holdings: Holdings, crawled: Manifest, card: CardInputs | None = None) -> CleaningInputs:
    """Return the inputs of a crawl's cleaning: what *card* says, else the one it was crawled with, and site memory.

    The memory is what was learned last before the crawl started, however late it is cleaned. Raises FixityError for a
    damaged one.
    """
    return CleaningInputs(card or CardInputs.of(crawled.source), recall_memory(holdings, crawled.crawl))


def read_page_inputs(holdings: Holdings, crawled: Manifest, inputs: CleaningInputs) -> CleaningInputs:
    """Return *inputs* with what is known of single pages: how discoveries announced them, and what items say.

    Raises FixityError for a damaged ledger or damaged items.
    """
    announced = read_announcements(holdings, crawled)
    return inputs._replace(announced=announced, said=read_said(holdings, crawled, inputs.card.item_fields))


def read_inputs_today(archive: Archive, capture: Capture) -> CleaningInputs:
    """Return what a re-extraction would clean *capture* with."""
    rows = archive.catalog.find_crawls(night=capture.night, source_id=capture.source_id)
    manifests = [row.manifest_key for row in rows if row.crawl_id == capture.crawl_id]
    crawled = archive.holdings.read_manifest(min(manifests, key=len))  # a late one's name is longer
    return read_inputs(archive.holdings, crawled, read_cards_today(archive.settings).get(capture.source_id))


def read_cards_today(settings: Settings) -> dict[str, CardInputs]:
    """Return what each card says today, by the source's id; a wrong card is left out."""
    return {source.id: CardInputs.of(source) for source in read_sources(settings)[0]}
