"""What can be extracted again: the manifests of a night, what to clean them with today, and their drafts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.inputs import CardInputs, CleaningInputs, read_inputs
from hemeroteca.archive.keeping_apart import Troubles
from storage import keys
from storage.kept import CurrentCleaning, KeptCleaning, KeptCrawl, choose_current
from storage.model.crawl import source_of
from storage.model.night import Night
from storage.night_listing import NightListing, list_night


class Target(NamedTuple):
    """What a manifest of a crawl commits, with what to clean it with: today's card of its source, else the one it was
    crawled with.
    """

    kept: KeptCrawl
    inputs: CleaningInputs

    @property
    def crawl_id(self) -> str:
        return self.kept.manifest.crawl.id

    @property
    def text(self) -> str:
        return keys.text_manifest(self.kept.key, self.inputs.extractor)

    @property
    def draft(self) -> str:
        return keys.text_draft(self.kept.key, self.inputs.extractor)

    @property
    def cleanings(self) -> dict[str, KeptCleaning]:
        """What today's extractor has made of it, and not in a draft alone, by key."""
        return {one.key: one for one in self.kept.cleanings if one.manifest.extractor.id == self.inputs.extractor.id}

    @property
    def current(self) -> CurrentCleaning | None:
        return next(iter(choose_current(self.kept.cleanings)), None)

    @property
    def superseded(self) -> CurrentCleaning | None:
        """What today's extractor has made of it, where something else was made current since."""
        is_current = self.current and self.current.first.key in self.cleanings
        return next(iter(choose_current([] if is_current else self.cleanings.values())), None)


class Today:
    """What today's cards say of their newspapers' documents, and what is known by name to be cleaned so.

    A name has the extractor's id, and that covers code, card and site memory. Once one cleaning of a newspaper is found
    to be by today's extractor, so is each that has the same id, on whatever night: it need not be read.
    """

    def __init__(self, cards: Mapping[str, CardInputs]) -> None:
        self.cards = cards
        self._found: set[tuple[str, str]] = set()

    def note(self, target: Target) -> None:
        """Remember the extractor of *target* if that has cleaned it. A newspaper without a card has others by night."""
        source_id = target.kept.manifest.crawl.source_id
        if target.cleanings and source_id in self.cards:
            self._found.add((source_id, target.inputs.extractor.id))

    def leave_out_cleaned(self, listed: NightListing) -> NightListing:
        """Return what is *listed* of crawls that are not known to be cleaned by today's extractor and by no other."""
        return listed.select(
            crawl_id
            for crawl_id in listed.crawl_ids
            if not all(self._is_cleaned(listed, source_of(crawl_id), key) for key in listed.manifests_of(crawl_id))
        )

    def _is_cleaned(self, listed: NightListing, source_id: str, manifest: str) -> bool:
        texts = listed.cleanings_of(manifest)
        return bool(texts) and all((source_id, keys.extractor_of(text, manifest)) in self._found for text in texts)


def find_targets(archive: Archive, listed: NightListing, today: Today, troubles: Troubles) -> Iterator[Target]:
    """Yield every crawl manifest *listed*, late ones too."""
    for kept in archive.holdings.find_manifests(listed):
        with troubles.keep_apart("crawl not extracted again", crawl_id=kept.manifest.crawl.id):
            card = today.cards.get(kept.manifest.crawl.source_id)
            target = Target(kept, read_inputs(archive.holdings, kept.manifest, card))
            today.note(target)
            yield target


def find_draft(archive: Archive, target: Target) -> CurrentCleaning | None:
    """Return the draft of *target* by today's extractor, with what was added to it."""
    found = [target.draft, *sorted(archive.store.list_keys(keys.text_mores_of(target.draft)))]
    drafts = [KeptCleaning(key, draft) for key in found if (draft := archive.holdings.find_text_manifest(key))]
    return next(iter(choose_current(drafts)), None)


def find_unpublished(archive: Archive, target: Target) -> CurrentCleaning | None:
    """Return the draft of *target* where a part of it is not published.

    None where its crawl was cleaned otherwise since.
    """
    drafted = find_draft(archive, target)
    if drafted is None or not target.cleanings:
        return drafted
    published = target.cleanings.get(keys.published_of(drafted.first.key))
    if published is None and target.superseded is None:
        return None
    if published is not None and published.manifest.objects != drafted.first.manifest.objects:
        return None
    is_published = all(keys.published_of(part.key) in target.cleanings for part in drafted.parts)
    return None if is_published else drafted


def choose_crawled(listed: NightListing, sources: Collection[str]) -> NightListing:
    """Return what is *listed* of *sources* (none: all)."""
    if not sources:
        return listed
    return listed.select(crawl_id for crawl_id in listed.crawl_ids if source_of(crawl_id) in sources)


def list_drafted(archive: Archive, night: Night, sources: Collection[str]) -> NightListing:
    """List what is committed in *night* of *sources* (none: all) and has a draft, by any extractor, that is not
    published as it is.
    """
    drafts = set(archive.store.list_keys(f"{keys.TEXT_DRAFTS}{keys.day(night)}/"))
    if not drafts:
        return NightListing({}, {})
    listed = choose_crawled(list_night(archive.store, night), sources)
    waiting = drafts.difference(map(keys.draft_of, listed.texts))
    of_crawls = NightListing(dict.fromkeys(listed.manifests, ""), dict.fromkeys(waiting, ""))
    return listed.select(crawl_id for crawl_id in listed.crawl_ids if waiting.intersection(of_crawls.keys_of(crawl_id)))
