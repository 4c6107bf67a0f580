"""Pruning our own Airflow: old rows of its database, old logs of its tasks. Any other Airflow is left to its owner."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hemeroteca.archive.pruning import Pruned
from hemeroteca.configuration import Settings
from hemeroteca.home import PRIVATE_UMASK
from hemeroteca.services.environment import build_airflow_environment, build_server_environment
from storage.files import read_json
from storage.model.errors import ServiceError

TABLES = ("asset_event", "callback", "dag_run", "import_error", "job", "log", "task_instance", "xcom")
"""The tables that grow with every run. ``airflow db clean`` fails on `dag`, whose other tables refer to it."""
_MOST_SECONDS = 1800
_CHECKED = re.compile(r"^Checking table (\w+)$\n^Found (\d+) rows meeting deletion criteria\.$", re.MULTILINE)
_FAILED = re.compile(r"error when attempting to clean table '(\w+)'")
_TAIL = 500


def prune_airflow_database(settings: Settings, *, dry_run: bool) -> list[Pruned]:
    """Remove rows of the home's own Airflow that are older than HEMEROTECA_AIRFLOW_KEPT_DAYS.

    Airflow ends with status 0 whatever it could not clean, so what it says is read. Raises ServiceError.
    """
    if not settings.home.airflow_database.exists():
        return []
    before = settings.now() - timedelta(days=settings.airflow_kept_days)
    tables, asked = ["--tables", ",".join(TABLES)], ["--dry-run"] if dry_run else ["--skip-archive", "--yes"]
    said = run_airflow(settings, ["db", "clean", *tables, "--clean-before-timestamp", str(before), *asked])
    if not dry_run:  # what a clean that was killed had set aside
        run_airflow(settings, ["db", "drop-archived", *tables, "--yes"])
    return [Pruned("rows of Airflow's database", read_cleaned(said), None)]


def read_cleaned(said: str) -> int:
    """Return how many rows `airflow db clean` says went, or would go.

    Raises ServiceError when it failed at a table, or did not look at each.
    """
    found = {table: int(count) for table, count in _CHECKED.findall(said)}
    if failed := {*_FAILED.findall(said), *(set(TABLES) - found.keys())}:
        raise ServiceError(f"airflow db clean: did not clean {', '.join(sorted(failed))}: {said.strip()[-_TAIL:]}")
    return sum(found.values())


def list_task_logs(settings: Settings) -> list[Path]:
    """Return the folders with the logs of tasks, one for each run."""
    return sorted(settings.home.airflow_task_logs.glob("*/*"))


def run_airflow(settings: Settings, command: Sequence[str]) -> str:
    """Run a command of the home's own Airflow, and return what it says. Raises ServiceError when it fails."""
    settings.home.make_folder(settings.home.airflow)
    ports = read_json(settings.home.airflow_ports, dict[str, int]) or {}
    environment = build_server_environment(settings) | build_airflow_environment(settings, ports.get("api", 0))
    process = [sys.executable, "-P", "-m", "hemeroteca.services.airflow_process", *command]
    try:
        done = subprocess.run(
            process,
            env=environment,
            cwd=settings.home.airflow,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_MOST_SECONDS,
            check=False,
            umask=PRIVATE_UMASK,
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(f"airflow {' '.join(command[:2])}: did not end within {_MOST_SECONDS} s") from None
    if done.returncode:
        raise ServiceError(f"airflow {' '.join(command[:2])}: status {done.returncode}: {done.stdout.strip()[-_TAIL:]}")
    return done.stdout
