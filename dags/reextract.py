"""Extracting the archive's pages again, when somebody asks."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from dags.steps import DEFAULTS, DOCUMENTS, archive_of_task

HELP = """\
Extracts archived pages again with today's extractor, and shows what would change. Old documents stay. The new ones
become current, in the catalog and in `tables/`, only with `publish`.

**How to check that it is working**

* The log of `compare` counts the documents that changed, were gained and lost, and shows the biggest changes.
* Run it again with `publish` if you like the changes: what is drafted is not extracted twice.
* `hemeroteca get --as document URL` names the extractor of the document that is current.
"""
NIGHT = {"type": ["string", "null"], "format": "date"}


@dag(
    schedule=None,
    description="Extract archived pages again with today's extractor, and show what would change",
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "since": Param(None, **NIGHT, title="From", description="The first night; none: the oldest"),
        "until": Param(None, **NIGHT, title="To", description="The last night; none: the newest"),
        "sources": Param([], type="array", items={"type": "string"}, title="Sources", description="None: all"),
        "publish": Param(False, type="boolean", title="Publish", description="Make the new documents current"),
    },
    tags=["hemeroteca"],
    doc_md=HELP,
)
def reextract() -> None:
    @task
    def plan(params: Any = None) -> list[dict[str, object]]:
        from hemeroteca.archive.tasks import plan_reextraction

        with archive_of_task() as (archive, _):
            return plan_reextraction(archive, dict(params))

    @task(pool="crawl")
    def draft(form: dict[str, object]) -> None:
        from hemeroteca.archive.tasks import draft_span

        with archive_of_task() as (archive, _):
            draft_span(archive, form)

    @task
    def compare(params: Any = None) -> None:
        from hemeroteca.archive.tasks import compare_drafts

        with archive_of_task() as (archive, _):
            compare_drafts(archive, dict(params))

    @task(pool="crawl", outlets=[DOCUMENTS])
    def publish(form: dict[str, object], *, outlet_events: Any = None) -> None:
        from hemeroteca.archive.tasks import publish_drafts

        with archive_of_task() as (archive, _):
            outlet_events[DOCUMENTS].extra = publish_drafts(archive, form)

    forms = plan()
    draft.expand(form=forms) >> compare() >> publish.expand(form=forms)


reextract()
