"""A crawl that somebody asks for: whole newspapers, single addresses, or the articles of past nights."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from dags.steps import DEFAULTS, archive_of_task, follow

HELP = """\
Crawls now what the form names. An address whose host belongs to no newspaper is filed under the source `adhoc`.

**How to check that it is working**

* The run is green. Red at `plan`: the form is wrong, and the log says `place: field: reason`. Red at `report`: a
  newspaper failed; what was captured is published all the same.
* `hemeroteca ls URL` lists the new capture.
* *Queued* for long? The pool `crawl` is full. *Running* for long? Another crawl may hold the host: one at a time.
"""
NIGHT = {"type": ["string", "null"], "format": "date"}
STRINGS = {"type": "string", "minLength": 1}


@dag(
    schedule=None,
    max_active_runs=4,
    default_args=DEFAULTS,
    params={
        "sources": Param([], type="array", items=STRINGS, title="Sources", description="Ids such as es-elmundo"),
        "urls": Param([], type="array", items=STRINGS, title="Addresses", description="One http(s) address a line"),
        "page_budget": Param(None, type=["integer", "null"], minimum=1, title="Page budget", description="A source"),
        "since": Param(None, **NIGHT, title="From", description="Backfill: the first night of the articles wanted"),
        "until": Param(None, **NIGHT, title="To", description="Backfill: the last night"),
        "fresh": Param(False, type="boolean", title="Fresh", description="Fetch what has not changed too"),
    },
    tags=["hemeroteca"],
    doc_md=HELP,
)
def crawl_on_demand() -> None:
    @task
    def plan(params: Any = None) -> list[str]:
        from hemeroteca.archive.tasks import plan_request

        with archive_of_task() as (archive, run):
            return plan_request(archive, run, dict(params))

    follow(plan())


crawl_on_demand()
