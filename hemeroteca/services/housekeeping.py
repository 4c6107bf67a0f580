"""Keeping house: removing what an archive leaves behind as it runs once nobody needs it. The bucket is not touched."""

from __future__ import annotations

from functools import partial

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.pruning import Pruned, Pruner
from hemeroteca.configuration import Settings
from hemeroteca.services.airflow_pruning import list_task_logs, prune_airflow_database
from hemeroteca.services.server_logs import cut_log, list_logs, measure_log
from storage.files import FileLock
from storage.model.errors import ServiceError

log = structlog.get_logger()


def keep_house(archive: Archive, troubles: Troubles, *, dry_run: bool = False) -> list[Pruned]:
    """Remove what is older than the settings keep it, and return what went; with *dry_run* what would go.

    What cannot be removed is kept in *troubles*. Raises ServiceError while another process does the same.
    """
    settings = archive.settings
    settings.home.make()
    lock = FileLock(settings.home.keep_house_lock)
    if not lock.acquire():
        raise ServiceError(f"{settings.home}: another process is already keeping house")
    pruner = Pruner(archive, troubles, dry_run=dry_run)
    steps = (
        pruner.prune_runs,
        pruner.prune_known,
        pruner.prune_rebuild,
        pruner.prune_drafts,
        lambda: [pruner.remove_old("logs of tasks", list_task_logs(settings), settings.task_logs_kept_days)],
        partial(_cut_logs, settings, troubles, dry_run),
        partial(prune_airflow_database, settings, dry_run=dry_run),
    )
    found: list[Pruned] = []
    try:
        for step in steps:
            with troubles.keep_apart("house not kept", home=str(settings.home)):
                found += step()
    finally:
        lock.remove()
    log.info("house kept", dry_run=dry_run, **{one.kind: one.number for one in found})
    return found


def _cut_logs(settings: Settings, troubles: Troubles, dry_run: bool) -> list[Pruned]:
    count = total = 0
    for path in list_logs(settings.home):
        with troubles.keep_apart("log not cut", path=str(path)):
            size = measure_log(path)
            if size > settings.log_bytes:
                count += 1
                total += size if dry_run else cut_log(path, settings.log_bytes)
    return [Pruned("beginnings of servers' logs", count, total)]
