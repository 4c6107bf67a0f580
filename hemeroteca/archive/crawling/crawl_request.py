"""Crawls that somebody asks for: whole sources, single addresses, or the articles of nights gone by."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

from pydantic import ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import Plan, PlannedCrawl, RunRef, begin_run, choose, save, shard_names
from hemeroteca.archive.sources.seeds import sources as read_sources
from storage.model.base import Record, reason_of
from storage.model.crawl import Trigger
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.model.source import HttpUrl, Source, SourceId

ADHOC = "adhoc"
MAX_NIGHTS = 366


class CrawlRequest(Record):
    """What someone asks to be crawled now: sources whole, or single addresses, or both.

    With ``since`` or ``until`` the sources' articles of those nights, both included, as far as they are still listed.
    """

    sources: tuple[SourceId, ...] = ()
    urls: tuple[HttpUrl, ...] = ()
    page_budget: int | None = None
    fresh: bool = False
    since: Night | None = None
    until: Night | None = None

    @property
    def for_nights(self) -> tuple[Night, Night] | None:
        """The nights to look back for; one bound alone is one night."""
        first, last = self.since or self.until, self.until or self.since
        return (first, last) if first and last else None


def plan_request(archive: Archive, run: RunRef, request: dict[str, object]) -> list[str]:
    """Plan a crawl asked for by hand and return the names of its shards; SeedError says what is wrong with it."""
    known = archive.coordination.read_plan(run.key)
    if known is None:
        asked = _read_request(archive, request)
        cards, errors = read_sources(archive.settings)
        night = archive.settings.tonight()
        trigger: Trigger = "backfill" if asked.for_nights else "manual"
        begun = begin_run(archive, night, run, trigger, asked.for_nights)
        wanted = []
        for source, urls in _by_source(archive, cards, asked):
            whole = source.id in asked.sources
            wanted.append(
                PlannedCrawl(
                    crawl=begun(source), source=source, urls=urls, only_urls=not whole, page_budget=asked.page_budget,
                    fresh=asked.fresh,
                )
            )  # fmt: skip
        known = save(archive, run, night, wanted, errors)
    return shard_names(run, Plan.model_validate_json(known))


def _read_request(archive: Archive, request: dict[str, object]) -> CrawlRequest:
    try:
        asked = CrawlRequest.model_validate(request)
    except ValidationError as error:
        lines = [f"request: {'.'.join(map(str, e['loc']))}: {reason_of(e)}" for e in error.errors()]
        raise SeedError("\n".join(lines)) from None
    if not asked.sources and not asked.urls:
        raise SeedError("request: sources: name at least one source or address")
    if asked.for_nights:
        _check_backfill(archive, asked, *asked.for_nights)
    return asked


def _check_backfill(archive: Archive, asked: CrawlRequest, first: Night, last: Night) -> None:
    if asked.urls:
        raise SeedError("request: since: an address is fetched as it is today; name sources for nights gone by")
    if first > last:
        raise SeedError(f"request: since: {first}: is after {last}")
    if last > archive.settings.tonight():
        raise SeedError(f"request: until: {last}: has not come yet; tonight is {archive.settings.tonight()}")
    if (last - first).days >= MAX_NIGHTS:
        raise SeedError(f"request: since: {first}: more than {MAX_NIGHTS} nights at once")


def _by_source(archive: Archive, cards: list[Source], asked: CrawlRequest) -> list[tuple[Source, tuple[str, ...]]]:
    """Give each address to the source whose host it lies on; others belong to ``adhoc``."""
    owner = {host: card for card in cards for host in card.hosts}
    urls: dict[str, list[str]] = defaultdict(list)
    for url in asked.urls:
        host = urlsplit(url).hostname or ""
        urls[owner[host].id if host in owner else ADHOC].append(url)
    chosen = {card.id: card for card in choose(cards, asked.sources)}
    chosen |= {card.id: card for card in cards if card.id in urls}
    if urls[ADHOC]:
        chosen[ADHOC] = _adhoc(archive, urls[ADHOC])
    return [(card, tuple(urls[name])) for name, card in chosen.items()]


def _adhoc(archive: Archive, urls: list[str]) -> Source:
    hosts = tuple(sorted({urlsplit(url).hostname or "" for url in urls}))
    home = f"{urlsplit(urls[0]).scheme}://{urlsplit(urls[0]).netloc}/"
    return Source(
        id=ADHOC, title="Single addresses", homepage=home, language="und", hosts=hosts, recent_days=None,
        allow_private=archive.settings.demo,
    )  # fmt: skip
