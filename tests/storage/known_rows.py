"""What a catalog knows about a source, and whether a file says the same."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

from storage.catalog import Catalog
from storage.known import Known, KnownCapture, KnownPayload, KnownPending


def find_known(catalog: Catalog, source_id: str = "demo-faro") -> list[KnownCapture]:
    """Return what is held of each URL."""
    with catalog.read_known(source_id) as news:
        return list(news.captures)


def find_superseded(catalog: Catalog, source_id: str = "demo-faro") -> list[KnownPayload]:
    """Return the payloads that are no URL's newest any more, by date."""
    with catalog.read_known(source_id) as news:
        return list(news.superseded)


def find_pending(catalog: Catalog, source_id: str = "demo-faro") -> dict[str, KnownPending]:
    """Return what is pending of each URL."""
    with catalog.read_known(source_id) as news:
        return {url: one for url, one in news.pending if one}


def check_known(path: Path, catalog: Catalog) -> None:
    """Hold the file at *path* to *catalog*. A payload may be found at any of its records."""
    captures = find_known(catalog)
    payloads = {(one.payload_digest, str(one.purpose)) for one in captures}
    payloads |= {(one.payload_digest, one.purpose) for one in find_superseded(catalog)}
    with closing(Known(path)) as known:
        assert list(known) == sorted(captures, key=lambda one: one.url)
        for digest, purpose in payloads:
            found = known.find_payload(digest, purpose)
            assert found and (found.payload_digest, found.purpose) == (digest, purpose)
        assert known.find_payload("sha1:none", "article") is None
        pending = find_pending(catalog)
        assert {url: known.find_pending(url) for url in pending} == pending
        assert known.count_pending() == sum(not (one.held or one.given_up) for one in pending.values())
        assert len(list(known.find_pending_due(date(2027, 1, 1), None, 1000))) == known.count_pending()
