"""S3 server, demo newspapers and Airflow of a home as one stack, started and stopped in order.

Who runs them holds ``stack.lock`` and says so in ``stack.json``.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import structlog

from hemeroteca.configuration import Settings
from hemeroteca.services.airflow import DAGS, AirflowServers, open_airflow_client
from hemeroteca.services.airflow_client import AirflowClient
from hemeroteca.services.children import Children
from hemeroteca.services.demo_server import start_demo_newspapers
from hemeroteca.services.interrupts import catch_ending_signals
from hemeroteca.services.preflight import check_databases, check_store
from hemeroteca.services.reachability import check_loopback
from hemeroteca.services.run_watch import RunWatch
from hemeroteca.services.seaweed import run_own_s3
from hemeroteca.services.server_logs import LogReader, cut_log, list_logs
from hemeroteca.services.up_status import describe_servers
from storage.files import FileLock, read_json, read_process, replace_whole
from storage.model.base import Record
from storage.model.errors import ServiceError, StorageError

log = structlog.get_logger()

Kind = Literal["up", "nightly"]
_WATCH_SECONDS = 1.0
_RUNS_EVERY = 5
"""Of its looks at the servers, each fifth asks Airflow which runs there are."""
_READY_SECONDS = 240.0
_POLL_SECONDS = 0.2


class Holder(Record):
    """``stack.json``: the process that runs a home's servers, and once it is ready Airflow's *endpoint*.

    ``connect_to`` leads crawls to its demo newspapers.
    """

    kind: Kind
    pid: int
    started: int
    endpoint: str | None = None
    connect_to: str = ""


class Stack(NamedTuple):
    """A running stack: its Airflow, and whether it was started here.

    ``check`` raises ServiceError when one of its servers has ended by itself, or whoever started them.
    """

    client: AirflowClient
    own: bool
    check: Callable[[], None]


def run_up(settings: Settings, say: Callable[[str], None], verbose: bool = False) -> None:
    """Run the home's archive in the foreground until SIGINT, SIGTERM or SIGHUP; then every server is stopped.

    What happens is said in a line each; *verbose*: so is what the servers log. Raises SeedError when the settings
    cannot be used, ServiceError when another process holds the home, or a server does not start or ends by itself.
    """
    try:
        with _start(settings, "up", say) as stack:
            for line in describe_servers(settings, stack.client):
                say(line)
            _watch(settings, stack, say, verbose)
    except KeyboardInterrupt:
        say("Stopped.")


def _watch(settings: Settings, stack: Stack, say: Callable[[str], None], verbose: bool) -> None:
    """Say what happens, and keep the logs short, until a signal ends it or a server ends by itself."""
    given_up: set[Path] = set()
    logs = LogReader(settings.home) if verbose else None
    runs = RunWatch(settings, stack.client)
    for seconds in itertools.count():
        stack.check()
        for line in logs.read_lines() if logs else ():
            say(line)
        for line in runs.look() if seconds % _RUNS_EVERY == 0 else ():
            say(line)
        _cut_logs(settings, given_up)
        time.sleep(_WATCH_SECONDS)


def _cut_logs(settings: Settings, given_up: set[Path]) -> None:
    """Cut logs that are too long; one that cannot be cut is *given_up*: copying it each time would help nobody."""
    for path in list_logs(settings.home):
        if path not in given_up:
            try:
                cut_log(path, settings.log_bytes)
            except StorageError as error:
                log.warning("log not cut", path=str(path), reason=str(error))
                given_up.add(path)


@contextmanager
def use_nightly_stack(settings: Settings) -> Iterator[Stack]:
    """Use the servers of the home's running ``up``, or own ones for as long as this context.

    An ending signal raises KeyboardInterrupt in the body; own servers are stopped all the same. Raises ServiceError
    when another ``nightly`` holds the home or a server does not start.
    """
    if is_up(settings):
        yield from _join(settings)
        return
    if not settings.demo:  # the schedule is for `up`: here only what is asked for runs
        settings = settings.model_copy(update={"nightly_cron": ""})
    with _start(settings, "nightly") as stack:
        _fail_abandoned_runs(stack.client)
        yield stack


def read_holder(settings: Settings) -> Holder | None:
    """Return which process runs the home's servers; None when none does."""
    holder = read_json(settings.home.stack_state, Holder)
    return holder if holder and read_process(holder.pid) == (holder.pid, holder.started) else None


def is_up(settings: Settings) -> bool:
    """Say whether ``hemeroteca up`` runs the home's servers."""
    holder = read_holder(settings)
    return holder is not None and holder.kind == "up"


def _join(settings: Settings) -> Iterator[Stack]:
    def check() -> None:
        if not read_holder(settings):
            raise ServiceError(f"{settings.home}: the `hemeroteca up` whose servers this command used has ended")

    deadline = time.monotonic() + _READY_SECONDS
    while (holder := read_holder(settings)) and not holder.endpoint and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if not holder or not holder.endpoint:
        raise ServiceError(f"{settings.home}: `hemeroteca up` did not become ready")
    with open_airflow_client(settings, holder.endpoint) as client:
        yield Stack(client, False, check)


@contextmanager
def _start(settings: Settings, kind: Kind, say: Callable[[str], None] = lambda line: None) -> Iterator[Stack]:
    with ExitStack() as exits:
        ignore_signals = exits.enter_context(catch_ending_signals())
        _hold(settings, kind, exits)
        check_loopback()
        check_databases(settings)
        check_store(settings)
        children = exits.enter_context(Children())
        exits.callback(ignore_signals)
        airflow = AirflowServers(settings, children)
        is_new = not settings.home.airflow_database.exists()
        say(f"Starting Airflow{': the first time it takes a minute or two' if is_new else ''}…")
        airflow.begin()
        if settings.embedded_s3:
            say("Starting the S3 server…")
            exits.enter_context(run_own_s3(settings.home, children))
        connect_to = start_demo_newspapers(settings, children) if settings.demo else ""
        say("Waiting for Airflow to read its DAGs…")
        exits.callback(airflow.stop)  # no task must outlive the store
        exits.callback(ignore_signals)
        airflow.finish({"HEMEROTECA_CONNECT_TO": connect_to} if connect_to else {})
        client = exits.enter_context(open_airflow_client(settings, airflow.endpoint))
        _write_state(settings, kind, airflow.endpoint, connect_to)
        yield Stack(client, True, children.check)


def _hold(settings: Settings, kind: Kind, exits: ExitStack) -> None:
    settings.home.make()
    lock = FileLock(settings.home.stack_lock)
    exits.callback(lock.release)
    if not lock.acquire():
        holder = read_holder(settings)
        name = f"`hemeroteca {holder.kind}` (pid {holder.pid})" if holder else "another process"
        raise ServiceError(f"{settings.home} is held by {name}; stop that first")
    _write_state(settings, kind)
    exits.callback(settings.home.stack_state.unlink, missing_ok=True)


def _write_state(settings: Settings, kind: Kind, endpoint: str | None = None, connect_to: str = "") -> None:
    process = read_process(os.getpid())
    assert process is not None
    holder = Holder(kind=kind, pid=process.pid, started=process.started, endpoint=endpoint, connect_to=connect_to)
    replace_whole(settings.home.stack_state, holder.model_dump_json())


def _fail_abandoned_runs(client: AirflowClient) -> None:
    """End the runs of a stack that was killed: nothing works on them, and one would keep the next night waiting."""
    for dag_id in DAGS:
        for run in client.list_runs(dag_id, ("queued", "running")):
            client.fail_run(run)
