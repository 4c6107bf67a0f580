"""Servers that cannot be reached: a clear line, and no waiting for what will not come."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.files import FileLock
from storage.model.errors import ServiceError
from tests.cli.conftest import COMMAND, Run, environment
from tests.storage.committed import HOME, Committed, DraftCrawl

ALONE = ["unshare", "--net", "--map-root-user"]
"""Runs a command where no network is up, not even the loopback interface."""


@pytest.fixture
def silent_endpoint() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def publish_page(publish: Callable[[Committed], None]) -> None:
    night = DraftCrawl(1)
    night.captured(f"{HOME}a", "A", kind="article")
    publish(night.committed())


@pytest.mark.skipif(subprocess.run([*ALONE, "true"], check=False).returncode != 0, reason="no namespaces here")
@pytest.mark.parametrize("command", [["get", "--as", "raw", f"{HOME}a"], ["doctor"], ["rebuild"], ["up"]])
def test_without_loopback_a_command_says_so(
    home: Path, publish: Callable[[Committed], None], command: list[str]
) -> None:
    (home / "s3").mkdir(parents=True)
    publish_page(publish)
    called = [*ALONE, COMMAND, *command]
    said = subprocess.run(called, env=environment(home), capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "127.0.0.1 cannot be reached: Network is unreachable" in said.stdout + said.stderr
    assert "ip link set lo up" in said.stdout + said.stderr
    assert "Traceback" not in said.stderr
    assert not (home / "s3/seaweed.log").exists()


@pytest.mark.parametrize("command", [["get", "--as", "raw", f"{HOME}a"], ["doctor"], ["rebuild"]])
def test_an_endpoint_that_never_answers_is_named(
    hemeroteca: Run, publish: Callable[[Committed], None], silent_endpoint: str, command: list[str]
) -> None:
    publish_page(publish)
    said = hemeroteca(*command, s3_endpoint=silent_endpoint, s3_bucket="b", s3_access_key="a", s3_secret_key="b")
    assert said.returncode == 1
    assert f"HEMEROTECA_S3_ENDPOINT: {silent_endpoint} does not answer: timed out" in said.stdout + said.stderr


def test_a_server_that_others_use_and_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make_folder(home.s3)
    users = FileLock(home.s3_users_lock)
    assert users.acquire(shared=True)
    with pytest.raises(ServiceError, match="does not answer, but others still use it"), use_embedded_s3(home):
        pass
    users.release()
