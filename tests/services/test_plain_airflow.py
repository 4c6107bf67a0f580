"""The DAGs in an Airflow that is already there: its own home and servers, a connection, a pool; none of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from hemeroteca.configuration import CHECKOUT, Settings
from hemeroteca.home import Home
from hemeroteca.services.airflow_client import DONE, AirflowClient
from hemeroteca.services.airflow_connection import CONNECTION
from hemeroteca.services.children import Children
from hemeroteca.services.demo_server import start_demo_newspapers
from hemeroteca.services.ports import keep_ports
from hemeroteca.services.reachability import fetch_url, wait_until
from storage.objects import S3Settings, Store
from tests.conftest import S3Server
from tests.docs.examples import blocks
from tests.waiting import HANGS_SECONDS, wait_for

PASSWORD = "plain"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=Home(tmp_path_factory.mktemp("home")), demo=True)


@pytest.fixture(scope="module")
def bucket(s3_server: S3Server) -> S3Settings:
    return s3_server.new_bucket()


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[AirflowClient]:
    home = tmp_path_factory.mktemp("airflow")
    endpoint = f"http://127.0.0.1:{keep_ports(home / 'ports.json', ['api'])['api']}"
    with Children() as children, AirflowClient(endpoint, "admin", PASSWORD) as client:
        environment = plain_environment(home, endpoint) | {
            "HEMEROTECA_HOME": str(settings.home),
            "HEMEROTECA_DEMO": "1",
            "HEMEROTECA_CONNECT_TO": start_demo_newspapers(settings, children),
        }
        start_airflow(children, environment, home, endpoint)
        wait_until(lambda: client.is_healthy() and client.read_parse_time("nightly_crawl"), children, HANGS_SECONDS)
        yield client


def plain_environment(home: Path, endpoint: str) -> dict[str, str]:
    """Return what the owner of a small Airflow sets; the rest is Airflow's own default."""
    (home / "passwords.json").write_text(json.dumps({"admin": PASSWORD}))
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": bundles_of_the_page(),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{endpoint}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": endpoint.rsplit(":", 1)[1],
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "HEMEROTECA"))}
    return inherited | ours


def bundles_of_the_page() -> str:
    """Return the bundles that docs/newsrooms.md tells the owner of an Airflow to write down."""
    [shown] = [block.body for block in blocks((CHECKOUT / "docs/newsrooms.md").read_text()) if block.note == "bundle"]
    return shown.partition(" = ")[2].replace("/opt/hemeroteca", str(CHECKOUT))


def start_airflow(children: Children, environment: Mapping[str, str], home: Path, endpoint: str) -> None:
    airflow = str(Path(sys.executable).with_name("airflow"))
    subprocess.run([airflow, "db", "migrate"], env=environment, check=True, capture_output=True)
    for command in (["api-server"], ["dag-processor"], ["scheduler", "--skip-serve-logs"]):
        children.start(command[0], [airflow, *command], environment, home / f"{command[0]}.log", 30)
        wait_until(lambda: fetch_url(f"{endpoint}/execution/health", 30), children, HANGS_SECONDS)


def set_connection(airflow: AirflowClient, bucket: S3Settings) -> None:
    """Set the connection as its owner would: over the REST API, into Airflow's own database."""
    assert bucket.secret_key
    token = httpx.post(f"{airflow.endpoint}/auth/token", json={"username": "admin", "password": PASSWORD}).json()
    extra = {"endpoint_url": bucket.endpoint_url, "bucket": bucket.bucket, "addressing_style": "path"}
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    httpx.delete(f"{airflow.endpoint}/api/v2/connections/{CONNECTION}", headers=headers)
    answer = httpx.post(
        f"{airflow.endpoint}/api/v2/connections",
        headers=headers,
        json={
            "connection_id": CONNECTION,
            "conn_type": "generic",
            "login": bucket.access_key,
            "password": bucket.secret_key.get_secret_value(),
            "extra": json.dumps(extra),
        },
    )
    answer.raise_for_status()


@pytest.mark.e2e
def test_a_night_runs_in_an_airflow_that_is_not_ours(
    airflow: AirflowClient, bucket: S3Settings, settings: Settings
) -> None:
    set_connection(airflow, bucket)
    airflow.set_pool("crawl", 2)
    airflow.trigger_run("nightly_crawl", "by-hand", {}, partition_key=str(datetime.now(UTC).date()))
    wait_for(lambda: airflow.read_run("nightly_crawl", "by-hand").state in DONE)
    assert airflow.read_run("nightly_crawl", "by-hand").state == "success"
    manifests = list(Store(bucket).list_keys("manifests/crawl/"))
    assert len(manifests) == 3
    assert not settings.home.s3.exists()


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("wrong", "form", "told"),
    [
        (
            {"secret_key": SecretStr("another-key")},
            {"sources": ["demo-faro"]},
            "Airflow connection hemeroteca_s3: password: {endpoint} says that this does not belong to the access key",
        ),
        (
            {"bucket": "not-there"},
            {"sources": ["demo-faro"]},
            "Airflow connection hemeroteca_s3: bucket: not-there does not exist at {endpoint}",
        ),
        ({}, {"sources": ["demo-farro"]}, "demo-farro: no such source; did you mean demo-faro?"),
    ],
    ids=["wrong key", "wrong bucket", "unknown newspaper"],
)
def test_what_is_wrong_is_told_by_one_task_in_one_sentence(
    airflow: AirflowClient, bucket: S3Settings, wrong: dict[str, Any], form: dict[str, list[str]], told: str
) -> None:
    set_connection(airflow, bucket.replace(**wrong))
    airflow.set_pool("crawl", 2)
    run = "wrong-" + "-".join([*wrong, *map(str, form["sources"])])
    airflow.trigger_run("crawl_on_demand", run, dict(form))
    wait_for(lambda: airflow.read_run("crawl_on_demand", run).state in DONE)
    failed = [task for task in airflow.list_task_runs("crawl_on_demand", run) if task.state == "failed"]
    assert [task.task_id for task in failed] == ["plan"]
    log = airflow.read_task_log("crawl_on_demand", run, failed[0])
    [said] = [line for line in log if line.startswith("Task failed with exception: SeedError: ")]
    assert told.format(endpoint=bucket.endpoint_url) in said
