"""What is committed for a night or a month, judging only by the names of its manifests: two listings, no reads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from storage.keys import CRAWL_MANIFESTS, TEXT_MANIFESTS, day, night_of
from storage.model.night import Night
from storage.objects import Store

_LATE = re.compile(r"-late-[0-9a-f]{8}$")


class NightListing:
    """The keys of a night's manifests: which are of one crawl, and which cleanings are of one of these.

    *manifests* and *texts* map the key of each to the tag that the store lists. A manifest that is listed may be
    damaged all the same.
    """

    def __init__(self, manifests: Mapping[str, str], texts: Mapping[str, str]) -> None:
        self.manifests = tuple(manifests)
        self.texts = tuple(texts)
        self.tags = {**manifests, **texts}
        """What is at each key: another object there has another tag."""
        self._of_crawl: dict[str, list[str]] = defaultdict(list)
        self._cleanings: dict[str, list[str]] = defaultdict(list)
        by_name = {_name_of(key): key for key in self.manifests}
        for name, key in sorted(by_name.items(), key=lambda one: (len(one[0]), one[0])):  # a late one's name is longer
            self._of_crawl[_LATE.sub("", name)].append(key)
        for key in self.texts:
            self._cleanings[_find_cleaned(by_name, _name_of(key))].append(key)

    @property
    def keys(self) -> tuple[str, ...]:
        return self.manifests + self.texts

    @property
    def orphans(self) -> list[str]:
        """The keys of the cleanings of what is not there."""
        return self._cleanings.get("", [])

    @property
    def crawl_ids(self) -> list[str]:
        return list(self._of_crawl)

    def manifests_of(self, crawl_id: str) -> list[str]:
        """Return the keys of a crawl's manifests, the one in time first."""
        return self._of_crawl.get(crawl_id, [])

    def cleanings_of(self, manifest: str) -> list[str]:
        """Return the keys of the cleanings of what the crawl manifest at that key commits, by any extractor."""
        return self._cleanings.get(manifest, [])

    def keys_of(self, crawl_id: str) -> list[str]:
        """Return the keys of a crawl's manifests and of their cleanings."""
        manifests = self.manifests_of(crawl_id)
        return [*manifests, *(text for manifest in manifests for text in self.cleanings_of(manifest))]

    def find_uncleaned(self, crawl_id: str) -> list[str]:
        """Return the keys of a crawl's manifests that have no cleaning."""
        return [manifest for manifest in self.manifests_of(crawl_id) if not self.cleanings_of(manifest)]

    def select(self, crawl_ids: Iterable[str]) -> NightListing:
        """Return what is listed here of these crawls."""
        chosen = {key for crawl_id in crawl_ids for key in self.keys_of(crawl_id)}
        kinds = (self.manifests, self.texts)
        return NightListing(*({key: self.tags[key] for key in kind if key in chosen} for kind in kinds))


def list_night(store: Store, night: Night) -> NightListing:
    """List what is committed of *night* now."""
    found = (sorted(store.list_objects(f"{kind}{day(night)}/")) for kind in (CRAWL_MANIFESTS, TEXT_MANIFESTS))
    return NightListing(*({listed.key: listed.tag for listed in kind} for kind in found))


def list_month(store: Store, month: Night) -> dict[Night, NightListing]:
    """List what is committed in each night of the month in which *month* is. Two listings."""
    found: dict[Night, tuple[dict[str, str], ...]] = defaultdict(lambda: ({}, {}))
    for number, kind in enumerate((CRAWL_MANIFESTS, TEXT_MANIFESTS)):
        for listed in sorted(store.list_objects(f"{kind}{month:%Y/%m}/")):
            found[night_of(listed.key)][number][listed.key] = listed.tag
    return {night: NightListing(*kinds) for night, kinds in found.items()}


def _find_cleaned(manifests: dict[str, str], text: str) -> str:
    """Return which of *manifests* (names to keys) the text manifest of that name belongs to, empty for none.

    Its name is that of the crawl manifest and the extractor's id: of two that fit the longer one is meant.
    """
    name = text
    while name and name not in manifests:
        name = name.rpartition("-")[0]
    return manifests.get(name, "")


def _name_of(key: str) -> str:
    return PurePosixPath(key).stem
