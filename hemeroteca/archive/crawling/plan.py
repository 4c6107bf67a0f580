"""Planning a run: which sources are crawled, under which ids, packed into which shards.

A plan is made once a run and kept in coordination, so that every retry meets the same ids. Steps hand over
the shard's name alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.sources.seeds import sources as read_sources
from hemeroteca.configuration import Settings
from storage import keys
from storage.manifests import manifests_of_night
from storage.model.base import Record
from storage.model.crawl import Crawl, Trigger, nightly_id, run_crawl_id
from storage.model.errors import SeedError
from storage.model.night import Night
from storage.model.source import Source

log = structlog.get_logger()

MAX_SHARDS = 200
_SCHEDULER_SLACK = timedelta(minutes=30)


class RunRef(Record):
    """One run of one DAG, or of the command in process."""

    dag_id: str
    run_id: str

    @property
    def key(self) -> str:
        return f"{self.dag_id}/{self.run_id}"


class PlannedCrawl(Record):
    """One source of a shard, with the resolved card the crawl will be judged by."""

    crawl: Crawl
    source: Source
    urls: tuple[str, ...] = ()
    only_urls: bool = False
    page_budget: int | None = None
    fresh: bool = False


class Plan(Record):
    """A run's whole plan. ``present`` are crawls whose manifest was there before; ``refused`` wrong cards."""

    run: RunRef
    night: Night
    shards: tuple[tuple[PlannedCrawl, ...], ...]
    present: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def crawls(self) -> list[PlannedCrawl]:
        return [planned for shard in self.shards for planned in shard]


def plan_night(archive: Archive, night: Night | None, run: RunRef, fresh: bool, only: Sequence[str] = ()) -> list[str]:
    """Plan the crawl of *night* (None: tonight) and return the names of its shards.

    A late scheduler may still ask for last night; a night before that is a backfill: crawled tonight, for its articles.
    Raises SeedError for a night in the future, and for unknown ids in *only*.
    """
    known = archive.coordination.read_plan(run.key)
    if known is None:
        tonight = archive.settings.tonight()
        asked = check_night(archive.settings, night)
        late = asked < tonight - timedelta(days=1)
        trigger: Trigger = "backfill" if late else "fresh" if fresh else "nightly"
        cards, errors = read_sources(archive.settings)
        chosen = choose(cards, only) if only else [card for card in cards if card.enabled]
        begun = begin_run(archive, tonight if late else asked, run, trigger, (asked, asked) if late else None)
        wanted = [PlannedCrawl(crawl=begun(source), source=source, fresh=fresh) for source in chosen]
        known = save(archive, run, tonight if late else asked, wanted, errors)
    return shard_names(run, Plan.model_validate_json(known))


def plan_visit(archive: Archive, run: RunRef) -> list[str]:
    """Plan a look by day at the newspapers whose cards want ``visits`` and whose last crawl is long enough ago."""
    known = archive.coordination.read_plan(run.key)
    if known is None:
        night = archive.settings.tonight()
        cards, errors = read_sources(archive.settings)
        begun = begin_run(archive, night, run, "daytime")
        due = [card for card in cards if card.enabled and card.visits > 1 and _is_visited_again(archive, card)]
        known = save(archive, run, night, [PlannedCrawl(crawl=begun(card), source=card) for card in due], errors)
    return shard_names(run, Plan.model_validate_json(known))


def _is_visited_again(archive: Archive, source: Source) -> bool:
    """Say whether the last crawl began a day's ``visits``-th part ago; schedulers are minutes off, hence the slack."""
    started = [crawl.started for crawl in archive.catalog.crawls(source_id=source.id) if not crawl.late]
    wait = timedelta(days=1) / source.visits - _SCHEDULER_SLACK
    return not started or archive.settings.now() - max(started) >= wait


def check_night(settings: Settings, night: Night | None) -> Night:
    """Return the night to crawl, tonight for None. Raises SeedError for one that is not there yet."""
    tonight = settings.tonight()
    night = night or tonight
    if night > tonight:
        raise SeedError(f"night: {night}: has not come yet; tonight is {tonight}")
    return night


def plan_source(archive: Archive, run: RunRef, source: Source) -> list[str]:
    """Plan a crawl of *source*, which needs no card, and return the names of its shards."""
    known = archive.coordination.read_plan(run.key)
    if known is None:
        night = archive.settings.tonight()
        begun = begin_run(archive, night, run, "manual")
        known = save(archive, run, night, [PlannedCrawl(crawl=begun(source), source=source)], [])
    return shard_names(run, Plan.model_validate_json(known))


def read_plan(archive: Archive, run: RunRef) -> Plan:
    """Return the plan of *run*; SeedError when it was never planned."""
    saved = archive.coordination.read_plan(run.key)
    if saved is None:
        raise SeedError(f"run: {run.key}: was never planned")
    return Plan.model_validate_json(saved)


def shard_names(run: RunRef, plan: Plan) -> list[str]:
    return [f"{run.key}#{number:03d}" for number in range(len(plan.shards))]


def read_shard(archive: Archive, name: str) -> tuple[RunRef, int, tuple[PlannedCrawl, ...]]:
    """Return the run, the number and the crawls of the shard that *name* names."""
    key, _, number = name.rpartition("#")
    dag_id, _, run_id = key.partition("/")
    run = RunRef(dag_id=dag_id, run_id=run_id)
    return run, int(number), read_plan(archive, run).shards[int(number)]


def begin_run(
    archive: Archive, night: Night, run: RunRef, trigger: Trigger, for_nights: tuple[Night, Night] | None = None
) -> Callable[[Source], Crawl]:
    """Return what names the crawl of a source in *run*, begun now."""
    started = archive.settings.now()

    def begin(source: Source) -> Crawl:
        name = run_crawl_id(source.id, trigger, started, run.dag_id, run.run_id)
        return Crawl(
            id=nightly_id(source.id, night) if trigger == "nightly" else name,
            source_id=source.id,
            night=night,
            trigger=trigger,
            started=started,
            for_nights=for_nights,
        )

    return begin


def choose(cards: Iterable[Source], only: Sequence[str]) -> list[Source]:
    by_id = {card.id: card for card in cards}
    unknown = [name for name in only if name not in by_id]
    if unknown:
        raise SeedError("\n".join(f"sources: {name}: no such source" for name in unknown))
    return [by_id[name] for name in dict.fromkeys(only)]


def save(archive: Archive, run: RunRef, night: Night, wanted: list[PlannedCrawl], errors: list[str]) -> str:
    there = set(manifests_of_night(archive.store, night))  # one listing: asking for each would take as long as a crawl
    present = [p.crawl.id for p in wanted if keys.crawl_manifest(p.crawl) in there]
    todo = [p for p in wanted if keys.crawl_manifest(p.crawl) not in there]
    shards = pack(todo, 2 * archive.settings.crawl_slots)
    plan = Plan(run=run, night=night, shards=shards, present=tuple(present), refused=tuple(errors))
    log.info("planned", run=run.key, night=str(night), sources=len(todo), present=len(present), shards=len(shards))
    for line in errors:
        log.warning("card refused", reason=line)
    return archive.coordination.save_plan(run.key, plan.model_dump_json())


def pack(crawls: Sequence[PlannedCrawl], most: int) -> tuple[tuple[PlannedCrawl, ...], ...]:
    """Pack *crawls* into at most *most* shards: sources that share a host stay together, own spiders apart."""
    groups = _host_groups(crawls)
    bins: dict[str, list[list[PlannedCrawl]]] = defaultdict(list)
    spiders = {group[0].source.spider for group in groups}
    room = max(1, min(most, MAX_SHARDS) // max(1, len(spiders)))
    for group in sorted(groups, key=len, reverse=True):
        shards = bins[group[0].source.spider]
        if len(shards) < room:
            shards.append(list(group))
        else:
            min(shards, key=len).extend(group)
    return tuple(tuple(shard) for shards in bins.values() for shard in shards)


def _host_groups(crawls: Sequence[PlannedCrawl]) -> list[list[PlannedCrawl]]:
    """Return the connected components of "shares an article host with", those of one spider apart."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(host: tuple[str, str]) -> tuple[str, str]:
        while parents.setdefault(host, host) != host:
            parents[host] = host = parents[parents[host]]
        return host

    groups: dict[tuple[str, str], list[PlannedCrawl]] = defaultdict(list)
    hosts_of = [[(planned.source.spider, host) for host in planned.source.hosts] for planned in crawls]
    for first, *others in hosts_of:
        for other in others:
            parents[root(other)] = root(first)
    for planned, hosts in zip(crawls, hosts_of, strict=True):
        groups[root(hosts[0])].append(planned)
    return list(groups.values())
