"""The embedded S3 server: one SeaweedFS on loopback, its data in the home.

{home}/s3/credentials.json   the one S3 identity, made once, mode 0600
{home}/s3/ports.json         the ports of the last start, used again while they are free
{home}/s3/state.json         endpoint and process while it runs; one that a start finds was left by an unclean stop
{home}/s3/start.lock         held while someone looks for the server or starts it
{home}/s3/users.lock         held by everyone who works on the server
{home}/s3/data/              volumes and metadata; written through to the disk where the file system can (doctor says)
{home}/s3/seaweed.log
{home}/s3/authority.pem, certificate.pem, key.pem   made at each start: every port but S3's asks for them
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from hemeroteca.archive.archive import embedded_s3_settings
from hemeroteca.configuration import BUCKET
from hemeroteca.home import Home, S3Credentials, S3State, close_folder, read_s3_state
from hemeroteca.services.certificates import make_client_context, write_certificates
from hemeroteca.services.children import Child, Children
from hemeroteca.services.keeper import Process, stop_family
from hemeroteca.services.ports import keep_ports, release_ports
from hemeroteca.services.reachability import check_loopback, fetch_url, wait_until
from storage.files import FileLock, read_json, read_process, replace_whole, write_through
from storage.model.errors import ServiceError
from storage.objects import S3Settings, Store

log = structlog.get_logger()

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_START_TRIES = 3
_PORT_TRIES = 20
_OTHERS_SECONDS = 30.0
_ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.1
_SERVICES = ("s3", "master", "volume", "filer", "admin")
_PARTS = ("MASTER", "VOLUME", "FILER", "ADMIN", "CLIENT")
_PORTS = (*_SERVICES, *(f"{service}_grpc" for service in _SERVICES))


@contextmanager
def use_embedded_s3(home: Home) -> Iterator[S3Settings]:
    """Use the home's S3 server: the one that runs, or one started for as long as somebody uses it.

    Raises ServiceError when it does not start, or does not answer.
    """
    check_loopback()
    with ExitStack() as stack:
        users = _open_lock(stack, home, home.s3_users_lock)
        with _starting(home):
            if not _join(home, users):
                children = stack.enter_context(Children())
                stack.callback(stop_s3, home, children, start_s3(home, children))
                stack.callback(users.acquire, None)  # those who joined may finish first
                users.acquire(None, shared=True)
        yield embedded_s3_settings(home)


@contextmanager
def run_own_s3(home: Home, children: Children) -> Iterator[S3Settings]:
    """Start the home's S3 server among *children*, for others to use too; it is stopped at the end all the same.

    Raises ServiceError when it does not start, or when a command that started one of its own does not end.
    """
    with ExitStack() as stack:
        users = _open_lock(stack, home, home.s3_users_lock)
        with _starting(home):
            if not users.acquire(_OTHERS_SECONDS):
                raise ServiceError(f"{home}: another command is using the archive; wait until it has ended")
            stack.callback(stop_s3, home, children, start_s3(home, children))
            users.acquire(None, shared=True)
        yield embedded_s3_settings(home)


def _join(home: Home, users: FileLock) -> bool:
    """Say whether others use a running server: then *users* is held shared, else exclusively.

    Raises ServiceError if others keep using a server that does not answer.
    """
    deadline = time.monotonic() + _ANSWER_SECONDS
    while not users.acquire():
        users.acquire(None, shared=True)  # waits while the owner stops its server
        if is_running(home):
            return True
        if time.monotonic() > deadline:
            raise ServiceError(f"{home}: its S3 server does not answer, but others still use it; stop them first")
        time.sleep(_POLL_SECONDS)
    return False


@contextmanager
def _starting(home: Home) -> Iterator[None]:
    with ExitStack() as stack:
        _open_lock(stack, home, home.s3_start_lock).acquire(None)
        yield


def _open_lock(stack: ExitStack, home: Home, path: Path) -> FileLock:
    home.make_folder(home.s3)
    lock = FileLock(path)
    stack.callback(lock.release)
    return lock


def is_running(home: Home) -> bool:
    """Say whether the process of the state file lives and its S3 port answers."""
    state = read_s3_state(home)
    return state is not None and read_process(state.pid) == (state.pid, state.started) and _answers(state.endpoint)


def start_s3(home: Home, children: Children) -> Child:
    """Start the server and return when it takes objects; first repair what an unclean stop left.

    Raises ServiceError when it does not come up.
    """
    home.make_folder(home.s3_data)
    if not write_through(home.s3_data):
        log.warning(
            "store not written through: a power cut may take what it acknowledged last", folder=str(home.s3_data)
        )
    if left := read_s3_state(home):
        # Its owner was killed, and it may still be stopping.
        stop_family(Process(left.pid, left.started), STOP_SECONDS)
        _repair_indexes(home.s3_data)
    write_certificates(home)
    for attempt in range(_START_TRIES):
        ports = _choose_ports(home)
        child = children.start("seaweedfs", _command(ports), _build_environment(home), home.s3_log, STOP_SECONDS)
        pid, started = child.process
        state = S3State(endpoint=f"http://127.0.0.1:{ports['s3']}", pid=pid, started=started)
        replace_whole(home.s3_state, state.model_dump_json())
        try:
            _wait_until_ready(home, state, children, ports)
            release_ports(ports.values())
            return child
        except ServiceError:
            stop_s3(home, children, child)
            home.s3_ports.unlink()  # someone else may have taken one of them
            if attempt == _START_TRIES - 1:
                raise
    raise AssertionError


def stop_s3(home: Home, children: Children, child: Child) -> None:
    """Stop the server; after an unclean stop the state file stays, so that the next start repairs its data."""
    if children.stop(child):
        home.s3_state.unlink(missing_ok=True)
    close_folder(home.s3_data)  # it opens a few of its files to all, whatever its umask is
    ports = read_json(home.s3_ports, dict[str, int]) or {}
    for socket in _sockets(ports):
        if not _is_foreign(socket):
            socket.unlink(missing_ok=True)


def _choose_ports(home: Home) -> dict[str, int]:
    """Return ports for which nobody else has put a file where the server will have its sockets.

    It could not replace such a file, and its parts would connect to whoever listens there: their certificates protect
    them, but the server would not start.
    """
    for _ in range(_PORT_TRIES):
        ports = keep_ports(home.s3_ports, _PORTS)
        if not any(_is_foreign(socket) for socket in _sockets(ports)):
            return ports
        home.s3_ports.unlink()
    raise ServiceError(f"{home}: another user's files are where the S3 server puts its sockets, /tmp/seaweedfs-*.sock")


def _sockets(ports: dict[str, int]) -> list[Path]:
    """Return where the server puts its gRPC sockets, which no option changes, and leaves them."""
    return [Path(f"/tmp/seaweedfs-{service}-grpc-{ports[f'{service}_grpc']}.sock") for service in _SERVICES]


def _is_foreign(path: Path) -> bool:
    return os.path.lexists(path) and path.lstat().st_uid != os.geteuid()


def _command(ports: dict[str, int]) -> list[str]:
    command = [
        _weed(), "-logtostderr", "mini", "-dir=data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        "-webdav=false", "-admin.ui=false", "-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.port.lance=0", "-s3.port.iceberg=0", "-filer.localSocket=filer.sock", "-s3.localSocket=s3.sock",
        # A master that finds its old state is unsure of its volumes, and in a race of its own takes no object for 15 s.
        "-master.resumeState=false",
    ]  # fmt: skip
    command += [f"-{service}.port={ports[service]}" for service in _SERVICES]
    return command + [f"-{service}.port.grpc={ports[service + '_grpc']}" for service in _SERVICES]


def _build_environment(home: Home) -> dict[str, str]:
    credentials = _credentials(home)
    # The keys close the filer's and the volumes' own HTTP ports a second time; nobody but this process needs them.
    ours = {name: secrets.token_hex(32) for name in ("SIGNING", "FILER_SIGNING", "FILER_SIGNING_READ")}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home.s3),
        "GOMEMLIMIT": "512MiB",
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        **{f"WEED_JWT_{name}_KEY": key for name, key in ours.items()},
        **_build_certificate_environment(home),
    }


def _build_certificate_environment(home: Home) -> dict[str, str]:
    """Return what makes every port but S3's speak TLS and ask for a certificate of this home.

    Without it any local user could delete a bucket by one request to the master.
    """
    sections = [f"GRPC_{part}" for part in (*_PARTS, "S3", "WORKER")] + [f"HTTPS_{part}" for part in _PARTS]
    files = {"CERT": home.s3_certificate, "KEY": home.s3_key, "CA": home.s3_authority}
    values = {f"WEED_{section}_{name}": str(path) for section in sections for name, path in files.items()}
    return values | {"WEED_GRPC_CA": str(home.s3_authority), "WEED_HTTPS_CLIENT_ENABLED": "true"}


def _weed() -> str:
    return find_weed(Path(sysconfig.get_path("scripts")))


def find_weed(programs: Path) -> str:
    """Return the server's program among *programs*; raises ServiceError when it was not installed."""
    if not (programs / "weed").exists():
        fix = "pip install --editable '.[embedded]' in the checkout, or set HEMEROTECA_S3_BUCKET for a bucket elsewhere"
        raise ServiceError(f"{programs}: no embedded S3 server: {fix}")
    return str(programs / "weed")


def _wait_until_ready(home: Home, state: S3State, children: Children, ports: dict[str, int]) -> None:
    # The master assigns a place only when a volume takes writes, which comes after the S3 port answers.
    place, tls = f"https://127.0.0.1:{ports['master']}/dir/assign?collection={BUCKET}", make_client_context(home)

    def is_ready() -> bool:
        return _answers(state.endpoint) and b'"fid"' in (fetch_url(place, tls=tls) or b"")

    wait_until(is_ready, children, START_SECONDS)
    Store(embedded_s3_settings(home)).ensure_bucket()


def _answers(endpoint: str) -> bool:
    return fetch_url(f"{endpoint}/healthz") is not None


def _repair_indexes(data: Path) -> None:
    """Rebuild the index of every volume: a torn one hides the whole volume from the server."""
    for volume in sorted(data.glob("*.dat")):
        collection, _, number = volume.stem.rpartition("_")
        command = [_weed(), "fix", f"-volumeId={number}", f"-collection={collection}", str(data)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"{volume}: index not rebuilt: {done.stderr.strip()[-500:]}")
        log.info("volume index rebuilt", volume=volume.name)


def _credentials(home: Home) -> S3Credentials:
    credentials = read_json(home.s3_credentials, S3Credentials)
    if not credentials:
        credentials = S3Credentials(access_key=secrets.token_hex(10), secret_key=secrets.token_hex(20))
        replace_whole(home.s3_credentials, credentials.model_dump_json())
    return credentials
