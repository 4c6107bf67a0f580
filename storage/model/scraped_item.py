"""Scraped items: what a newspaper's spider says about its pages, in its own fields."""

from __future__ import annotations

from pydantic import JsonValue

from storage.model.base import StoredRecord


class ScrapedItem(StoredRecord):
    """One item that a spider's callback yielded: a line of the items of a crawl (schema items/1)."""

    url: str | None = None
    """URL of the page that it was scraped from, as in the ledger; null for an item that belongs to no page."""
    record_id: str | None = None
    """``record_id`` of the capture of that page."""
    spider: str
    """The spider's name."""
    item: dict[str, JsonValue]
    """The item with its fields, as the spider gave it."""
