"""The runs of our Airflow as `hemeroteca up` tells of them, a line each; their sums are noted on their pages."""

from __future__ import annotations

from collections.abc import Iterator

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.archive.publishing.run_sums import sum_up
from hemeroteca.configuration import Settings
from hemeroteca.services.airflow_client import DONE, AirflowClient, DagRun
from storage.model.errors import HemerotecaError, SeedError, ServiceError

_EVERY_DAG = "~"


class RunWatch:
    """Watches the runs of one Airflow from now on."""

    def __init__(self, settings: Settings, client: AirflowClient) -> None:
        self._settings = settings
        self._client = client
        self._states = {(run.dag_id, run.run_id): run.state for run in client.list_runs(_EVERY_DAG)}

    def look(self) -> Iterator[str]:
        """Yield a line for each run that began or ended since the last look; none while Airflow does not answer."""
        try:
            runs = self._client.list_runs(_EVERY_DAG)
        except ServiceError:
            return
        for run in reversed(runs):
            key = run.dag_id, run.run_id
            before = self._states.get(key)
            self._states[key] = run.state
            if run.state in DONE and before not in DONE:
                yield self._tell_end(run)
            elif run.state == "running" and before != "running":
                yield f"{self._stamp()}  {_name(run)} began"

    def _tell_end(self, run: DagRun) -> str:
        sums = note_sums(self._settings, self._client, run.dag_id, run.run_id)
        if run.state == "success":
            return f"{self._stamp()}  {_name(run)} ended{f': {sums}' if sums else ''}"
        return f"{self._stamp()}  {_name(run)} ended red: {sums or 'its page in Airflow says why'}"

    def _stamp(self) -> str:
        return f"{self._settings.now():%Y-%m-%d %H:%M} UTC"


def note_sums(settings: Settings, client: AirflowClient, dag_id: str, run_id: str) -> str | None:
    """Note the sums of a run on its page in Airflow, and return them; None for one that crawled nothing."""
    try:
        with Archive(settings) as archive:
            sums = sum_up(archive, RunRef(dag_id=dag_id, run_id=run_id))
        client.note_run(dag_id, run_id, sums)
    except SeedError:  # it had no plan
        return None
    except HemerotecaError as error:
        return f"its sums are not known: {error}"
    return sums


def _name(run: DagRun) -> str:
    return f"{run.dag_id} of {run.partition_key}" if run.partition_key else run.dag_id
