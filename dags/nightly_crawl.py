"""When tonight's crawl runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronPartitionTimetable, Param, PartitionedAtRuntime, dag, get_current_context, task

from dags.steps import DEFAULTS, archive_of_task, follow
from hemeroteca.configuration import read_nightly_cron

CRON = read_nightly_cron()
SCHEDULE = (
    CronPartitionTimetable(
        CRON,
        timezone="UTC",
        key_format="%Y-%m-%d",
        # Airflow 3.3 reads False as "up to a tenth of the interval late": started at five, that would crawl at once.
        run_immediately=timedelta(minutes=1),
    )
    if CRON
    else PartitionedAtRuntime()
)
HELP = """\
Crawls every enabled newspaper for one **night** (the partition; none: tonight), then cleans, publishes and reports.

**How to check that it is working**

* The run is green. It is red when a newspaper failed, its sums do not match, or it is not cleaned, published or in the
  night's tables; the log of `report` names it, and the damaged object if one is. The others are published all the same.
* `hemeroteca status --night DATE` shows the night's coverage, source by source; `hemeroteca failures --night DATE` says
  what was not captured, why, and what to do. The log of `report` has the sums.
* A crawl task that is *up for retry* has lost nothing: the next try adopts what was captured.
* No run last night? The scheduler and the dag-processor must be healthy, the DAG not paused: `hemeroteca doctor`.

To run a night again crawls nothing new, and heals what is lacking: each nightly run does so for the seven nights before
its own too (the log of `tables` says `healed=`). With the parameter `fresh` a night is crawled again.

**Past nights**: a night before yesterday is a backfill. Its articles that are still listed are captured now, under
tonight's date, and the night's gap counts as filled. Airflow's own backfill asks for several nights, a run each:

    airflow backfill create --dag-id nightly_crawl --from-date 2026-03-01 --to-date 2026-03-07T23:59 \\
        --dag-run-conf '{"sources": ["es-elmundo"]}'

A night is included when its hour (03:00) lies between the two dates: a bare `--to-date` is midnight, too early.
"""


@dag(
    schedule=SCHEDULE,
    description="Crawl every enabled newspaper, once a night",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "sources": Param([], type="array", items={"type": "string"}, title="Sources", description="None: all enabled"),
        "fresh": Param(False, type="boolean", title="Fresh", description="Crawl a night that is there already again"),
    },
    tags=["hemeroteca"],
    doc_md=HELP,
)
def nightly_crawl() -> None:
    @task
    def plan(params: Any = None) -> list[str]:
        from hemeroteca.archive.tasks import plan_night
        from storage.model.night import Night

        key = get_current_context()["dag_run"].partition_key
        night = Night.fromisoformat(key) if key else None
        with archive_of_task() as (archive, run):
            return plan_night(archive, run, night, fresh=params["fresh"], only=params["sources"])

    follow(plan())


nightly_crawl()
