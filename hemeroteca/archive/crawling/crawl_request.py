"""Planning a crawl that a person asks for: whole newspapers, single addresses, or the articles of past nights."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

from pydantic import Field

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import PlannedCrawl, RunRef, Wanted, plan_run
from hemeroteca.archive.crawling.planners import RunStart, choose_sources
from hemeroteca.archive.forms import read_form
from hemeroteca.archive.sources.seeds import read_sources
from storage.model.base import Record
from storage.model.crawl import Trigger
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.model.source import ADHOC, HttpUrl, Source, SourceId, site_name
from storage.model.web_address import read_host

MAX_NIGHTS = 366


class CrawlRequest(Record):
    """What someone asks to be crawled now: sources whole, or single addresses, or both.

    With ``since`` or ``until`` the sources' articles of those nights, both included, as far as they are still listed.
    """

    sources: tuple[SourceId, ...] = ()
    urls: tuple[HttpUrl, ...] = ()
    page_budget: int | None = Field(default=None, ge=1)
    fresh: bool = False
    since: Night | None = None
    until: Night | None = None

    @property
    def for_nights(self) -> tuple[Night, Night] | None:
        """The nights to look back for; one bound alone is one night."""
        first, last = self.since or self.until, self.until or self.since
        return (first, last) if first and last else None


def plan_request(archive: Archive, run: RunRef, form: dict[str, object]) -> list[str]:
    """Plan a crawl asked for by hand and return the names of its shards. SeedError says what is wrong with *form*."""

    def decide() -> Wanted:
        request = _read_request(archive, form)
        cards, wrong_cards = read_sources(archive.settings)
        trigger: Trigger = "backfill" if request.for_nights else "manual"
        settings = archive.settings
        start = RunStart(run, settings.tonight(), trigger, settings.now(), request.for_nights)
        crawls = [
            PlannedCrawl(
                crawl=start.make_crawl(source),
                source=source,
                urls=urls,
                only_urls=source.id not in request.sources,
                page_budget=request.page_budget,
                fresh=request.fresh,
            )
            for source, urls in _urls_by_source(archive, cards, request)
        ]
        return Wanted(start.night, crawls, wrong_cards)

    return plan_run(archive, run, decide)


def _read_request(archive: Archive, form: dict[str, object]) -> CrawlRequest:
    request = read_form(CrawlRequest, form)
    if not request.sources and not request.urls:
        raise SeedError("name at least one newspaper (Sources) or one address (Addresses)")
    if request.for_nights:
        _check_backfill(archive, request, *request.for_nights)
    return request


def _check_backfill(archive: Archive, request: CrawlRequest, first: Night, last: Night) -> None:
    if request.urls:
        raise SeedError("an address is fetched as it is today: for past nights name newspapers, not addresses")
    if first > last:
        raise SeedError(f"the first night, {first}, is after the last, {last}")
    if last > archive.settings.tonight():
        raise SeedError(f"the night of {last} has not come yet: tonight is {archive.settings.tonight()}")
    if (last - first).days >= MAX_NIGHTS:
        raise SeedError(f"{first} to {last} is more than {MAX_NIGHTS} nights: ask for them in parts")


def _urls_by_source(
    archive: Archive, cards: list[Source], request: CrawlRequest
) -> list[tuple[Source, tuple[str, ...]]]:
    """Give each address to the source whose host it is on, the first that is enabled; others belong to ``adhoc``."""
    owner: dict[str, Source] = {}
    for card in sorted(cards, key=lambda card: not card.enabled):
        for host in card.hosts:
            owner.setdefault(host, card)
    for host, card in list(owner.items()):
        owner.setdefault(site_name(host), card)
    urls: dict[str, list[str]] = defaultdict(list)
    for url in request.urls:
        host = read_host(url)
        found = owner.get(host) or owner.get(site_name(host))
        urls[found.id if found else ADHOC].append(url)
    chosen = {card.id: card for card in choose_sources(cards, request.sources)}
    chosen |= {card.id: card for card in cards if card.id in urls}
    if urls[ADHOC]:
        chosen[ADHOC] = _make_adhoc(archive, urls[ADHOC])
    return [(card, tuple(urls[name])) for name, card in chosen.items()]


def _make_adhoc(archive: Archive, urls: list[str]) -> Source:
    hosts = tuple(sorted({read_host(url) for url in urls}))
    home = f"{urlsplit(urls[0]).scheme}://{urlsplit(urls[0]).netloc}/"
    return Source(
        id=ADHOC, title="Single addresses", homepage=home, language="und", hosts=hosts, recent_days=None,
        allow_private=archive.settings.demo,
    )  # fmt: skip
