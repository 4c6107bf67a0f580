"""A PostgreSQL server for tests: its own data, a free loopback port, gone when the tests are."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from hemeroteca.services.ports import keep_ports
from tests.waiting import HANGS_SECONDS, wait_for

_numbers = itertools.count(1)


def find_programs() -> Path:
    """Return the folder of initdb and postgres; the newest version, where Debian puts them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    assert on_path, "no PostgreSQL server on this machine: apt-get install postgresql"
    return Path(on_path).parent


def new_database(server_url: str) -> str:
    """Make an empty database in the server of *server_url* and return its address."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server_url.removesuffix("/postgres") + f"/{name}"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server and give its SQLAlchemy address."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="hemeroteca-postgres-"))
    log = (folder / "log").open("wb")
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses root
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        _run_as(user, [programs / "initdb", "-D", folder / "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "-N"])
        port = keep_ports(folder / "ports.json", ["postgres"])["postgres"]
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "60",
        }
        command = [str(programs / "postgres"), "-D", str(folder / "data"), *(f"--{k}={v}" for k, v in options.items())]
        server = subprocess.Popen(
            command, user=user, group=user, extra_groups=[] if user else None, stdout=log, stderr=log, cwd=folder
        )
        try:
            _wait_for(port, server, folder / "log")
            yield f"postgresql+psycopg://tests@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(HANGS_SECONDS)
    finally:
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _run_as(user: str | None, command: list[str | Path]) -> None:
    done = subprocess.run(command, user=user, group=user, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        assert server.poll() is None, log.read_text()
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="tests", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_for(answers)
