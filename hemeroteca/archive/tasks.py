"""The steps of a run, as DAGs and the command call them: each gets a shard's name or the run, and can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import partial

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawl_trouble import note_trouble
from hemeroteca.archive.crawling.crawl_request import plan_request
from hemeroteca.archive.crawling.late import mark_spent
from hemeroteca.archive.crawling.plan import PlanOutline, RunRef, read_outline, read_shard
from hemeroteca.archive.crawling.planners import plan_night, plan_visits
from hemeroteca.archive.crawling.shard import crawl_shard
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.lacking import find_published
from hemeroteca.archive.publishing.healing import find_healed, note_healed
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.nights_in_turn import look_again
from hemeroteca.archive.publishing.publish import publish_crawl, publish_manifests
from hemeroteca.archive.publishing.report import judge_run
from hemeroteca.archive.publishing.run_sums import sum_up
from hemeroteca.archive.publishing.tables import list_table_parts, note_rows, update_night_tables
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    find_not_drafted,
    make_drafts,
    read_reextraction_request,
    split_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.extraction.workers.pool import WorkerPool
from hemeroteca.run_order import RUN_STEPS, SHARD_STEPS
from storage import keys
from storage.model.crawl import is_nightly
from storage.model.errors import HemerotecaError, RunFailedError, StorageError, StoreRefusedError
from storage.night_listing import list_night

__all__ = [
    "RunRef",
    "build_tables",
    "clean_shard",
    "compare_drafts",
    "crawl_shard",
    "draft_span",
    "is_planned",
    "judge_run",
    "plan_night",
    "plan_reextraction",
    "plan_request",
    "plan_visits",
    "publish_drafts",
    "publish_shard",
    "sum_up",
    "take_steps",
]

log = structlog.get_logger()

MOST_WORKERS = 2
"""Worker processes that clean one shard: other shards are cleaned at the same time, and each worker takes 150 MB."""
MOST_TRIES = 3
"""How often a step is taken in this process until it succeeds: as often as Airflow tries."""


def is_planned(archive: Archive, run: RunRef) -> bool:
    """Say whether *run* has a plan."""
    return archive.coordination.read_plan(run.key) is not None


def take_steps(archive: Archive, run: RunRef, shards: Iterable[str], workers: WorkerPool | None = None) -> None:
    """Take every step of *run*, which is planned, in this process; *workers* clean all its shards.

    Raises RunFailedError, in one line, when a source failed: the others are published all the same.
    """
    with nullcontext(workers) if workers else _start_workers(archive) as pool:
        work = SHARD_WORK | {"clean": partial(SHARD_WORK["clean"], workers=pool)}
        for shard in shards:
            for step in SHARD_STEPS:
                _try_step(step, partial(work[step], archive, shard))
    for step in RUN_STEPS:
        _try_step(step, partial(RUN_WORK[step], archive, run))


def _try_step(step: str, take: Callable[[], object]) -> None:
    """Take a step, as Airflow does: again when the store did not answer; and if it fails, the next is taken."""
    for number in range(1, MOST_TRIES + 1):
        try:
            take()
            return
        except (RunFailedError, StoreRefusedError):
            raise
        except StorageError as error:
            log.warning("step failed", step=step, number=number, tries=MOST_TRIES, reason=str(error))
        except HemerotecaError as error:
            log.error("step failed", step=step, reason=str(error))
            return


def _crawl_with_retries(archive: Archive, shard: str) -> None:
    """Crawl a shard, again when it failed; the last time each source in a process of its own."""
    for number in range(1, MOST_TRIES + 1):
        try:
            crawl_shard(archive, shard, last_try=number == MOST_TRIES)
            return
        except StoreRefusedError:
            raise
        except StorageError as error:
            log.warning("shard not crawled to its end", number=number, tries=MOST_TRIES, reason=str(error))


def clean_shard(archive: Archive, shard: str, workers: WorkerPool | None = None) -> None:
    """Clean what was captured by each crawl of the shard that is committed, by *workers* or by some of its own.

    Raises the first error, once the siblings are cleaned.
    """
    troubles = Troubles()
    _, _, planned = read_shard(archive, shard)
    with nullcontext(workers) if workers else _start_workers(archive) as pool:
        for one in planned:
            with troubles.keep_apart("crawl not cleaned", crawl_id=one.crawl.id):
                clean_crawl(archive, one.crawl, pool)
    troubles.raise_first()


def publish_shard(archive: Archive, shard: str) -> None:
    """Put the committed crawls of the shard into the catalog, with their documents.

    Raises the first error, once the siblings are published.
    """
    troubles = Troubles()
    _, _, planned = read_shard(archive, shard)
    for one in planned:
        with troubles.keep_apart("crawl not published", crawl_id=one.crawl.id):
            publish_crawl(archive, one.crawl)
    troubles.raise_first()


def build_tables(archive: Archive, run: RunRef) -> dict[str, object]:
    """Commit what is late, write the night's tables, heal the last nights, and return the keys and what was healed.

    What other nights left in the spool is committed too, and their tables written again. Raises StorageError once
    the rest is done. What is damaged is left out: ``report`` tells of it.
    """
    plan = read_outline(archive, run)
    troubles = Troubles()
    if plan.crawls:
        _give_up_crawls(archive, plan, troubles)
    late = commit_late(archive, troubles=troubles)
    if plan.crawls:
        _publish_lacking(archive, plan, troubles)
    healed: list[str] = []
    with troubles.keep_apart("tables not written", night=str(plan.night)):
        _update_tables(archive, plan)
        healed += find_healed(archive, plan.night, plan.lacking)
    healed += look_again(archive, plan.night, troubles, always=_is_nightly(plan))
    _note_troubles(archive, plan, troubles)
    if healed:
        note_healed(archive, run, healed)
    troubles.raise_store_error()
    parts = list_table_parts(archive, plan.night)
    log.info("tables are up to date", night=str(plan.night), late=len(late), healed=healed)
    return {
        "night": str(plan.night),
        "crawls": len(plan.crawls),
        "late": len(late),
        "healed": healed,
        "keys": parts,
    }


def plan_reextraction(archive: Archive, form: dict[str, object]) -> list[dict[str, object]]:
    """Split what *form* asks to extract again into parts, each a form itself. Raises SeedError, NotArchivedError."""
    return [part.model_dump(mode="json") for part in split_request(archive, read_reextraction_request(form))]


def draft_span(archive: Archive, form: dict[str, object]) -> None:
    """Extract again what *form* names, and publish nothing. ``publish_drafts`` says what cannot be."""
    troubles = Troubles()
    with _start_workers(archive) as workers:
        make_drafts(archive, read_reextraction_request(form), workers, troubles)
    troubles.raise_store_error()


def compare_drafts(archive: Archive, form: dict[str, object]) -> None:
    """Log what the drafts would change: the sums, then the biggest changes."""
    troubles = Troubles()
    found = find_differences(archive, read_reextraction_request(form), troubles)
    troubles.raise_store_error()
    log.info("extraction compared", **found.model_dump(exclude={"biggest"}))
    for one in found.biggest:
        log.info("document differs", **one.model_dump())


def publish_drafts(archive: Archive, form: dict[str, object]) -> dict[str, object]:
    """Make the drafts current, if *form* says so, and return how many crawls that changed.

    Raises, once all others are current, what could not be drafted or made so.
    """
    troubles, request = Troubles(), read_reextraction_request(form)
    published = promote_drafts(archive, request, troubles)
    find_not_drafted(archive, request, troubles)
    troubles.raise_first()
    return {"crawls": published}


def _give_up_crawls(archive: Archive, plan: PlanOutline, troubles: Troubles) -> None:
    """Note of each crawl of *plan* that is not committed that it will not be tried again."""
    with troubles.keep_apart("crawls not given up", night=str(plan.night)):
        there = set(list_night(archive.store, plan.night).manifests)
        for planned in plan.crawls:
            if keys.crawl_manifest(planned.crawl) not in there:
                mark_spent(archive, planned.crawl)


def _publish_lacking(archive: Archive, plan: PlanOutline, troubles: Troubles) -> None:
    """Publish what the publish steps of *plan* have left, told by two listings."""
    with troubles.keep_apart("crawls not published", night=str(plan.night)):
        listed, published = list_night(archive.store, plan.night), find_published(archive, plan.night)
        for planned in plan.crawls:
            with troubles.keep_apart("crawl not published", crawl_id=planned.crawl.id):
                left = [key for key in listed.keys_of(planned.crawl.id) if key not in published]
                publish_manifests(archive, left)


def _update_tables(archive: Archive, plan: PlanOutline) -> None:
    listed = list_night(archive.store, plan.night)
    if listed.keys or plan.crawl_ids():
        update_night_tables(archive, plan.night, hold_bytes=_is_nightly(plan))
        note_rows(archive, plan.run.key, listed, plan.crawl_ids())


def _is_nightly(plan: PlanOutline) -> bool:
    return any(map(is_nightly, plan.crawl_ids()))


def _note_troubles(archive: Archive, plan: PlanOutline, troubles: Troubles) -> None:
    """Note for ``report`` what went wrong with the crawls of *plan*."""
    own = {planned.crawl.id for planned in plan.crawls}
    for name, error in troubles.found:
        if name in own:
            note_trouble(archive, name, str(error))


def _start_workers(archive: Archive) -> WorkerPool:
    settings = archive.settings
    return WorkerPool(min(settings.crawl_slots, MOST_WORKERS), environment=settings.environment)


SHARD_WORK: dict[str, Callable[..., None]] = {
    "crawl": _crawl_with_retries,
    "clean": clean_shard,
    "publish": publish_shard,
}
RUN_WORK: dict[str, Callable[[Archive, RunRef], object]] = {"tables": build_tables, "report": judge_run}
