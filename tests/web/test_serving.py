"""`hemeroteca serve` as a process: real ports, worker processes, an outside client, and its end."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
import requests
import wayback
from requests.adapters import HTTPAdapter

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.configuration import read_settings
from hemeroteca.services.keeper import read_family, read_process
from storage.objects import Store
from tests.cli.conftest import COMMAND, environment
from tests.conftest import S3Server
from tests.data.bucket_1 import put_bucket_1
from tests.waiting import HANGS_SECONDS, wait_for


class Served(NamedTuple):
    """A server that answers: its process, its two addresses, and an article with a revisit."""

    process: subprocess.Popen[str]
    cdx: str
    replay: str
    article: str


def start(home: Path, settings: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "serve", "--port", "0", "--replay-port", "0", *options],
        env=environment(home, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(4)]
    index, replay = (re.findall(r"http://[\d.]+:\d+", lines[n])[0] for n in (0, 2))
    return index, replay


def is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/cdx/search/cdx?url=nobody.test").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def settings(s3_server: S3Server) -> dict[str, str]:
    bucket = s3_server.new_prefix()
    put_bucket_1(Store(bucket))
    assert bucket.secret_key
    return {
        "s3_endpoint": bucket.endpoint_url or "",
        "s3_bucket": bucket.bucket,
        "s3_prefix": bucket.prefix,
        "s3_access_key": bucket.access_key or "",
        "s3_secret_key": bucket.secret_key.get_secret_value(),
        "s3_addressing": "path",
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served") / "home"
    with Archive(read_settings(home=home, **settings)) as archive:
        rebuild(archive)
        revisits = [
            one for one in archive.catalog.find_captures() if one.record_type == "revisit" and one.kind == "article"
        ]
        article = revisits[0].target_uri
    process = start(home, settings)
    index, replay = read_addresses(process)
    wait_for(lambda: is_up(index) or process.poll() is not None)
    yield Served(process, index, replay, article)
    process.send_signal(signal.SIGTERM)
    assert process.wait(HANGS_SECONDS) == 0


class _AsTheirs(HTTPAdapter):
    """Asks our server where a client names web.archive.org, and spells its answers as that would."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._served = served

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        theirs = request.url or ""
        here = self._served.replay if "id_/" in theirs else self._served.cdx
        request.url = theirs.replace("https://web.archive.org", here)
        answer = super().send(request, *args, **more)
        for name in ("Location", "Link"):
            if name in answer.headers:
                answer.headers[name] = self._spell(answer.headers[name])
        answer.url = theirs
        return answer

    def _spell(self, value: str) -> str:
        return value.replace(self._served.cdx, "https://web.archive.org").replace(
            self._served.replay, "https://web.archive.org"
        )


@pytest.fixture(scope="module")
def client(served: Served) -> wayback.WaybackClient:
    """EDGI's client of the Wayback Machine, unmodified."""
    session = wayback.WaybackSession(retries=0, search_calls_per_second=0, memento_calls_per_second=0)
    session.mount("https://web.archive.org", _AsTheirs(served))
    return wayback.WaybackClient(session)


def test_edgis_client_finds_every_capture_and_reads_it(client: wayback.WaybackClient, served: Served) -> None:
    found = list(client.search(served.article))
    assert [record.statuscode for record in found] == [200, 200]  # revisits are resolved
    first, again = (client.get_memento(record) for record in found)
    assert first.ok
    assert first.content == again.content
    assert first.headers["Content-Type"].startswith("text/html")


def test_edgis_client_pages_through_a_prefix_by_resume_keys(client: wayback.WaybackClient, served: Served) -> None:
    host = served.article.split("/")[2]
    found = list(client.search(f"http://{host}/", match_type="prefix", limit=3))
    assert len(found) == len({(record.timestamp, record.url) for record in found}) > 6


def test_edgis_client_is_told_what_is_missing(client: wayback.WaybackClient) -> None:
    with pytest.raises(wayback.exceptions.NoMementoError):
        client.get_memento("http://nobody.test/", timestamp="20260301000000")


def test_the_bytes_lie_on_a_port_of_their_own(served: Served) -> None:
    gate = httpx.get(f"{served.cdx}/web/{served.article}")
    assert gate.headers["location"].startswith(f"{served.replay}/web/")
    memento = httpx.get(gate.headers["location"])
    assert memento.status_code == 200
    assert memento.headers["content-security-policy"].startswith("sandbox;")
    assert httpx.get(f"{served.replay}/cdx?url={quote(served.article)}").status_code == 404
    on_index = httpx.get(gate.headers["location"].replace(served.replay, served.cdx))
    assert (on_index.status_code, on_index.headers["location"]) == (302, gate.headers["location"])


def test_it_listens_on_loopback_alone_and_says_which_port_is_taken(
    tmp_path: Path, settings: dict[str, str], served: Served
) -> None:
    wide = start(tmp_path / "home", settings, "--host", "0.0.0.0")
    said, _ = wide.communicate(timeout=HANGS_SECONDS)
    assert (wide.returncode, "only loopback" in said) == (2, True)
    port = served.cdx.rpartition(":")[2]
    second = start(tmp_path / "home", settings, "--port", port)
    said, _ = second.communicate(timeout=HANGS_SECONDS)
    assert (second.returncode, f":{port}: Address already in use" in said) == (1, True)


def test_sigterm_ends_all_of_it(tmp_path: Path, settings: dict[str, str]) -> None:
    process = start(tmp_path / "home", settings)
    index, _ = read_addresses(process)
    wait_for(lambda: is_up(index))
    leader = read_process(process.pid)
    assert leader
    family = read_family([leader])
    assert len(family) >= 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(HANGS_SECONDS) == 0
    wait_for(lambda: not read_family(family))
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(index.rpartition(":")[2])))
