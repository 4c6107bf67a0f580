"""The steps of a crawl's DAG as tasks: when each runs, how often it is tried, and what it calls.

Tasks hand over the names of shards, never content.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, ExceptionRetryPolicy, RetryRule, chain, get_current_context, task, task_group
from airflow.sdk.definitions.retry_policy import RetryAction

from hemeroteca.run_order import RUN_STEPS, SHARD_STEPS

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.tasks import RunRef

log = structlog.get_logger()

CAPTURES = Asset(name="captures", uri="hemeroteca://captures")
DOCUMENTS = Asset(name="documents", uri="hemeroteca://documents")

_ERRORS = "storage.model.errors"
RETRY_POLICY = ExceptionRetryPolicy(
    [
        RetryRule(
            [f"{_ERRORS}.{name}" for name in ("SeedError", "RunFailedError", "FixityError", "StoreRefusedError")],
            action=RetryAction.FAIL,
            reason="trying again would not change it",
        ),
        RetryRule(f"{_ERRORS}.CrawlDiedError", retry_delay=timedelta(seconds=5), reason="its captures are adopted"),
        RetryRule(f"{_ERRORS}.DiskFullError", retry_delay=timedelta(minutes=5), reason="the spool's disk is full"),
        RetryRule(f"{_ERRORS}.StorageError", retry_delay=timedelta(seconds=20), reason="the store did not answer"),
    ]
)
DEFAULTS = {"retries": 2, "retry_delay": timedelta(seconds=5), "retry_policy": RETRY_POLICY}


@contextmanager
def archive_of_task() -> Iterator[tuple[Archive, RunRef]]:
    """Open the archive for the task that runs now, with the run it belongs to."""
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.tasks import RunRef
    from hemeroteca.home import PRIVATE_UMASK
    from hemeroteca.services.airflow_connection import naming_refusals, read_task_settings

    os.umask(PRIVATE_UMASK)
    run: Any = get_current_context()["dag_run"]
    settings = read_task_settings()
    with naming_refusals(settings), Archive(settings) as archive:
        yield archive, RunRef(dag_id=run.dag_id, run_id=run.run_id)


def skip_unplanned(archive: Archive, run: RunRef) -> None:
    """Skip the task that runs now when its run has no plan: `plan` is red then, and says why."""
    from airflow.sdk.exceptions import AirflowSkipException

    from hemeroteca.archive.tasks import is_planned

    if not is_planned(archive, run):
        raise AirflowSkipException("nothing was planned; the log of `plan` says why")


@task(pool="crawl", execution_timeout=timedelta(hours=8))
def crawl(shard: str) -> None:
    from hemeroteca.archive.tasks import crawl_shard

    instance: Any = get_current_context()["ti"]
    with archive_of_task() as (archive, _):
        crawl_shard(archive, shard, last_try=instance.try_number > instance.max_tries)


@task(trigger_rule="all_done")
def clean(shard: str) -> None:
    from hemeroteca.archive.tasks import clean_shard

    with archive_of_task() as (archive, _):
        clean_shard(archive, shard)


@task(trigger_rule="all_done")
def publish(shard: str) -> None:
    from hemeroteca.archive.tasks import publish_shard

    with archive_of_task() as (archive, _):
        publish_shard(archive, shard)


@task(trigger_rule="all_done", outlets=[CAPTURES, DOCUMENTS])
def tables(*, outlet_events: Any = None) -> None:
    from hemeroteca.archive.tasks import build_tables

    with archive_of_task() as (archive, run):
        skip_unplanned(archive, run)
        counts = build_tables(archive, run)
    for asset in (CAPTURES, DOCUMENTS):
        outlet_events[asset].extra = counts


@task(trigger_rule="all_done", retries=0)
def report() -> None:
    from hemeroteca.archive.tasks import judge_run, sum_up

    instance: Any = get_current_context()["ti"]
    with archive_of_task() as (archive, run):
        skip_unplanned(archive, run)
        sums = sum_up(archive, run)
        log.info("run ended", sums=sums)
        instance.xcom_push("sums", sums)
        judge_run(archive, run)


_SHARD_TASKS = {"crawl": crawl, "clean": clean, "publish": publish}
_RUN_TASKS = {"tables": tables, "report": report}


@task_group
def each_shard(shard: str) -> None:
    chain(*(_SHARD_TASKS[step](shard) for step in SHARD_STEPS))


def follow(shards: Any) -> None:
    """Let every shard of a plan take its steps, then the run its own. A run whose plan failed is red."""
    # What follows skips itself then, and would leave the run green; this runs nothing and takes no time.
    chain(shards, EmptyOperator(task_id="planned"))
    chain(each_shard.expand(shard=shards), *(_RUN_TASKS[step]() for step in RUN_STEPS))
