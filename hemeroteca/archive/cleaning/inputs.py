"""What a cleaning is made with beside the extractor: the overrides of a card, and what was known of the site."""

from __future__ import annotations

from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.learning import Known, known_before
from hemeroteca.archive.sources.seeds import sources
from hemeroteca.configuration import Settings
from hemeroteca.extraction.extractor import identify_extractor
from hemeroteca.extraction.page.served_page import Page
from storage.manifests import read_manifest
from storage.model.capture import Capture
from storage.model.crawl import Manifest
from storage.model.document import Extractor
from storage.model.source import TextOverrides
from storage.objects import Store


class Recipe(NamedTuple):
    """The same captures and the same recipe give the same documents."""

    overrides: TextOverrides = TextOverrides()
    known: Known = Known()

    @property
    def extractor(self) -> Extractor:
        memory = self.known.memory
        return identify_extractor(self.overrides, memory.digest if memory else None)

    def for_page(self, page: Page) -> Page:
        """Return *page* with what is to be used on it."""
        memory = self.known.memory
        return page._replace(overrides=self.overrides, memory=memory.find_for_page(page.url) if memory else None)


PLAIN = Recipe()


def recipe_of(store: Store, crawled: Manifest, overrides: TextOverrides | None = None) -> Recipe:
    """Return the recipe of a crawl, whenever it is asked for: *overrides*, else those of the card it was crawled by.

    What is known of the site is what was learned last before the crawl started. Raises FixityError for a damaged one.
    """
    return Recipe(crawled.source.text if overrides is None else overrides, known_before(store, crawled.crawl))


def recipe_today(archive: Archive, capture: Capture) -> Recipe:
    """Return what a re-extraction would clean *capture* with."""
    rows = archive.catalog.find_crawls(night=capture.night, source_id=capture.source_id)
    manifests = [row.manifest_key for row in rows if row.crawl_id == capture.crawl_id]
    crawled = read_manifest(archive.store, min(manifests, key=len))  # a late one's name is longer
    return recipe_of(archive.store, crawled, overrides_today(archive.settings).get(capture.source_id))


def overrides_today(settings: Settings) -> dict[str, TextOverrides]:
    """Return what each card says today, by the source's id; a wrong card is left out."""
    return {source.id: source.text for source in sources(settings)[0]}
