"""Deciding what a run crawls: a night's newspapers, those to visit by day, or one that has no card yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import PlannedCrawl, RunRef, Wanted, plan_run
from hemeroteca.archive.sources.seeds import read_sources, tell_unknown_source
from hemeroteca.configuration import Settings
from storage.model.crawl import Crawl, Trigger, nightly_id, run_crawl_id
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.model.source import Source

_DAY = timedelta(days=1)
_SCHEDULER_SLACK = timedelta(minutes=30)


class RunStart(NamedTuple):
    """What the crawls of a run have in common."""

    run: RunRef
    night: Night
    trigger: Trigger
    started: datetime
    for_nights: tuple[Night, Night] | None = None

    def make_crawl(self, source: Source) -> Crawl:
        """Return the run's crawl of *source*. The id of a nightly one is the same in each run of the night."""
        by_run = run_crawl_id(source.id, self.trigger, self.started, self.run.dag_id, self.run.run_id)
        return Crawl(
            id=nightly_id(source.id, self.night) if self.trigger == "nightly" else by_run,
            source_id=source.id,
            night=self.night,
            trigger=self.trigger,
            started=self.started,
            for_nights=self.for_nights,
        )


def plan_night(
    archive: Archive, run: RunRef, night: Night | None = None, fresh: bool = False, only: Sequence[str] = ()
) -> list[str]:
    """Plan the crawl of *night* (None: tonight) and return the names of its shards.

    A late scheduler may still ask for last night. A night before that is a backfill: it is crawled tonight, for its
    articles. Raises SeedError for a night in the future, and for unknown ids in *only*.
    """

    def decide() -> Wanted:
        start = _start_night(archive, run, check_night(archive.settings, night), fresh)
        cards, wrong_cards = read_sources(archive.settings)
        chosen = choose_sources(cards, only) if only else [card for card in cards if card.enabled]
        crawls = [PlannedCrawl(crawl=start.make_crawl(card), source=card, fresh=fresh) for card in chosen]
        return Wanted(start.night, crawls, wrong_cards)

    return plan_run(archive, run, decide)


def _start_night(archive: Archive, run: RunRef, night: Night, fresh: bool) -> RunStart:
    now, tonight = archive.settings.now(), archive.settings.tonight()
    if night < tonight - _DAY:
        return RunStart(run, tonight, "backfill", now, for_nights=(night, night))
    return RunStart(run, night, "fresh" if fresh else "nightly", now)


def plan_visits(archive: Archive, run: RunRef) -> list[str]:
    """Plan a look by day at the newspapers whose cards want ``visits`` and whose last crawl is long enough ago."""

    def decide() -> Wanted:
        cards, wrong_cards = read_sources(archive.settings)
        start = RunStart(run, archive.settings.tonight(), "daytime", archive.settings.now())
        due = [card for card in cards if card.enabled and card.visits > 1 and _is_visit_due(archive, card)]
        crawls = [PlannedCrawl(crawl=start.make_crawl(card), source=card) for card in due]
        return Wanted(start.night, crawls, wrong_cards)

    return plan_run(archive, run, decide)


def _is_visit_due(archive: Archive, source: Source) -> bool:
    """Say whether the last crawl began a day's ``visits``-th part ago. Schedulers are minutes off, hence the slack."""
    last = archive.catalog.last_crawls(source.id, 1)
    wait = _DAY / source.visits - _SCHEDULER_SLACK
    return not last or archive.settings.now() - last[0].started >= wait


def plan_survey(archive: Archive, run: RunRef, source: Source, ignore_robots: bool = False) -> list[str]:
    """Plan the first look at a newspaper: a crawl of *source*, which has no card yet."""

    def decide() -> Wanted:
        start = RunStart(run, archive.settings.tonight(), "manual", archive.settings.now())
        planned = PlannedCrawl(crawl=start.make_crawl(source), source=source, ignore_robots=ignore_robots)
        return Wanted(start.night, [planned])

    return plan_run(archive, run, decide)


def check_night(settings: Settings, night: Night | None) -> Night:
    """Return the night to crawl, tonight for None. Raises SeedError for one that has not come yet."""
    tonight = settings.tonight()
    night = night or tonight
    if night > tonight:
        raise SeedError(f"the night of {night} has not come yet: tonight is {tonight}")
    return night


def choose_sources(cards: Iterable[Source], ids: Sequence[str]) -> list[Source]:
    """Return the cards with these ids, each once, in their order. Raises SeedError for ids that no card has."""
    by_id = {card.id: card for card in cards}
    unknown = [name for name in ids if name not in by_id]
    if unknown:
        raise SeedError("\n".join(tell_unknown_source(name, by_id) for name in unknown))
    return [by_id[name] for name in dict.fromkeys(ids)]
