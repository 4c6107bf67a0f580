"""What is old and needed by nobody goes; what is young, under way or evidence stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawl_trouble import trouble_note
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.archive.crawling.late import mark_spent
from hemeroteca.archive.crawling.plan import RunRef, read_plan
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.pruning import Pruned, Pruner
from hemeroteca.archive.publishing.healing import note_healed, read_healed
from hemeroteca.archive.publishing.rebuild_notes import (
    REBUILD_LOCK,
    note_published,
    note_rebuild,
    read_half_made,
    read_published,
)
from hemeroteca.archive.publishing.tables import note_rows
from hemeroteca.archive.watching.cause_notes import cause_note
from storage.model.errors import SeedError
from storage.night_listing import list_night
from storage.objects import S3Settings
from storage.spool import create_attempt
from tests.archive.homes import FIRST, demo_card, make_home, open_home, plan, run_of

KEPT_DAYS = 30


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", demo_card("faro"))


@pytest.fixture
def old(home: Path, s3_settings: S3Settings) -> Iterator[RunRef]:
    """A run of the first night, with a plan, notes and files."""
    with open_home(home, s3_settings) as archive:
        yield leave_run(archive)


@pytest.fixture
def archive(home: Path, s3_settings: S3Settings, old: RunRef) -> Iterator[Archive]:
    """The archive on the first night on which that run is too old; it has a run of tonight too."""
    with open_home(home, s3_settings, FIRST + timedelta(days=KEPT_DAYS + 1)) as archive:
        leave_run(archive)
        yield archive


def leave_run(archive: Archive) -> RunRef:
    """Leave what a run leaves, its files as old as its night."""
    run = run_of(archive)
    plan(archive, run)
    (planned,) = read_plan(archive, run).crawls()
    mark_spent(archive, planned.crawl)
    note_healed(archive, run, ["something"])
    note_rows(archive, run.key, list_night(archive.store, planned.crawl.night), [planned.crawl.id])
    archive.coordination.write_note(trouble_note(planned.crawl.id), "why")
    archive.coordination.write_note(cause_note(planned.crawl.night, planned.crawl.id), "6 of 6 are soft_404")
    folder = run_directory(archive.settings, run)
    folder.mkdir(parents=True)
    (folder / "shard-000-0-1.log").write_bytes(b"a line\n")
    for path in (folder / "shard-000-0-1.log", folder):
        set_age(path, days=3)
    return run


def set_age(path: Path, days: float) -> Path:
    time = path.lstat().st_mtime - days * 86400
    os.utime(path, (time, time))
    return path


def prune_runs(archive: Archive, *, dry_run: bool = False) -> tuple[list[Pruned], list[str]]:
    troubles = Troubles()
    found = Pruner(archive, troubles, dry_run=dry_run).prune_runs()
    return found, [str(error) for _, error in troubles.found]


def state_of(archive: Archive) -> tuple[list[str], dict[str, str], set[str]]:
    folders = {path.name for path in archive.settings.home.runs.iterdir()}
    return archive.coordination.list_runs(), archive.coordination.read_notes(""), folders


def test_an_old_run_goes_whole_and_tonights_stays_whole(archive: Archive, old: RunRef) -> None:
    before = state_of(archive)
    said, _ = prune_runs(archive, dry_run=True)
    assert state_of(archive) == before
    assert prune_runs(archive) == (said, [])
    assert [(one.kind, one.number) for one in said] == [("plans and notes of runs", 1), ("files of runs", 1)]
    assert said[1].bytes == len(b"a line\n")
    with pytest.raises(SeedError, match="never planned"):
        read_plan(archive, old)
    tonight = run_of(archive)
    plans, notes, folders = state_of(archive)
    assert plans == [tonight.key]
    assert read_plan(archive, tonight).crawls()
    assert folders == {run_directory(archive.settings, tonight).name}
    (planned,) = read_plan(archive, tonight).crawls()
    left = {name for name in notes if name.partition("/")[0] in ("rows", "healed", "trouble", "spent", "cause")}
    assert left == {
        f"rows/{tonight.key}",
        f"healed/{tonight.key}",
        f"trouble/{planned.crawl.id}",
        f"spent/{planned.crawl.id}",
        cause_note(planned.crawl.night, planned.crawl.id),
    }
    assert [one.number for one in prune_runs(archive)[0]] == [0, 0]


def test_a_run_is_kept_as_long_as_the_setting_says(home: Path, s3_settings: S3Settings, old: RunRef) -> None:
    with open_home(home, s3_settings, FIRST + timedelta(days=KEPT_DAYS)) as archive:
        assert [one.number for one in prune_runs(archive)[0]] == [0, 0]
    with open_home(home, s3_settings, FIRST + timedelta(days=9), runs_kept_days=8) as archive:
        assert [one.number for one in prune_runs(archive)[0]] == [1, 1]


def test_a_run_of_which_the_spool_holds_something_stays(archive: Archive, old: RunRef) -> None:
    (planned,) = read_plan(archive, old).crawls()
    create_attempt(archive.settings.home.spool, planned.crawl.id, "0a1b2c3d")
    assert [one.number for one in prune_runs(archive)[0]] == [0, 0]
    assert read_plan(archive, old).crawls() == [planned]
    assert read_healed(archive, old) == "something"


def test_files_that_were_written_today_stay_though_their_run_is_unknown(archive: Archive) -> None:
    folder = archive.settings.home.runs / "0123456789abcdef"
    folder.mkdir()
    log = folder / "shard-000-0-1.log"
    log.write_bytes(b"now")
    set_age(folder, days=100)
    prune_runs(archive)
    assert log.exists()
    set_age(log, days=3)
    set_age(folder, days=3)
    prune_runs(archive)
    assert not folder.exists()


def test_what_a_killed_pruner_left_goes_the_next_time(archive: Archive, old: RunRef) -> None:
    """It dies after the plan went, and before the files."""
    archive.coordination.forget_run(old.key, [])
    said, troubles = prune_runs(archive)
    assert [one.number for one in said] == [0, 1]
    assert not troubles
    assert not run_directory(archive.settings, old).exists()


def test_a_plan_of_an_earlier_release_goes_and_one_that_cannot_be_read_stops_nobody(
    archive: Archive, old: RunRef
) -> None:
    (shard,) = archive.coordination.read_shards(old.key)
    earlier = f'{{"run": {{}}, "night": "{FIRST}", "shards": [{shard}]}}'.replace('"source"', '"other": 1, "source"')
    archive.coordination.save_plan("a/earlier", earlier, [])
    archive.coordination.save_plan("a/torn", "{", [])
    said, (trouble,) = prune_runs(archive)
    assert said[0].number == 2
    assert trouble.startswith("plan of a/torn: cannot be read")
    assert set(archive.coordination.list_runs()) == {"a/torn", run_of(archive).key}


def test_what_is_known_of_a_source_without_card_goes_once_it_is_old(archive: Archive) -> None:
    folder = archive.settings.home.known
    folder.mkdir()
    for name, days in (("demo-faro", 365), ("gone", 91), ("young", 89)):
        (folder / f"{name}.sqlite").write_bytes(b"known")
        set_age(folder / f"{name}.sqlite", days)
    (folder / "folder.sqlite").mkdir()  # which cannot be removed like a file
    set_age(folder / "folder.sqlite", 91)
    troubles = Troubles()
    (said,) = Pruner(archive, troubles, dry_run=False).prune_known()
    assert (said.number, said.bytes) == (1, len(b"known"))
    assert {path.name for path in folder.iterdir()} == {"demo-faro.sqlite", "young.sqlite", "folder.sqlite"}
    assert [name for name, _ in troubles.found] == [str(folder / "folder.sqlite")]


def test_drafts_of_killed_writers_go_and_nothing_that_is_named_like_them(archive: Archive) -> None:
    home = archive.settings.home
    home.known.mkdir()
    old = [home.path / ".0123456789abcdef.part", home.known / "demo-faro.part", home.known / "demo-faro.part-wal"]
    other = [home.path / "mine.part", home.path / ".0123456789abcdef.parts", home.spool / ".0123456789abcdef.part"]
    home.spool.mkdir(exist_ok=True)
    for path in (*old, *other):
        path.touch()
        set_age(path, days=2)
    young = home.path / ".fedcba9876543210.part"
    young.touch()
    Pruner(archive, Troubles(), dry_run=False).prune_drafts()
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in (*other, young))


def test_notes_of_a_rebuild_that_broke_off_go_and_those_of_one_under_way_stay(archive: Archive) -> None:
    coordination = archive.coordination
    note_rebuild(coordination, "catalog-0badcafe")
    note_published(coordination, "manifests/crawl/a.json")
    with coordination.try_lock(REBUILD_LOCK) as held:
        assert held
        assert [one.number for one in Pruner(archive, Troubles(), dry_run=False).prune_rebuild()] == [0]
    assert [one.number for one in Pruner(archive, Troubles(), dry_run=True).prune_rebuild()] == [1]
    assert read_published(coordination) == ["manifests/crawl/a.json"]
    Pruner(archive, Troubles(), dry_run=False).prune_rebuild()
    assert (read_published(coordination), read_half_made(coordination)) == ([], "catalog-0badcafe")
