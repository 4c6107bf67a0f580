"""A task finds the bucket: by the environment, in the home, or by the connection of an Airflow that is not ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.services.environment import build_airflow_environment, build_server_environment

SHOW = """
from hemeroteca.services.airflow_connection import read_task_settings
settings = read_task_settings()
secret = settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else None
print(settings.model_dump_json(include={"s3_endpoint", "s3_bucket", "s3_prefix", "s3_access_key", "s3_addressing"}))
print(secret)
"""
CONNECTION = {
    "conn_type": "aws",
    "login": "reader",
    "password": "quiet",
    "extra": {"endpoint_url": "http://127.0.0.1:9000", "bucket": "papers", "addressing_style": "path"},
}


def show_settings(home: Path, **environment: str) -> tuple[dict[str, Any], str]:
    """Return what read_task_settings gives in a process with *environment*, and the secret key."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "HEMEROTECA"))}
    told = inherited | {"AIRFLOW_HOME": str(home / "airflow"), "HEMEROTECA_HOME": str(home)} | environment
    done = subprocess.run([sys.executable, "-c", SHOW], env=told, capture_output=True, text=True, check=True)
    settings, secret = done.stdout.strip().splitlines()[-2:]
    return json.loads(settings), secret


def test_an_airflow_that_is_already_there_says_it_by_its_connection(tmp_path: Path) -> None:
    settings, secret = show_settings(tmp_path, AIRFLOW_CONN_HEMEROTECA_S3=json.dumps(CONNECTION))
    assert settings == {
        "s3_endpoint": "http://127.0.0.1:9000",
        "s3_bucket": "papers",
        "s3_prefix": "",
        "s3_access_key": "reader",
        "s3_addressing": "path",
    }
    assert secret == "quiet"


def test_the_environment_wins_over_the_connection(tmp_path: Path) -> None:
    connection = json.dumps(CONNECTION)
    settings, _ = show_settings(tmp_path, AIRFLOW_CONN_HEMEROTECA_S3=connection, HEMEROTECA_S3_BUCKET="mine")
    assert settings["s3_bucket"] == "mine"
    assert settings["s3_access_key"] is None


def test_without_either_the_home_has_the_bucket(tmp_path: Path) -> None:
    settings, _ = show_settings(tmp_path)
    assert settings["s3_bucket"] is None


def test_servers_are_told_our_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("HEMEROTECA_CRAWL_SLOTS", "7")
    settings = Settings(home=Home(tmp_path), crawl_slots=3, contact="archive@example.org")
    told = build_server_environment(settings) | build_airflow_environment(settings, 12345)
    assert told["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert (told["HEMEROTECA_CRAWL_SLOTS"], told["HEMEROTECA_HOME"]) == ("3", str(tmp_path))
    assert "HEMEROTECA_TODAY" not in told


def test_a_demo_has_a_schedule_only_when_it_is_told_one(tmp_path: Path) -> None:
    assert build_server_environment(Settings(home=Home(tmp_path), demo=True))["HEMEROTECA_NIGHTLY_CRON"] == ""
    told = build_server_environment(Settings(home=Home(tmp_path), demo=True, nightly_cron="* * * * *"))
    assert told["HEMEROTECA_NIGHTLY_CRON"] == "* * * * *"


def test_secrets_are_made_once(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path))
    assert build_airflow_environment(settings, 1) == build_airflow_environment(settings, 1)
    other = build_airflow_environment(Settings(home=Home(tmp_path / "other")), 1)
    names = ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")
    assert all(
        build_airflow_environment(settings, 1)[f"AIRFLOW__{name}"] != other[f"AIRFLOW__{name}"] for name in names
    )
