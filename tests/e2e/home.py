"""A demo home as its user has it: `hemeroteca up` in a process of its own, commands beside it, runs asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import read_attempt_note
from hemeroteca.configuration import Settings, read_settings
from hemeroteca.services.airflow import open_airflow_client
from hemeroteca.services.airflow_client import DONE, AirflowClient, DagRun
from hemeroteca.services.keeper import Process, read_family, read_process
from hemeroteca.services.stack import read_holder
from storage.spool import list_attempts, list_crawls
from tests.services.processes import family_of, listeners
from tests.waiting import HANGS_SECONDS, wait_for

COMMAND = str(Path(sys.executable).parent / "hemeroteca")


class Home:
    """The home at *path*; *settings* is what its user exported. ``up`` runs between ``start`` and ``stop``."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.path = path
        foreign = ("HEMEROTECA_", "AIRFLOW")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        self.environment = inherited | {"HEMEROTECA_HOME": str(path), "HEMEROTECA_DEMO": "1"} | settings
        self.family: set[Process] = set()
        self.addresses: set[str] = set()
        """Every process of this home that was seen while a run was waited for, and where they listened."""

    @property
    def up_log(self) -> Path:
        """What ``up`` printed: beside the home, where its user keeps it."""
        return self.path.with_name("up.log")

    @property
    def settings(self) -> Settings:
        return read_settings(home=self.path, demo=True)

    def start(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        output = self.up_log
        with output.open("wb") as file:
            self.up = subprocess.Popen([COMMAND, "up"], env=self.environment, stdout=file, stderr=file)
        wait_for(lambda: "Ctrl-C" in output.read_text() or self.up.poll() is not None)
        assert self.up.poll() is None, output.read_text()
        assert (holder := read_holder(self.settings)) and holder.endpoint
        self.client: AirflowClient = open_airflow_client(self.settings, holder.endpoint)

    def stop(self) -> int:
        """Stop ``up`` as Ctrl-C does and return its exit status."""
        self.look()
        self.client.__exit__(None, None, None)
        self.up.send_signal(signal.SIGINT)
        return self.up.wait(HANGS_SECONDS)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=HANGS_SECONDS,
            check=False,
        )

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        with Archive(self.settings) as archive:
            yield archive

    def set_today(self, night: date) -> None:
        self.settings.home.today.write_text(f"{night}\n")

    def trigger(self, dag_id: str, conf: dict[str, object], night: date | None = None) -> DagRun:
        return self.client.trigger_run(dag_id, f"test-{uuid4().hex[:8]}", conf, str(night) if night else None)

    def wait(self, run: DagRun) -> DagRun:
        """Return *run* when it has ended, well or not."""

        def ended() -> bool:
            nonlocal run
            self.look()
            run = self.client.read_run(run.dag_id, run.run_id)
            return run.state in DONE

        wait_for(ended)
        return run

    def run(self, dag_id: str, conf: dict[str, object], night: date | None = None) -> DagRun:
        return self.wait(self.trigger(dag_id, conf, night))

    def said(self, run: DagRun, task_id: str) -> str:
        """Return what the last try of a task of *run*, not of a shard, logged."""
        [task] = [task for task in self.client.list_task_runs(run.dag_id, run.run_id) if task.task_id == task_id]
        return "\n".join(self.client.read_task_log(run.dag_id, run.run_id, task))

    def look(self) -> None:
        """Note the processes there are now, and the addresses they listen on."""
        family = family_of(self.up.pid)
        self.family |= family
        self.addresses |= listeners(family)

    def crawl_processes(self) -> dict[int, set[str]]:
        """Return the crawl processes that live, with the crawls that each works on."""
        found: dict[int, set[str]] = defaultdict(set)
        for crawl_id in list_crawls(self.settings.home.spool):
            for directory in list_attempts(self.settings.home.spool, crawl_id):
                note = read_attempt_note(directory)
                if note and note.pid and read_process(note.pid) == (note.pid, note.pid_started):
                    found[note.pid].add(crawl_id)
        return found


def kill_session(pid: int) -> None:
    """``kill -9`` the process and everything in the session it leads; return when all of it is gone."""
    leader = read_process(pid)
    assert leader is not None
    family = read_family([leader])
    for process in family:
        os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not read_family(family))
