"""Scraped items: what a newspaper's spider says of its pages, in its own fields."""

from __future__ import annotations

from pydantic import JsonValue

from storage.model.base import StoredRecord


class ScrapedItem(StoredRecord):
    """One item that a spider's callback yielded: a line of the items of a crawl (schema items/1)."""

    url: str | None = None
    """Of the page that it was scraped from, as the ledger has it; none for an item that is of no page."""
    record_id: str | None = None
    """Of the capture of that page."""
    spider: str
    """The spider's name."""
    item: dict[str, JsonValue]
    """The item, field by field, as the spider gave it."""
