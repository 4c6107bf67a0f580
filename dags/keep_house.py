"""When old plans, logs and files of runs are removed."""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.steps import DEFAULTS, archive_of_task
from hemeroteca.configuration import read_nightly_cron

# Where nothing is crawled by a schedule, nothing is removed by one.
SCHEDULE = "0 12 * * 0" if read_nightly_cron() else None

HELP = """\
Removes, once a week, what the archive leaves behind as it runs and nobody needs any more: plans and files of old runs,
what is known of newspapers without a card, logs, and old rows of Airflow's own database. Evidence is never touched.

**How to check that it is working**

* The run is green, and its log says `house kept` and how much went. Red: something could not be removed.
* `hemeroteca admin keep-house --dry-run` says what would go now.
* `docs/operating.md` says what grows how fast, and which setting keeps it how long.
"""


@dag(
    schedule=SCHEDULE,
    description="Remove old plans, logs and files of runs once a week; never evidence",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["hemeroteca"],
    doc_md=HELP,
)
def keep_house() -> None:
    @task
    def prune() -> None:
        from hemeroteca.archive.keeping_apart import Troubles
        from hemeroteca.services.housekeeping import keep_house as keep

        troubles = Troubles()
        with archive_of_task() as (archive, _):
            keep(archive, troubles)
        troubles.raise_first()

    prune()


keep_house()
