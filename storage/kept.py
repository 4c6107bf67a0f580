"""Manifests as they are kept: a crawl with its cleanings, in their order."""

from __future__ import annotations

from typing import NamedTuple

from storage.model.crawl import Manifest
from storage.model.document import TextManifest


class KeptCleaning(NamedTuple):
    """A text manifest and its key."""

    key: str
    manifest: TextManifest


class KeptCrawl(NamedTuple):
    """A manifest of a crawl, in time or late, with its key and the cleanings of what it commits, as they ended."""

    key: str
    manifest: Manifest
    cleanings: tuple[KeptCleaning, ...]


def crawl_order(one: tuple[str, Manifest]) -> tuple[object, ...]:
    key, manifest = one
    return manifest.crawl.id, manifest.late, manifest.ended, key


def cleaning_order(one: KeptCleaning) -> tuple[object, ...]:
    return one.manifest.ended, one.manifest.extractor.id, one.key
