"""The catalog: where every capture, document and crawl lies. Derived, in SQLite or PostgreSQL."""

from storage.catalog.in_use import POINTER, PUBLISH_LOCK, Catalog
from storage.catalog.rows import CrawlRow, DocumentPlace
from storage.catalog.versions import ArticleVersion

__all__ = ["POINTER", "PUBLISH_LOCK", "ArticleVersion", "Catalog", "CrawlRow", "DocumentPlace"]
