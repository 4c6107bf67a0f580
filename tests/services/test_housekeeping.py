"""Keeping house: each part is pruned apart from the others, by one process at a time; a dry run changes nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.services.airflow_pruning import TABLES, prune_airflow_database, read_cleaned, run_airflow
from hemeroteca.services.housekeeping import keep_house
from storage.files import FileLock
from storage.model.errors import ServiceError

LOG_BYTES = 8192
OLD = datetime.now(UTC) - timedelta(days=200)
EVENTS = "SELECT event FROM log WHERE event IN ('old', 'young')"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    settings = Settings(home=Home(tmp_path / "home"), demo=True, today=date(2026, 3, 1), log_bytes=LOG_BYTES)
    with Archive(settings) as archive:
        leave_logs(archive.settings.home)
        yield archive


def leave_logs(home: Home) -> None:
    for path in (home.s3_log, home.airflow_task_logs / "dag_id=a/run_id=old/task_id=b/attempt=1.log"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 100_000)
    (home.airflow_task_logs / "dag_id=a/run_id=young").mkdir()
    old = home.airflow_task_logs / "dag_id=a/run_id=old"
    for path in (*old.rglob("*"), old):
        os.utime(path, (OLD.timestamp(), OLD.timestamp()))


def files_of(home: Home) -> dict[str, int]:
    return {str(path.relative_to(home.path)): path.stat().st_size for path in home.path.rglob("*") if path.is_file()}


def test_logs_are_pruned_and_a_dry_run_says_so_before(archive: Archive) -> None:
    home, troubles = archive.settings.home, Troubles()
    keep_house(archive, troubles, dry_run=True)  # opens what it asks
    before = files_of(home)
    said = keep_house(archive, troubles, dry_run=True)
    assert files_of(home) == before
    went = {one.kind: one for one in keep_house(archive, troubles)}
    assert {one.kind: one.number for one in said} == {kind: one.number for kind, one in went.items()}
    assert went["logs of tasks"] == ("logs of tasks", 1, 100_000)
    assert went["beginnings of servers' logs"].number == 1
    assert home.s3_log.stat().st_size < LOG_BYTES
    assert [path.name for path in (home.airflow_task_logs / "dag_id=a").iterdir()] == ["run_id=young"]
    assert not home.keep_house_lock.exists()
    assert not troubles.found
    assert {one.number for one in keep_house(archive, troubles)} == {0}


def test_one_part_that_cannot_be_pruned_stops_no_other(archive: Archive) -> None:
    home, troubles = archive.settings.home, Troubles()
    home.runs.write_text("a file where a folder belongs")
    went = {one.kind: one.number for one in keep_house(archive, troubles)}
    assert went["logs of tasks"] == 1
    assert "files of runs" not in went
    assert [str(home.runs) in str(error) for _, error in troubles.found] == [True]


def test_one_process_at_a_time_keeps_house(archive: Archive) -> None:
    with FileLock(archive.settings.home.keep_house_lock), pytest.raises(ServiceError, match="another process"):
        keep_house(archive, Troubles())
    assert keep_house(archive, Troubles())


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Our own Airflow, never started: its database is there."""
    settings = Settings(home=Home(tmp_path_factory.mktemp("airflow") / "home"), demo=True)
    settings.home.make()
    run_airflow(settings, ["db", "migrate"])
    return settings


def test_old_rows_of_airflows_database_go(airflow: Settings) -> None:
    with closing(sqlite3.connect(airflow.home.airflow_database)) as database:
        for moment, event in ((OLD, "old"), (OLD + timedelta(days=21), "young")):
            database.execute("INSERT INTO log (dttm, event) VALUES (?, ?)", (f"{moment:%Y-%m-%d %H:%M:%S}", event))
        database.execute("CREATE TABLE _airflow_deleted__log__20260101000000__left AS SELECT * FROM log")
        database.commit()
        (said,) = prune_airflow_database(airflow, dry_run=True)
        assert (said.number, said.bytes) == (1, None)
        assert database.execute(EVENTS).fetchall() == [("old",), ("young",)]
        assert prune_airflow_database(airflow, dry_run=False) == [said]
        assert database.execute(EVENTS).fetchall() == [("young",)]
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert [name for name in tables if name.startswith("_airflow_deleted")] == []


def test_a_table_that_airflow_does_not_clean_is_told_though_it_ends_with_0(airflow: Settings) -> None:
    rename = "ALTER TABLE import_error RENAME COLUMN {} TO {}"
    with closing(sqlite3.connect(airflow.home.airflow_database)) as database:
        database.execute(rename.format("timestamp", "moment"))
        try:
            with pytest.raises(ServiceError, match="did not clean import_error"):
                prune_airflow_database(airflow, dry_run=True)
        finally:
            database.execute(rename.format("moment", "timestamp"))


def test_a_table_that_airflow_passes_over_is_told_too() -> None:
    said = "".join(f"\nChecking table {name}\nFound 2 rows meeting deletion criteria.\n" for name in TABLES)
    assert read_cleaned(said) == 2 * len(TABLES)
    with pytest.raises(ServiceError, match="did not clean job:"):
        read_cleaned(said.replace("Checking table job\n", ""))


def test_where_there_is_no_airflow_of_ours_none_is_started(tmp_path: Path) -> None:
    assert prune_airflow_database(Settings(home=Home(tmp_path)), dry_run=False) == []
