"""When newspapers are looked at by day."""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.steps import DEFAULTS, archive_of_task, follow

HELP = """\
Looks by day at the newspapers whose cards say `visits: N`, each N times a day with its nightly crawl, so that feeds
which hold an hour's news lose nothing between two nights. It is paused until somebody wants it.

**How to check that it is working**

* The run is green; most hours it has nothing to do, and says so in the log of `plan`.
* `hemeroteca status` shows `(daytime)` lines, and no gap for the newspapers that are visited often enough.
"""


@dag(
    schedule="30 * * * *",
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
