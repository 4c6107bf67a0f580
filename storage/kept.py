"""Manifests as they are stored: a crawl with its cleanings, and which of these are current."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from storage.model.crawl import Manifest
from storage.model.document import FIXITY, TextManifest


class KeptCleaning(NamedTuple):
    """A text manifest and its key."""

    key: str
    manifest: TextManifest


class KeptCrawl(NamedTuple):
    """A manifest of a crawl, in time or late, with its key and the cleanings of what it commits, as they ended."""

    key: str
    manifest: Manifest
    cleanings: tuple[KeptCleaning, ...]


class CleaningFacts(NamedTuple):
    """What decides whether a cleaning is current."""

    key: str
    crawl_manifest: str
    extractor_id: str
    ended: datetime
    adds_to: str | None


class CurrentCleaning(NamedTuple):
    """The cleaning whose documents count, and after it those that add to it."""

    parts: tuple[KeptCleaning, ...]

    @property
    def first(self) -> KeptCleaning:
        return self.parts[0]

    @property
    def lost(self) -> set[str]:
        """The record ids that none of them has a document of because their records are damaged."""
        return find_lost(part.manifest for part in self.parts)


def find_lost(manifests: Iterable[TextManifest]) -> set[str]:
    """Return the record ids that a cleaning, and what adds to it after it, lost to damaged records."""
    lost: set[str] = set()
    for manifest in manifests:
        lost -= set(manifest.read_again)
        lost |= {one.record_id for one in manifest.not_cleaned if one.reason == FIXITY}
    return lost


def choose_current_keys(cleanings: Iterable[CleaningFacts]) -> dict[str, list[str]]:
    """Return the keys of the current cleaning of each manifest of a crawl, the one in time before late ones.

    That is the newest one, and after it those that add to it, as they ended. Everybody who asks which documents are
    current asks this function.
    """
    newest: dict[str, CleaningFacts] = {}
    added: dict[str, list[str]] = defaultdict(list)
    for one in sorted(cleanings, key=lambda one: (one.ended, one.extractor_id, one.key)):
        if one.adds_to is None:
            newest[one.crawl_manifest] = one
        else:
            added[one.adds_to].append(one.key)
    ordered = sorted(newest, key=lambda crawl_manifest: (len(crawl_manifest), crawl_manifest))
    return {name: [newest[name].key, *added[newest[name].key]] for name in ordered}


def choose_current(cleanings: Iterable[KeptCleaning]) -> list[CurrentCleaning]:
    """Return the current cleaning of each manifest of a crawl, the one in time before late ones, by crawl."""
    kept = {one.key: one for one in cleanings}
    chosen = choose_current_keys(map(_facts_of, kept.values()))
    found = [CurrentCleaning(tuple(kept[key] for key in keys)) for keys in chosen.values()]
    return sorted(found, key=lambda one: one.first.manifest.crawl_id)


def find_replaced(cleanings: Iterable[KeptCleaning]) -> set[str]:
    """Return the keys of damaged text manifests in whose place one of *cleanings* is."""
    return {key for one in cleanings for key in one.manifest.replaces}


def crawl_order(one: tuple[str, Manifest]) -> tuple[object, ...]:
    key, manifest = one
    return manifest.crawl.id, manifest.late, manifest.ended, key


def cleaning_order(one: KeptCleaning) -> tuple[object, ...]:
    return one.manifest.ended, one.manifest.extractor.id, one.key


def _facts_of(one: KeptCleaning) -> CleaningFacts:
    key, manifest = one
    return CleaningFacts(key, manifest.crawl_manifest, manifest.extractor.id, manifest.ended, manifest.adds_to)
