"""The plan of a run: its crawls, packed into shards.

A plan is made once and kept in coordination, so that every retry meets the same crawl ids. Steps hand over the names
of shards and nothing else, and read no shard but their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import check_new_catalog
from hemeroteca.archive.lacking import find_lacking
from storage import keys
from storage.model.base import Record
from storage.model.crawl import Crawl
from storage.model.errors import SeedError, StorageError
from storage.model.night import Night
from storage.model.source import Source
from storage.model.wrong_values import reason_of
from storage.night_listing import list_night

log = structlog.get_logger()

MAX_SHARDS = 200
T = TypeVar("T")


class RunRef(Record):
    """One run: of a DAG, or of the command in its own process."""

    dag_id: str
    run_id: str

    @property
    def key(self) -> str:
        return f"{self.dag_id}/{self.run_id}"


class PlannedCrawl(Record):
    """The crawl of one source, with the card as it is at planning: later changes of the card do not reach it."""

    crawl: Crawl
    source: Source
    urls: tuple[str, ...] = ()
    only_urls: bool = False
    page_budget: int | None = None
    fresh: bool = False
    ignore_robots: bool = False


class Plan(Record):
    """A run's whole plan. ``present`` are crawls that were committed before, ``refused`` the faults of wrong cards.

    Those of ``present`` that are ``lacking``, a cleaning, their publication or a manifest that can be read, are in the
    shards all the same: their crawl step fetches nothing.
    """

    run: RunRef
    night: Night
    shards: tuple[tuple[PlannedCrawl, ...], ...]
    present: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def crawls(self) -> list[PlannedCrawl]:
        return [planned for shard in self.shards for planned in shard]


class OutlinedCrawl(BaseModel):
    """A planned crawl without its card, which takes most of the room of a plan."""

    crawl: Crawl
    only_urls: bool = False


class PlanOutline(NamedTuple):
    """A plan without cards and shards: what the steps of a whole run read of it."""

    run: RunRef
    night: Night
    crawls: tuple[OutlinedCrawl, ...]
    present: tuple[str, ...]
    lacking: tuple[str, ...]

    def crawl_ids(self) -> list[str]:
        """Return the ids of all crawls of the run, those that were committed before too."""
        return list(dict.fromkeys([*(planned.crawl.id for planned in self.crawls), *self.present]))


class _KeptPlan(Record):
    """A plan as coordination has it: how many shards it has, stored apart from it. Earlier releases kept them in it."""

    run: RunRef
    night: Night
    shards: int | tuple[tuple[PlannedCrawl, ...], ...]
    present: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def names(self) -> list[str]:
        count = self.shards if isinstance(self.shards, int) else len(self.shards)
        return [f"{self.run.key}#{number:03d}" for number in range(count)]


_SHARD = TypeAdapter(tuple[PlannedCrawl, ...])
_OUTLINED = TypeAdapter(tuple[OutlinedCrawl, ...])


class _CrawlOutline(BaseModel):
    id: str


class _PlannedOutline(BaseModel):
    crawl: _CrawlOutline


class _Outline(BaseModel):
    """What the plans of all releases have: cards have got other fields since."""

    night: Night
    shards: int | list[list[_PlannedOutline]]


_OUTLINES = TypeAdapter(list[_PlannedOutline])


class Wanted(NamedTuple):
    """What a planner decided: the crawls of a night, and a line for each card that is wrong."""

    night: Night
    crawls: list[PlannedCrawl]
    wrong_cards: Sequence[str] = ()


def plan_run(archive: Archive, run: RunRef, decide: Callable[[], Wanted]) -> list[str]:
    """Return the names of the shards of *run*, whose plan is made of what *decide* returns unless there is one."""
    saved = archive.coordination.read_plan(run.key)
    if saved is None:
        check_new_catalog(archive)
        plan = _make_plan(archive, run, decide())
        kept = _KeptPlan(**(dict(plan) | {"shards": len(plan.shards)}))
        shards = (_SHARD.dump_json(shard).decode() for shard in plan.shards)
        saved = archive.coordination.save_plan(run.key, kept.model_dump_json(), shards)
    return _KeptPlan.model_validate_json(saved).names()


def read_plan(archive: Archive, run: RunRef) -> Plan:
    """Return the whole plan of *run*; SeedError when it was never planned."""
    kept = _read_kept(archive, run)
    shards = kept.shards
    if isinstance(shards, int):
        shards = tuple(map(_SHARD.validate_json, archive.coordination.read_shards(run.key)))
    return Plan(**(dict(kept) | {"shards": shards}))


def read_outline(archive: Archive, run: RunRef) -> PlanOutline:
    """Return the plan of *run* without its cards, read shard by shard; SeedError when it was never planned."""
    kept = _read_kept(archive, run)
    outlined = (
        map(_OUTLINED.validate_json, archive.coordination.read_shards(run.key))
        if isinstance(kept.shards, int)
        else map(_outline, kept.shards)
    )
    return PlanOutline(run, kept.night, tuple(chain.from_iterable(outlined)), kept.present, kept.lacking)


def _outline(shard: tuple[PlannedCrawl, ...]) -> tuple[OutlinedCrawl, ...]:
    return tuple(OutlinedCrawl(crawl=planned.crawl, only_urls=planned.only_urls) for planned in shard)


def _read_kept(archive: Archive, run: RunRef) -> _KeptPlan:
    saved = archive.coordination.read_plan(run.key)
    if saved is None:
        raise SeedError(f"run: {run.key}: was never planned")
    return _KeptPlan.model_validate_json(saved)


def read_shard(archive: Archive, name: str) -> tuple[RunRef, int, tuple[PlannedCrawl, ...]]:
    """Return the run, the number and the crawls of the shard called *name*."""
    key, _, number = name.rpartition("#")
    dag_id, _, run_id = key.partition("/")
    run = RunRef(dag_id=dag_id, run_id=run_id)
    shard = archive.coordination.read_shard(run.key, int(number))
    return run, int(number), _SHARD.validate_json(shard) if shard else read_plan(archive, run).shards[int(number)]


def read_night_of_plan(run: str, plan: str) -> Night:
    """Return the night of a kept plan, whichever release kept it. Raises StorageError when it cannot be read."""
    return _read_outline(run, lambda: _Outline.model_validate_json(plan)).night


def find_crawls_of_plan(archive: Archive, run: str, plan: str) -> list[str]:
    """Return the ids of the crawls in the shards of a kept plan. Raises StorageError when they cannot be read."""
    shards = _read_outline(run, lambda: _Outline.model_validate_json(plan)).shards
    if isinstance(shards, int):
        texts = archive.coordination.read_shards(run)
        shards = _read_outline(run, lambda: [_OUTLINES.validate_json(text) for text in texts])
    return [planned.crawl.id for shard in shards for planned in shard]


def _read_outline(run: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValidationError as error:
        raise StorageError(f"plan of {run}: cannot be read: {reason_of(error.errors()[0])}") from None


def _make_plan(archive: Archive, run: RunRef, wanted: Wanted) -> Plan:
    night, crawls, wrong_cards = wanted
    # a listing: asking for each would take as long as a crawl
    listed = list_night(archive.store, night)
    there = set(listed.manifests)
    committed = {one.crawl.id: keys.crawl_manifest(one.crawl) for one in crawls}
    present = [crawl_id for crawl_id, key in committed.items() if key in there]
    damaged = [crawl_id for crawl_id in present if archive.holdings.find_manifest(committed[crawl_id]) is None]
    lacking = list(dict.fromkeys((*damaged, *find_lacking(archive, night, listed, present))))
    done = set(present) - set(lacking)
    todo = [one for one in crawls if one.crawl.id not in done]
    shards = pack_shards(todo, 2 * archive.settings.crawl_slots)
    counts = {"sources": len(todo) - len(lacking), "present": len(present), "lacking": len(lacking)}
    log.info("planned", run=run.key, night=str(night), **counts, shards=len(shards))
    for line in wrong_cards:
        log.warning("card refused", reason=line)
    return Plan(
        run=run,
        night=night,
        shards=shards,
        present=tuple(present),
        lacking=tuple(lacking),
        refused=tuple(wrong_cards),
    )


def pack_shards(crawls: Sequence[PlannedCrawl], most: int) -> tuple[tuple[PlannedCrawl, ...], ...]:
    """Pack *crawls* into at most *most* shards: sources that share a host together, those of other spiders apart."""
    groups = _host_groups(crawls)
    bins: dict[str, list[list[PlannedCrawl]]] = defaultdict(list)
    spiders = {group[0].source.spider for group in groups}
    most_each = max(1, min(most, MAX_SHARDS) // max(1, len(spiders)))
    for group in sorted(groups, key=len, reverse=True):
        shards = bins[group[0].source.spider]
        if len(shards) < most_each:
            shards.append(list(group))
        else:
            min(shards, key=len).extend(group)
    return tuple(tuple(shard) for shards in bins.values() for shard in shards)


def _host_groups(crawls: Sequence[PlannedCrawl]) -> list[list[PlannedCrawl]]:
    """Return groups of crawls that share hosts, directly or through others; a group has one spider."""
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
