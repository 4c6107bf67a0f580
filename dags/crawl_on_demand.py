"""A crawl that somebody asks for: whole newspapers, single addresses, or the articles of past nights."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from dags.steps import DEFAULTS, archive_of_task, follow

HELP = """\
Crawls now what the form names. Fill in **Sources** (whole newspapers) or **Addresses** (single pages), or both. An
address whose host belongs to no newspaper is filed under the source `adhoc`.

**How to check that it is working**

* The run is green. Red at `plan`: the form is wrong; the last line of its log says which field and why, and all else is
  skipped. Red at `report`: a newspaper failed; what was captured is published all the same.
* The log of `report` has the sums, and the command that says what was not captured and why: `hemeroteca failures`.
* `hemeroteca ls URL` lists the new capture.
* *Queued* for long? The pool `crawl` is full. *Running* for long? Another crawl may hold the host: one at a time.
"""
NIGHT = {"type": ["string", "null"], "format": "date"}
EITHER = "Fill in Sources or Addresses, or both."
SOURCES = f"Whole newspapers: ids such as es-elmundo, one a line. {EITHER}"
ADDRESSES = f"Single pages: one http(s) address a line. {EITHER}"
BUDGET = "At most this many articles per newspaper; none: as its card says"
STRINGS = {"type": "string", "minLength": 1}


@dag(
    schedule=None,
    description="Crawl some newspapers or single addresses now, when somebody asks",
    max_active_runs=4,
    default_args=DEFAULTS,
    params={
        "sources": Param([], type="array", items=STRINGS, title="Sources", description=SOURCES),
        "urls": Param([], type="array", items=STRINGS, title="Addresses", description=ADDRESSES),
        "page_budget": Param(None, type=["integer", "null"], minimum=1, title="Page budget", description=BUDGET),
        "since": Param(None, **NIGHT, title="From", description="Only with Sources: articles of this night and later"),
        "until": Param(None, **NIGHT, title="To", description="The last of these nights"),
        "fresh": Param(False, type="boolean", title="Fresh", description="Also ask for articles that are not due"),
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
