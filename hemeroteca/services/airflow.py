"""Our own Airflow: api-server, dag-processor and scheduler on one machine, its files in ``{home}/airflow``.

{home}/airflow/secrets.json    keys and the password of ``admin``, made once, mode 0600
{home}/airflow/ports.json      the port of the last start, used again while it is free
{home}/airflow/migrated.json   the Airflow version whose schema the database has
{home}/airflow/*.log           the output of each server
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version

from hemeroteca.configuration import Settings
from hemeroteca.services.airflow_alerts import write_alerts
from hemeroteca.services.airflow_client import AirflowClient
from hemeroteca.services.children import Child, Children
from hemeroteca.services.environment import USER, build_airflow_environment, build_server_environment, read_secrets
from hemeroteca.services.ports import keep_ports, release_ports
from hemeroteca.services.reachability import fetch_url, wait_until
from storage.files import read_json, replace_whole

DAGS = ("nightly_crawl", "crawl_on_demand")
POOL = "crawl"
START_SECONDS = 180.0
STOP_SECONDS = 30.0
_PORTS = ("api",)
_POLL_SECONDS = 0.1


class AirflowServers:
    """Airflow's servers, started among *children* in two steps, so that other servers can be started in between."""

    def __init__(self, settings: Settings, children: Children) -> None:
        self._settings = settings
        self._children = children
        self._begun = datetime.now(UTC)
        self._others: list[Child] = []
        self._scheduler: Child | None = None
        settings.home.make_folder(settings.home.airflow)
        self._port = keep_ports(settings.home.airflow_ports, _PORTS)["api"]
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._environment = build_server_environment(settings) | build_airflow_environment(settings, self._port)

    def begin(self) -> None:
        """Migrate the database to this version of Airflow, and start the servers that run no task."""
        write_alerts(self._settings.home)
        self._migrate()
        self._others = [self._start("api-server"), self._start("dag-processor")]

    def finish(self, environment: dict[str, str]) -> None:
        """Start the scheduler, *environment* added for its tasks, and return when a run can be triggered.

        Raises ServiceError when a server does not come up or a DAG cannot be imported.
        """
        self._environment |= environment
        # It waits for the execution API itself: tasks that start before that answers fail for good.
        self._scheduler = self._start("scheduler", "--skip-serve-logs", after=f"{self.endpoint}/execution/health")
        with open_airflow_client(self._settings, self.endpoint) as client:
            wait_until(lambda: self._is_ready(client), self._children, START_SECONDS)
            client.set_pool(POOL, self._settings.crawl_slots)
        release_ports([self._port])

    def stop(self) -> None:
        """Stop the scheduler with its tasks; ask the other two to stop, which then end while others are stopped."""
        if self._scheduler:
            self._children.stop(self._scheduler)
        for child in self._others:
            self._children.ask_to_stop(child)

    def _is_ready(self, client: AirflowClient) -> bool:
        if fetch_url(f"{self.endpoint}/api/v2/monitor/health") is None or not client.is_healthy():
            return False
        # The database may still hold the DAGs of an earlier version of the code.
        return all((client.read_parse_time(dag) or self._begun) > self._begun for dag in DAGS)

    def _migrate(self) -> None:
        home, wanted = self._settings.home, {"version": version("apache-airflow-core")}
        if read_json(home.airflow_version, dict[str, str]) == wanted and home.airflow_database.exists():
            return
        child = self._start("db", "migrate")
        while self._children.read_status(child) is None:
            time.sleep(_POLL_SECONDS)
        if self._children.read_status(child) != 0:
            self._children.check()
        self._children.stop(child)
        replace_whole(home.airflow_version, json.dumps(wanted))

    def _start(self, *command: str, after: str | None = None) -> Child:
        process = [sys.executable, "-P", "-m", "hemeroteca.services.airflow_process"]
        return self._children.start(
            f"airflow {command[0]}",
            [*process, *(["--after", after] if after else []), *command],
            self._environment,
            self._settings.home.airflow_log(command[0]),
            STOP_SECONDS,
        )


def open_airflow_client(settings: Settings, endpoint: str) -> AirflowClient:
    """Return a client of the home's own Airflow at *endpoint*, to be used as a context."""
    return AirflowClient(endpoint, USER, read_secrets(settings.home).password)
