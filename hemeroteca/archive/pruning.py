"""Removing what is no longer needed from an archive's coordination and home. Evidence is never touched.

What goes is old by the archive's own nights, or by the time at which a file was last written. All of it may be pruned
by two processes at once, and by one that is killed: what is left goes the next time.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawl_trouble import stall_note, trouble_note
from hemeroteca.archive.crawling.crawl_process import name_run_folder
from hemeroteca.archive.crawling.late import spent_note
from hemeroteca.archive.crawling.plan import find_crawls_of_plan, read_night_of_plan
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.healing import healed_note
from hemeroteca.archive.publishing.rebuild_notes import REBUILD_LOCK, forget_published, read_published
from hemeroteca.archive.publishing.tables import rows_note
from hemeroteca.archive.sources.seeds import read_sources
from hemeroteca.archive.verdicts import verdict_note
from hemeroteca.archive.watching.cause_notes import cause_note
from storage.known import hold_known, remove_known
from storage.model.errors import disk_error
from storage.model.night import Night
from storage.spool import list_attempts

log = structlog.get_logger()

_DRAFT = re.compile(r"\.[0-9a-f]{16}\.part")  # of storage.files


class Pruned(NamedTuple):
    """How many things of a kind went, or would go, and how many bytes they had; None where nobody can tell."""

    kind: str
    number: int
    bytes: int | None


class Pruner:
    """Prunes one archive. With *dry_run* it only counts. What cannot be pruned is kept in *troubles*."""

    def __init__(self, archive: Archive, troubles: Troubles, *, dry_run: bool) -> None:
        self._archive = archive
        self._home = archive.settings.home
        self._troubles = troubles
        self._dry_run = dry_run

    def prune_runs(self) -> list[Pruned]:
        """Prune the plans and notes of old runs, then the files of runs that have no plan."""
        folders = _list(self._home.runs)  # before the plans: a run has its plan before its folder
        kept, plans = self._prune_plans()
        left = {name_run_folder(run) for run in kept}
        return [plans, self.remove_old("files of runs", [one for one in folders if one.name not in left], 1)]

    def prune_known(self) -> list[Pruned]:
        """Prune what is known of sources that have no card any more: their next crawl would make it again."""
        settings = self._archive.settings
        cards = {card.id for card in read_sources(settings)[0]}
        files = [path for path in _list(self._home.known) if path.suffix == ".sqlite" and path.stem not in cards]
        return [self.remove_old("known of sources without card", files, settings.known_kept_days, _remove_known_file)]

    def prune_rebuild(self) -> list[Pruned]:
        """Prune the notes of what was published since a rebuild broke off, which its next try does not need."""
        coordination, count = self._archive.coordination, 0
        with coordination.try_lock(REBUILD_LOCK) as held:
            if held:
                count = len(read_published(coordination))
                if count and not self._dry_run:
                    forget_published(coordination)
        return [Pruned("notes of a rebuild that broke off", count, None)]

    def prune_drafts(self) -> list[Pruned]:
        """Prune drafts whose writers were killed. Those in the spool are its own affair."""
        home = self._home
        folders = (home.path, home.seeds, home.s3, home.airflow, home.demo)
        drafts = [path for folder in folders for path in _list(folder) if _DRAFT.fullmatch(path.name)]
        drafts += [path for path in _list(home.known) if path.suffix.startswith(".part")]
        return [self.remove_old("drafts", drafts, 1)]

    def remove_old(
        self, kind: str, paths: Iterable[Path], kept_days: int, remove: Callable[[Path], None] | None = None
    ) -> Pruned:
        """Remove those of *paths* to which nothing was written for so long, each apart; return what went.

        What was written within a day may have a writer still, so no fewer days are asked for.
        """
        latest = self._archive.settings.now() - timedelta(days=kept_days)
        count = total = 0
        for path in paths:
            with self._troubles.keep_apart("not pruned", path=str(path)):
                try:
                    if _newest_time(path) >= latest:
                        continue
                    size = measure(path)
                    if not self._dry_run:
                        (remove or _remove)(path)
                except FileNotFoundError:
                    continue  # another process was here first
                except OSError as error:
                    raise disk_error(f"{path}: not pruned", error) from error
                count, total = count + 1, total + size
        return Pruned(kind, count, total)

    def _prune_plans(self) -> tuple[set[str], Pruned]:
        """Return the runs whose plans are kept, and what went."""
        settings, coordination = self._archive.settings, self._archive.coordination
        latest = settings.tonight() - timedelta(days=settings.runs_kept_days)
        found = coordination.list_runs()
        kept, count, total = set(found), 0, 0
        for run in found:
            with self._troubles.keep_apart("plan not pruned", run=run):
                plan = coordination.read_plan(run)  # one at a time: those of earlier releases have all shards in them
                if plan is None or (night := read_night_of_plan(run, plan)) >= latest:
                    continue
                crawl_ids = find_crawls_of_plan(self._archive, run, plan)
                if any(list_attempts(self._home.spool, crawl_id) for crawl_id in crawl_ids):
                    continue  # under way, or to be committed late
                size = len(plan) + sum(map(len, coordination.read_shards(run)))
                if not self._dry_run:
                    coordination.forget_run(run, _notes_of(run, night, crawl_ids))
                kept.remove(run)
                count, total = count + 1, total + size
        return kept, Pruned("plans and notes of runs", count, total)


def _newest_time(path: Path) -> datetime:
    """Return when a file, or anything in a folder, was last written. Raises OSError."""
    return max(datetime.fromtimestamp(one.lstat().st_mtime, UTC) for one in (path, *path.rglob("*")))


def measure(path: Path) -> int:
    """Return how many bytes a file has, or all files of a folder. Raises FileNotFoundError when *path* is gone."""
    if not path.is_dir():
        return path.lstat().st_size
    return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())


def _notes_of_crawl(night: Night, crawl_id: str) -> tuple[str, ...]:
    of_night = cause_note(night, crawl_id), verdict_note(night, crawl_id)
    return trouble_note(crawl_id), stall_note(crawl_id), spent_note(crawl_id), *of_night


def _notes_of(run: str, night: Night, crawl_ids: Iterable[str]) -> list[str]:
    of_crawls = [note for crawl_id in crawl_ids for note in _notes_of_crawl(night, crawl_id)]
    return [rows_note(run), healed_note(run), *of_crawls]


def _list(folder: Path) -> list[Path]:
    """Return what is in *folder*, sorted; nothing when it is not there. Raises StorageError."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk_error(f"{folder}: cannot be listed", error) from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _remove_known_file(path: Path) -> None:
    with hold_known(path):
        remove_known(path)
