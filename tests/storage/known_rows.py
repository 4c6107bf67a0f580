"""What a catalog knows of a source."""

from __future__ import annotations

from storage.catalog import Catalog
from storage.known import KnownCapture, KnownPayload


def find_known(catalog: Catalog, source_id: str = "demo-faro") -> list[KnownCapture]:
    """Return what is held of each URL."""
    with catalog.read_known(source_id) as news:
        return list(news.captures)


def find_superseded(catalog: Catalog, source_id: str = "demo-faro") -> list[KnownPayload]:
    """Return the payloads that are no URL's newest any more, by date."""
    with catalog.read_known(source_id) as news:
        return list(news.superseded)
