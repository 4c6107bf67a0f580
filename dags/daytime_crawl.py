"""When newspapers are looked at by day, between two nights."""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.steps import DEFAULTS, archive_of_task, follow

HELP = """\
Crawls by day the newspapers whose cards say `visits: N`: N times a day, the nightly crawl included. So nothing is lost
of feeds that hold only a few hours' news. It is paused until somebody wants it.

**How to check that it is working**

* The run is green. In most hours it has nothing to do: the log of `plan` says `sources=0`.
* `hemeroteca status` shows `(daytime)` lines, and no gap for newspapers that are visited often enough.
"""


@dag(
    schedule="30 * * * *",
    description="Look by day at newspapers whose feeds hold only a few hours' news",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    default_args=DEFAULTS,
    tags=["hemeroteca"],
    doc_md=HELP,
)
def daytime_crawl() -> None:
    @task
    def plan() -> list[str]:
        from hemeroteca.archive.tasks import plan_visits

        with archive_of_task() as (archive, run):
            return plan_visits(archive, run)

    follow(plan())


daytime_crawl()
