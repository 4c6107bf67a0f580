"""Manifests in the bucket: the commits of crawls and of cleanings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from storage import keys
from storage.model.crawl import Manifest
from storage.model.document import TextManifest
from storage.model.errors import AlreadyStoredError
from storage.objects import Store

JSON = "application/json"


def put_manifest(store: Store, key: str, manifest: Manifest | TextManifest) -> bool:
    """Commit *manifest* at *key* and say whether it is the one there now.

    The client library repeats a PUT whose answer was lost, so a taken key may hold this very manifest.
    """
    content = manifest.model_dump_json(by_alias=True, indent=1).encode()
    try:
        store.put_new(key, content, schema=manifest.schema_name, content_type=JSON)
    except AlreadyStoredError:
        return store.read(key) == content
    return True


def read_manifest(store: Store, key: str) -> Manifest:
    """Return the crawl manifest at *key*; NotArchivedError when there is none."""
    return Manifest.model_validate_json(store.read(key))


def read_text_manifest(store: Store, key: str) -> TextManifest:
    """Return the text manifest at *key*; NotArchivedError when there is none."""
    return TextManifest.model_validate_json(store.read(key))


def crawl_manifests(store: Store, night: date | None = None) -> Iterator[str]:
    """Yield the keys of the crawl manifests, of one night or of all, late ones too."""
    return store.keys(keys.CRAWL_MANIFESTS + (f"{keys.day(night)}/" if night else ""))


def text_manifests(store: Store, night: date | None = None) -> Iterator[str]:
    """Yield the keys of the text manifests, of one night or of all."""
    return store.keys(keys.TEXT_MANIFESTS + (f"{keys.day(night)}/" if night else ""))
