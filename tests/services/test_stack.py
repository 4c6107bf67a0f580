"""`up` on real servers: it says who holds a home, listens on loopback alone, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.services.airflow import DAGS, open_airflow_client
from hemeroteca.services.environment import build_server_environment
from hemeroteca.services.stack import read_holder, run_up, use_nightly_stack
from storage.model.errors import SeedError, ServiceError
from tests.services.processes import LOOPBACK, command_line, family_of, listeners, living
from tests.waiting import HANGS_SECONDS, wait_for

UP = """
from hemeroteca.services.stack import run_up
from hemeroteca.configuration import read_settings
run_up(read_settings(), lambda line: print(line, flush=True))
"""


def start_up(settings: Settings, output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as file:
        up = subprocess.Popen([sys.executable, "-c", UP], stdout=file, env=build_server_environment(settings))
    wait_for(lambda: "Ctrl-C" in output.read_text() or up.poll() is not None)
    assert up.poll() is None, output.read_text()
    return up


def make_settings(home: Path) -> Settings:
    return Settings(home=Home(home), nightly_cron="0 3 * * *", crawl_slots=1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of the home that ``up`` holds."""
    return make_settings(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a home that each test starts itself, and leaves as nobody holds it."""
    return make_settings(tmp_path_factory.mktemp("stopped"))


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "output"


@pytest.fixture(scope="module")
def up(settings: Settings, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = start_up(settings, output)
    yield process
    process.terminate()
    assert process.wait(HANGS_SECONDS) == 0


def test_up_says_where_it_is_and_how_to_enable_a_newspaper(up: subprocess.Popen[bytes], output: Path) -> None:
    said = output.read_text()
    assert "http://127.0.0.1:" in said
    assert re.search(r"Newspapers +0 of \d+ enabled", said) and "hemeroteca sources enable" in said
    assert re.search(r"Schedule +next run at \d{4}-\d\d-\d\d 03:00 UTC, in \d+ (h|min) \(0 3 \* \* \*\)", said)
    assert "user admin, password in " in said and "off on purpose" in said
    assert (
        said.index("Starting Airflow: the first time") < said.index("Starting the S3 server") < said.index("Archive  ")
    )


def test_up_never_prints_a_secret(up: subprocess.Popen[bytes], settings: Settings, output: Path) -> None:
    said = output.read_text()
    assert not any(secret in said for secret in _values(settings.home.airflow_secrets))


def test_airflows_own_page_says_that_the_triggerer_is_off_on_purpose(
    up: subprocess.Popen[bytes], settings: Settings
) -> None:
    with use_nightly_stack(settings) as stack:
        [alert] = stack.client._ask("GET", "../../ui/config").json()["dashboard_alert"]
        assert "triggerer" in alert["text"] and alert["category"] == "info"


def test_a_run_is_a_line_when_it_begins_and_when_it_ends(
    up: subprocess.Popen[bytes], settings: Settings, output: Path
) -> None:
    with use_nightly_stack(settings) as stack:
        stack.client.trigger_run("crawl_on_demand", "empty", {})
    wait_for(lambda: "crawl_on_demand ended red" in output.read_text())
    assert "crawl_on_demand began" in output.read_text()


def test_a_second_up_names_the_first(up: subprocess.Popen[bytes], settings: Settings) -> None:
    assert (holder := read_holder(settings)) and holder.pid == up.pid
    with pytest.raises(ServiceError, match=rf"`hemeroteca up` \(pid {up.pid}\)"):
        run_up(settings, print)


def test_every_server_listens_on_loopback_alone(up: subprocess.Popen[bytes]) -> None:
    assert listeners(family_of(up.pid)) == {LOOPBACK}


def test_the_scheduled_night_waits_for_its_hour(up: subprocess.Popen[bytes], settings: Settings) -> None:
    with use_nightly_stack(settings) as stack:
        assert not stack.own
        assert stack.client.is_healthy()
        assert all(stack.client.read_parse_time(dag) for dag in DAGS)
        assert stack.client.list_runs("nightly_crawl") == []


def test_a_form_that_airflow_refuses_says_which_field(up: subprocess.Popen[bytes], settings: Settings) -> None:
    assert (holder := read_holder(settings)) and holder.endpoint
    with open_airflow_client(settings, holder.endpoint) as client:
        with pytest.raises(SeedError, match="page_budget"):
            client.trigger_run("crawl_on_demand", "refused", {"page_budget": 0})
        assert "refused" not in {run.run_id for run in client.list_runs("crawl_on_demand")}


def test_secrets_are_in_no_command_line_and_no_readable_file(up: subprocess.Popen[bytes], settings: Settings) -> None:
    files = [settings.home.airflow_secrets, settings.home.airflow_passwords]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert [folder.stat().st_mode & 0o777 for folder in (settings.home.airflow, settings.home.s3)] == [0o700, 0o700]
    secrets = [text.encode() for text in _values(files[0])]
    for process in family_of(up.pid):
        assert not any(secret in command_line(process) for secret in secrets)


def test_sigterm_stops_every_server(stopped: Settings, tmp_path: Path) -> None:
    up = start_up(stopped, tmp_path / "output")
    family = family_of(up.pid)
    assert len(family) >= 6  # the guard, S3, three of Airflow, its workers
    up.send_signal(signal.SIGTERM)
    assert up.wait(HANGS_SECONDS) == 0
    assert not living(family)
    assert read_holder(stopped) is None


def test_kill_9_leaves_nothing_running_is_missed_and_up_starts_again(stopped: Settings, tmp_path: Path) -> None:
    first = start_up(stopped, tmp_path / "output")
    family = family_of(first.pid)
    with use_nightly_stack(stopped) as stack:
        stack.check()
        first.kill()
        first.wait()
        with pytest.raises(ServiceError, match="the `hemeroteca up` whose servers this command used has ended"):
            stack.check()
    wait_for(lambda: not living(family))
    second = start_up(stopped, tmp_path / "output")
    family = family_of(second.pid)
    os.kill(second.pid, signal.SIGINT)
    assert second.wait(HANGS_SECONDS) == 0
    assert not living(family)


@pytest.mark.parametrize("moment", ["airflow/api-server.log", "s3/seaweed.log", "airflow/scheduler.log"])
def test_an_interrupted_start_ends_quietly_and_leaves_nothing(stopped: Settings, tmp_path: Path, moment: str) -> None:
    output = tmp_path / "output"
    for path in stopped.home.path.glob("*/*.log"):
        path.unlink()
    with output.open("wb") as file:
        up = subprocess.Popen(
            [sys.executable, "-c", UP], stdout=file, stderr=file, env=build_server_environment(stopped)
        )
    wait_for((stopped.home.path / moment).exists)
    family = family_of(up.pid)
    up.send_signal(signal.SIGINT)
    assert up.wait(HANGS_SECONDS) == 0
    assert not living(family)
    assert "Traceback" not in output.read_text()


def _values(path: Path) -> list[str]:
    import json

    return list(json.loads(path.read_text()).values())
