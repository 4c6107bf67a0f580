"""The catalog: where every capture, document and crawl is stored. Derived data, in SQLite or PostgreSQL."""

from storage.catalog.capture_listing import CaptureMoment, Selection
from storage.catalog.in_use import POINTER, PUBLISH_LOCK, Catalog
from storage.catalog.other_addresses import Address, CanonicalLink
from storage.catalog.rows import CrawlRow, DocumentPlace
from storage.catalog.versions import ArticleVersion

__all__ = [
    "POINTER",
    "PUBLISH_LOCK",
    "Address",
    "ArticleVersion",
    "CanonicalLink",
    "CaptureMoment",
    "Catalog",
    "CrawlRow",
    "DocumentPlace",
    "Selection",
]
