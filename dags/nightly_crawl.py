"""When tonight's crawl runs."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import CronPartitionTimetable, Param, PartitionedAtRuntime, dag, get_current_context, task

from dags.steps import DEFAULTS, archive_of_task, follow
from hemeroteca.configuration import NIGHTLY_CRON

CRON = os.environ.get("HEMEROTECA_NIGHTLY_CRON", NIGHTLY_CRON)
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
Crawls every enabled newspaper for one **night** (the partition; none means tonight), then cleans, publishes and counts.

**How to check that it is working**

* The run is green. It is red when a source failed or its sums do not match; the others have published all the same, and
  the log of `report` names them.
* `hemeroteca status --night DATE` shows the night's coverage, source by source.
* A crawl task that is *up for retry* is not lost: the next try adopts what was captured.
* No run last night? The scheduler and the dag-processor must be healthy, the DAG not paused: `hemeroteca doctor`.

The same night again finds itself there and stores nothing; the parameter `fresh` crawls it again.

**Nights gone by**: a night before yesterday is a backfill. What is still listed of its articles is captured now, under
tonight's date, and the night's gap counts as looked for. Airflow's own backfill asks for several (each with one run):

    airflow backfill create --dag-id nightly_crawl --from-date 2026-03-01 --to-date 2026-03-07T23:59 \\
        --dag-run-conf '{"sources": ["es-elmundo"]}'

A night is taken when its hour (03:00) lies between the two: a bare `--to-date` is midnight, and leaves its night out.
"""


@dag(
    schedule=SCHEDULE,
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
