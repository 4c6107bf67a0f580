"""A home: the folder with an archive's own files. Only its owner may enter it.

{home}/seeds/                cards of the home's own
{home}/catalog.sqlite        the catalog, and further ones beside it while one is rebuilt
{home}/coordination.sqlite   leases, plans and notes; coordination.locks/ beside it
{home}/known/                what the archive holds of each source, for its next crawl (storage.known_files)
{home}/spool/                attempts at crawls until the bucket has them
{home}/runs/                 jobs, progress and logs of the crawl processes, a folder a run
{home}/keep_house.lock       held while old things are removed (hemeroteca.services.housekeeping)
{home}/stack.lock            held by the one process whose servers run
{home}/stack.json            which process that is, and once it is ready Airflow's endpoint
{home}/s3/                   the embedded S3 server (hemeroteca.services.seaweed)
{home}/airflow/              Airflow (hemeroteca.services.airflow)
{home}/demo/                 the demo newspapers (hemeroteca.services.demo_server)
{home}/today                 a date: what today is in a demo or test home
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from storage.files import PRIVATE_FOLDER, read_json
from storage.model.base import Record
from storage.model.errors import SeedError

PRIVATE_UMASK = 0o077
"""The umask of every process that we start, and of every command and task: new files are for their owner alone."""

_NAMES = (
    "airflow", "catalog", "coordination", "demo", "keep_house", "known",
    "runs", "s3", "seeds", "spool", "stack", "today",
)  # fmt: skip
"""How the names of all entries of a home begin."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITERS = stat.S_IWGRP | stat.S_IWOTH


class _Place:
    """A file or folder of a home."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, home: Home, owner: type[Home]) -> Path:
        return home.path / self._name


class Home:
    """The home at *path*, there or not. Every path in it is made here."""

    seeds = _Place("seeds")
    catalog = _Place("catalog.sqlite")
    coordination = _Place("coordination.sqlite")
    known = _Place("known")
    spool = _Place("spool")
    runs = _Place("runs")
    keep_house_lock = _Place("keep_house.lock")
    stack_lock = _Place("stack.lock")
    stack_state = _Place("stack.json")
    today = _Place("today")

    s3 = _Place("s3")
    s3_credentials = _Place("s3/credentials.json")
    s3_ports = _Place("s3/ports.json")
    s3_state = _Place("s3/state.json")
    s3_start_lock = _Place("s3/start.lock")
    s3_users_lock = _Place("s3/users.lock")
    s3_data = _Place("s3/data")
    s3_log = _Place("s3/seaweed.log")
    s3_authority = _Place("s3/authority.pem")
    s3_certificate = _Place("s3/certificate.pem")
    s3_key = _Place("s3/key.pem")

    airflow = _Place("airflow")
    airflow_secrets = _Place("airflow/secrets.json")
    airflow_passwords = _Place("airflow/passwords.json")
    airflow_ports = _Place("airflow/ports.json")
    airflow_version = _Place("airflow/migrated.json")
    airflow_database = _Place("airflow/airflow.db")
    airflow_task_logs = _Place("airflow/logs")
    airflow_plugins = _Place("airflow/plugins")
    airflow_config = _Place("airflow/config")

    demo = _Place("demo")
    demo_port = _Place("demo/port")
    demo_ledger = _Place("demo/ledger.jsonl")
    demo_log = _Place("demo/demo.log")

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()  # our servers work in directories of their own

    def airflow_log(self, server: str) -> Path:
        return self.airflow / f"{server}.log"

    def check(self) -> None:
        """Raise SeedError unless the home is our own folder that can be written to, or can become one."""
        place = next(path for path in (self.path, *self.path.parents) if os.path.lexists(path))
        if not place.is_dir():
            raise self._wrong(f"{place} is not a folder")
        if not os.access(place, os.W_OK | os.X_OK):
            raise self._wrong(f"{place} cannot be written to")
        if place == self.path and self._mode() & _WRITERS and self._foreign() and not self._own():
            raise self._wrong("other users can write to it, and it holds other things too; `chmod 700` closes it")

    def make(self) -> None:
        """Make the home, or close one that others may enter: with other things in it, only what is the archive's.

        Raises SeedError as ``check`` does.
        """
        self.check()
        try:
            self.path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if self._mode() & _OTHERS:
                self._close()
        except OSError as error:
            raise self._wrong(f"cannot be made or closed to others: {error.strerror}") from None

    def make_folder(self, folder: Path) -> None:
        """Make *folder* of the home, and the home, or close them to others. Raises SeedError as ``check`` does."""
        if folder == self.path:
            self.make()
            return
        self.make_folder(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)

    def _close(self) -> None:
        if not self._foreign():
            close_folder(self.path)
            return
        self.path.chmod(self._mode() & ~_WRITERS)  # who may write to it could put another catalog there
        for entry in self._own():
            if entry.is_dir():
                close_folder(entry)
            else:
                entry.chmod(stat.S_IMODE(entry.stat().st_mode) & ~_OTHERS)

    def _mode(self) -> int:
        return stat.S_IMODE(self.path.stat().st_mode)

    def _own(self) -> list[Path]:
        return [entry for entry in self.path.iterdir() if entry.name.startswith(_NAMES)]

    def _foreign(self) -> list[Path]:
        """Return what is in the home and not the archive's; links are nobody's."""
        found = (entry for entry in self.path.iterdir() if not entry.name.startswith(_NAMES))
        return [entry for entry in found if not entry.is_symlink()]

    def _wrong(self, reason: str) -> SeedError:
        return SeedError(f"HEMEROTECA_HOME: {self}: {reason}; name a folder that you can write to")

    def __fspath__(self) -> str:
        return str(self.path)

    __str__ = __fspath__


class S3State(Record):
    """``s3/state.json``: the embedded S3 server that runs, or that was not stopped cleanly."""

    endpoint: str
    pid: int
    started: int


class S3Credentials(Record):
    """``s3/credentials.json``: the keys of the embedded S3 server's one user."""

    access_key: str
    secret_key: str


def read_s3_state(home: Home) -> S3State | None:
    """Return where the home's S3 server is; None when none was started, or it was stopped."""
    return read_json(home.s3_state, S3State)


def close_folder(folder: Path) -> None:
    """Take from group and others what they may do with *folder* and everything in it; links are not followed."""
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~_OTHERS)  # first, so that nobody enters meanwhile
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            mode = path.lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
