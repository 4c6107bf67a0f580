"""Whether the selectors of a card still match anything on the newest archived pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.lookup import read_captured_page
from hemeroteca.extraction.page.tree import ParsedPage, parse_page
from storage.model.capture import Capture
from storage.model.errors import FixityError, NoMainTextError
from storage.model.selector import find_elements
from storage.model.source import Source

SAMPLE = 20
"""How many of the newest pages are looked at: a selector that matches none of them is out of date."""
MOST_CRAWLS = 100
"""How many of the newest crawls are searched for them."""


def find_unmatched_selectors(archive: Archive, source: Source) -> list[tuple[str, str, int]]:
    """Return (field, selector, pages looked at) of each selector of *source* that matches none of its newest pages.

    Empty where no page of it is archived that can be read.
    """
    pages = list(islice(_pages(archive, source.id), SAMPLE))
    named = [
        (f"text.{name}.{number}", selector)
        for name in ("keep", "drop")
        for number, selector in enumerate(getattr(source.text, name))
    ]
    return [
        (field, selector, len(pages))
        for field, selector in named
        if pages and not any(find_elements(page.tree, selector) for page in pages)
    ]


def _pages(archive: Archive, source_id: str) -> Iterator[ParsedPage]:
    """Yield the article pages of *source_id*, the newest first, without those that cannot be read."""
    for capture in _articles(archive, source_id):
        try:
            yield parse_page(read_captured_page(archive, capture))
        except (FixityError, NoMainTextError):
            continue


def _articles(archive: Archive, source_id: str) -> Iterator[Capture]:
    for crawl in reversed(archive.catalog.last_crawls(source_id, MOST_CRAWLS)):
        captures = archive.catalog.find_captures(crawl_id=crawl.crawl_id)
        for capture in sorted(captures, key=lambda one: (one.date, one.record_id), reverse=True):
            if (capture.record_type, capture.purpose, capture.status) == ("response", "article", 200):
                yield capture
