"""A client of Airflow's REST API v2, as far as we use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import ConfigDict, Field

from storage.model.base import Record, UtcTime
from storage.model.errors import SeedError, ServiceError

DONE = ("success", "failed")
_LONGEST_NOTE = 1000
_FOLDS = ("::group::", "::endgroup::")
"""Lines at which Airflow's log page folds."""


class _Answer(Record):
    """A part of an answer; fields that we do not read are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class DagRun(_Answer):
    """One run; its ``state`` is ``queued``, ``running``, ``success`` or ``failed``."""

    run_id: str = Field(alias="dag_run_id")
    dag_id: str
    state: str
    partition_key: str | None = None
    note: str | None = None
    start_date: UtcTime | None = None
    end_date: UtcTime | None = None


class TaskRun(_Answer):
    """One task of a run. ``map_index`` is its shard's number, -1 outside shards; ``state`` is None until its turn."""

    task_id: str
    map_index: int
    state: str | None = None
    try_number: int
    start_date: UtcTime | None = None
    end_date: UtcTime | None = None


class AirflowClient:
    """A client of the API server at *endpoint*. Every call raises ServiceError when the answer is not as expected."""

    def __init__(self, endpoint: str, user: str, password: str) -> None:
        self.endpoint = endpoint
        self._login = {"username": user, "password": password}
        # Loopback must not go through a proxy of the environment.
        self._http = httpx.Client(base_url=endpoint, timeout=60, trust_env=False)

    def trigger_run(
        self, dag_id: str, run_id: str, conf: dict[str, object], partition_key: str | None = None
    ) -> DagRun:
        """Start a run; if there is one with this *run_id*, return that.

        Raises SeedError when the form refuses *conf*.
        """
        body = {"dag_run_id": run_id, "logical_date": None, "conf": conf, "partition_key": partition_key}
        answer = self._ask("POST", f"dags/{dag_id}/dagRuns", json=body, allowed=(400, 409))
        if answer.status_code == 400:
            raise SeedError(f"request: {_reason(answer).splitlines()[0]}")
        return self.read_run(dag_id, run_id) if answer.status_code == 409 else DagRun.model_validate(answer.json())

    def read_run(self, dag_id: str, run_id: str) -> DagRun:
        return DagRun.model_validate(self._ask("GET", f"dags/{dag_id}/dagRuns/{_quoted(run_id)}").json())

    def list_runs(self, dag_id: str, states: Sequence[str] = ()) -> list[DagRun]:
        """Return the latest hundred runs of a DAG (``~``: of any), newest first; with *states*, only those in one."""
        query = {"order_by": "-run_after", "limit": 100, "state": list(states)}
        found = self._ask("GET", f"dags/{dag_id}/dagRuns", params=query).json()["dag_runs"]
        return [DagRun.model_validate(run) for run in found]

    def list_task_runs(self, dag_id: str, run_id: str) -> list[TaskRun]:
        """Return every task of a run."""
        path = f"dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances"
        return [TaskRun.model_validate(task) for task in self._pages(path, "task_instances")]

    def read_task_log(self, dag_id: str, run_id: str, task: TaskRun) -> list[str]:
        """Return the log of a task's last try, one line an event; an exception's line ends with its message."""
        path = f"dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances/{task.task_id}/logs/{max(task.try_number, 1)}"
        query = {"map_index": task.map_index, "full_content": True}
        content = self._ask("GET", path, params=query).json()["content"]
        lines = [_line(event) for event in content]
        return [line for line in lines if not line.startswith(_FOLDS)]

    def note_run(self, dag_id: str, run_id: str, note: str) -> None:
        """Put *note* on the page of a run."""
        path = f"dags/{dag_id}/dagRuns/{_quoted(run_id)}"
        self._ask("PATCH", path, json={"note": note[:_LONGEST_NOTE]}, params={"update_mask": "note"})

    def read_next_run(self, dag_id: str) -> datetime | None:
        """Return when the schedule runs the DAG next; None when it does not."""
        moment = self._ask("GET", f"dags/{dag_id}").json().get("next_dagrun_run_after")
        return datetime.fromisoformat(moment) if moment else None

    def fail_run(self, run: DagRun) -> None:
        """Mark a run as failed; its tasks that still run are killed."""
        path = f"dags/{run.dag_id}/dagRuns/{_quoted(run.run_id)}"
        self._ask("PATCH", path, json={"state": "failed"}, params={"update_mask": "state"})

    def read_parse_time(self, dag_id: str) -> datetime | None:
        """Return when the DAG's file was last parsed, if ever. Raises ServiceError when it cannot be imported."""
        answer = self._ask("GET", f"dags/{dag_id}", allowed=(404,))
        if answer.status_code == 404:
            for error in self._ask("GET", "importErrors").json()["import_errors"]:
                raise ServiceError(f"{error['filename']}: not importable:\n{error['stack_trace']}")
            return None
        moment = answer.json()["last_parsed_time"]
        return datetime.fromisoformat(moment) if moment else None

    def is_healthy(self) -> bool:
        """Say whether scheduler and dag-processor are alive."""
        health = self._ask("GET", "monitor/health").json()
        return all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor", "metadatabase"))

    def set_pool(self, name: str, slots: int) -> None:
        """Make the pool, or change its size."""
        body = {"slots": slots, "include_deferred": False, "description": "Crawl processes at once"}
        if self._ask("POST", "pools", json=body | {"name": name}, allowed=(409,)).status_code == 409:
            self._ask("PATCH", f"pools/{name}", json=body | {"pool": name})

    def _pages(self, path: str, name: str) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            page = self._ask("GET", path, params={"limit": 100, "offset": seen}).json()
            yield from page[name]
            seen += len(page[name])
            if not page[name] or seen >= page["total_entries"]:
                return

    def _ask(self, method: str, path: str, allowed: tuple[int, ...] = (), **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"/api/v2/{path}", **request)
            if answer.status_code == 401:  # no token yet, or a day old
                self._log_in()
                answer = self._http.request(method, f"/api/v2/{path}", **request)
        except httpx.HTTPError as error:
            raise ServiceError(f"Airflow at {self.endpoint} does not answer: {error}") from error
        if answer.is_error and answer.status_code not in allowed:
            raise ServiceError(f"Airflow: {method} {path}: {answer.status_code} {_reason(answer)}")
        return answer

    def _log_in(self) -> None:
        answer = self._http.post("/auth/token", json=self._login)
        if answer.is_error:
            raise ServiceError(f"Airflow at {self.endpoint} refuses its user: {answer.status_code}")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


def _line(event: str | dict[str, Any]) -> str:
    if isinstance(event, str):
        return event
    raised = [f": {error['exc_type']}: {error['exc_value']}" for error in event.get("error_detail") or ()]
    return f"{event['event']}{''.join(raised[:1])}"


def _quoted(run_id: str) -> str:
    return quote(run_id, safe="")


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]
