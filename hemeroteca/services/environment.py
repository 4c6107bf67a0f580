"""The environment variables of our servers: the settings, and Airflow's configuration."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from hemeroteca.configuration import CHECKOUT, Settings
from hemeroteca.home import Home
from storage.files import read_json, replace_whole
from storage.model.base import Record

USER = "admin"
_FOREIGN = ("AIRFLOW", "_AIRFLOW", "HEMEROTECA_")
_LOOPBACK = "127.0.0.1,localhost"


class AirflowSecrets(Record):
    """``airflow/secrets.json``: Airflow's keys, and the password of its one user."""

    api_secret_key: str
    jwt_secret: str
    fernet_key: str
    password: str


def build_server_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment, with *settings* in place of its own ``HEMEROTECA_*``."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    values = {name: getattr(settings, name) for name in settings.model_fields_set}
    values |= {"home": settings.home, "nightly_cron": choose_schedule(settings)}
    ours = {f"HEMEROTECA_{name.upper()}": _text(value) for name, value in values.items() if value is not None}
    no_proxy = ",".join(filter(None, (inherited.get("NO_PROXY") or inherited.get("no_proxy"), _LOOPBACK)))
    return inherited | ours | {"NO_PROXY": no_proxy, "no_proxy": no_proxy}


def choose_schedule(settings: Settings) -> str:
    """Return the cron line of the nightly crawl; empty in a demo home that sets none, where only triggered runs run."""
    return "" if settings.demo and "nightly_cron" not in settings.model_fields_set else settings.nightly_cron


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.resolve() if isinstance(value, Path) else value)


def build_airflow_environment(settings: Settings, port: int) -> dict[str, str]:
    """Return Airflow's whole configuration for the home: one machine, loopback only, SQLite, our DAGs alone."""
    home, known = settings.home, read_secrets(settings.home)
    slots = settings.crawl_slots + 2
    address = f"http://127.0.0.1:{port}"
    values = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "CORE__PLUGINS_FOLDER": str(home.airflow_plugins),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(slots),  # as many worker processes are forked at the start
        "CORE__MAX_ACTIVE_TASKS_PER_DAG": str(slots),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.airflow_passwords),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__FERNET_KEY": known.fernet_key,
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow_database}",
        "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__SECRET_KEY": known.api_secret_key,
        "API__INSTANCE_NAME": "hemeroteca demo" if settings.demo else "hemeroteca",
        "API_AUTH__JWT_SECRET": known.jwt_secret,
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        # By default a crawl is killed when the busy API server does not answer it for 45 s.
        "WORKERS__EXECUTION_API_TIMEOUT": "30",
        "WORKERS__EXECUTION_API_RETRIES": "15",
        "WORKERS__MAX_FAILED_HEARTBEATS": "40",
        # After this long a task that died with the machine is tried again.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        # A run has six steps in a row, each waiting for the scheduler's next loop; 5 loops a second cost 8 % of a core.
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2" if settings.demo else "1",
    }
    return {"AIRFLOW_HOME": str(home.airflow)} | {f"AIRFLOW__{name}": value for name, value in values.items()}


def read_secrets(home: Home) -> AirflowSecrets:
    """Return Airflow's secrets of *home*, made at the first call."""
    home.make_folder(home.airflow)
    known = read_json(home.airflow_secrets, AirflowSecrets)
    if not known:
        known = AirflowSecrets(
            api_secret_key=secrets.token_hex(32),
            jwt_secret=secrets.token_hex(32),
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            password=secrets.token_urlsafe(18),
        )
        replace_whole(home.airflow_secrets, known.model_dump_json())
    replace_whole(home.airflow_passwords, json.dumps({USER: known.password}))
    return known
