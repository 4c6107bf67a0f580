"""The steps of a run, as a DAG or the command calls them: each takes a shard's name or the run, and may be repeated."""

from __future__ import annotations

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.clean import clean_crawl
from hemeroteca.archive.crawl import crawl_shard
from hemeroteca.archive.late import mark_spent, sweep
from hemeroteca.archive.plan import RunRef, plan_night, plan_request, read_plan, read_shard
from hemeroteca.archive.publish import publish_crawl
from hemeroteca.archive.report import judge
from hemeroteca.archive.tables import write_night
from hemeroteca.extraction.workers import Workers
from storage import keys

__all__ = [
    "RunRef",
    "build_tables",
    "clean_shard",
    "crawl_shard",
    "judge",
    "plan_night",
    "plan_request",
    "publish_shard",
]

log = structlog.get_logger()


def clean_shard(archive: Archive, shard: str) -> None:
    """Clean what was captured by each crawl of the shard that is committed."""
    _, _, planned = read_shard(archive, shard)
    with Workers(archive.settings.crawl_slots) as workers:
        for one in planned:
            if archive.store.stat(keys.crawl_manifest(one.crawl)):
                clean_crawl(archive, one.crawl, workers)


def publish_shard(archive: Archive, shard: str) -> None:
    """Put each crawl of the shard that is committed into the catalog, with its documents."""
    _, _, planned = read_shard(archive, shard)
    for one in planned:
        publish_crawl(archive, one.crawl)


def build_tables(archive: Archive, run: RunRef) -> dict[str, object]:
    """Commit late what retries left behind, write the night's tables, and return their keys."""
    plan = read_plan(archive, run)
    for planned in plan.crawls():
        if not archive.store.stat(keys.crawl_manifest(planned.crawl)):
            mark_spent(archive, planned.crawl)
    late = sweep(archive)
    for planned in plan.crawls():
        publish_crawl(archive, planned.crawl)
    parts = write_night(archive, plan.night)
    log.info("tables written", night=str(plan.night), late=len(late))
    return {"night": str(plan.night), "crawls": len(plan.crawls()), "late": len(late), "keys": parts}
