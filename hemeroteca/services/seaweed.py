"""The embedded S3 server: one SeaweedFS (`weed mini`) on loopback, with generated keys.

{home}/s3/credentials.json   the keys, made once, mode 0600
{home}/s3/state.json         endpoint, pid and its start time, while it runs
{home}/s3/data/              the server's own files
{home}/s3/unclean            there from start to clean stop: found at a start, the indexes are mended first
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from pydantic import SecretStr

from storage.model.errors import ServiceError, StorageError
from storage.model.record import Record
from storage.objects import S3Settings, Store
from storage.spool import process_started, write_json_atomically

log = structlog.get_logger()

BUCKET = "hemeroteca"
START_SECONDS = 30.0
STOP_SECONDS = 20.0  # SIGTERM takes 2-3 s, but hangs on a full disk
MEMORY = "512MiB"
PORTS = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
         "filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc")  # fmt: skip
FLAGS = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false", "-admin.ui=false",
         "-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false", "-s3.port.lance=0",
         "-s3.port.iceberg=0")  # fmt: skip

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class ServerState(Record):
    """``state.json``: where the running server is, and which process it is."""

    endpoint: str
    pid: int
    pid_started: int | None


@contextmanager
def embedded_s3(home: Path) -> Iterator[S3Settings]:
    """Give the settings of the home's S3 server: the one that runs, or one started for the duration.

    Raises ServiceError when it does not answer in time.
    """
    folder = home / "s3"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    keys = _credentials(folder)
    if state := _running(folder):
        yield _settings(state.endpoint, keys)
        return
    _mend_after_unclean_stop(folder)
    process, settings = _start(folder, keys)
    try:
        _wait_until_ready(process, settings)
        endpoint = str(settings.endpoint_url)
        state = ServerState(endpoint=endpoint, pid=process.pid, pid_started=process_started(process.pid))
        write_json_atomically(folder / "state.json", state)
        yield settings
    finally:
        stopped = _stop(process)
        (folder / "state.json").unlink(missing_ok=True)
        if stopped:
            (folder / "unclean").unlink(missing_ok=True)


def make_durable(home: Path) -> None:
    """Have the kernel write what the embedded server acknowledged: it calls no fsync itself."""
    descriptor = os.open(home / "s3" / "data", os.O_RDONLY)
    try:
        if _LIBC.syncfs(descriptor):
            raise StorageError(f"{home}: syncfs: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)


def _credentials(folder: Path) -> dict[str, str]:
    path = folder / "credentials.json"
    if not path.exists():
        names = ("access_key", "secret_key", "jwt", "jwt_filer", "jwt_filer_read")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: secrets.token_hex(20) for name in names}, file)
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def _running(folder: Path) -> ServerState | None:
    try:
        state = ServerState.model_validate_json((folder / "state.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    started = process_started(state.pid)
    return state if started is not None and started == state.pid_started else None


def _settings(endpoint: str, keys: dict[str, str]) -> S3Settings:
    secret = SecretStr(keys["secret_key"])
    return S3Settings(endpoint_url=endpoint, bucket=BUCKET, access_key=keys["access_key"], secret_key=secret)


def _start(folder: Path, keys: dict[str, str]) -> tuple[subprocess.Popen[bytes], S3Settings]:
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG")},
        "AWS_ACCESS_KEY_ID": keys["access_key"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_key"],
        "WEED_JWT_SIGNING_KEY": keys["jwt"],
        "WEED_JWT_FILER_SIGNING_KEY": keys["jwt_filer"],
        "WEED_JWT_FILER_SIGNING_READ_KEY": keys["jwt_filer_read"],
        "GOMEMLIMIT": MEMORY,
    }
    given = [f"-dir={folder / 'data'}", *FLAGS, *(f"-{name}={port}" for name, port in ports.items())]
    (folder / "data" / "mini.options").unlink(missing_ok=True)  # it would bring back the last run's ports
    (folder / "unclean").touch()
    with (folder / "server.log").open("ab") as output:
        process = subprocess.Popen(
            [_weed(), "mini", *given], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, preexec_fn=_die_with_parent,
        )  # fmt: skip
    log.info("s3 server started", pid=process.pid, port=ports["s3.port"])
    return process, _settings(f"http://127.0.0.1:{ports['s3.port']}", keys)


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _weed() -> str:
    return str(Path(sys.executable).with_name("weed"))


def _free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            sock = socket.socket()
            sock.bind(("127.0.0.1", 0))
            held.append(sock)
        return [sock.getsockname()[1] for sock in held]
    finally:
        for sock in held:
            sock.close()


def _wait_until_ready(process: subprocess.Popen[bytes], settings: S3Settings) -> None:
    """Wait until the bucket is there and takes an object."""
    store = Store(settings)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            store.ensure_bucket()
            store.put_derived("tables/_ready", b"", schema="probe/1")
            return
        except StorageError as error:
            if process.poll() is not None:
                raise ServiceError(f"the S3 server ended with status {process.returncode}; see server.log") from error
            if time.monotonic() > deadline:
                raise ServiceError(f"the S3 server did not answer in {START_SECONDS:.0f} s: {error}") from error
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> bool:
    """Stop the server and say whether it ended by itself, its files whole."""
    if process.poll() is not None:
        return False
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:  # kill -9 has lost no acknowledged object in any run
        log.warning("s3 server did not stop, killed", pid=process.pid)
        process.kill()
        process.wait()
        return False
    return process.returncode == 0


def _mend_after_unclean_stop(folder: Path) -> None:
    """Remake each volume's index: one that was torn hides the whole volume (seaweedfs issue 7036)."""
    if not (folder / "unclean").exists():
        return
    for volume in sorted((folder / "data").glob("*.dat")):
        named = re.fullmatch(r"(?:(.+)_)?(\d+)", volume.stem)
        if named is None:
            continue
        command = [_weed(), "fix", f"-volumeId={named[2]}", f"-collection={named[1] or ''}", str(folder / "data")]
        done = subprocess.run(command, capture_output=True, check=False)
        log.warning("s3 volume index remade", volume=volume.name, status=done.returncode)
