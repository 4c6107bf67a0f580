"""A night of an archive in a process of its own, to be killed: ``python -m tests.drills.night_process``."""

from __future__ import annotations

import sys

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import read_settings
from storage.model.errors import HemerotecaError
from tests.drills.stage import take_steps


def main() -> int:
    settings = read_settings()
    run = RunRef(dag_id="drill", run_id=f"nightly/{settings.tonight()}")
    with Archive(settings) as archive:
        try:
            shards = tasks.plan_night(archive, run)
        except HemerotecaError:
            return 1
        return 0 if take_steps(archive, run, shards) else 1


if __name__ == "__main__":
    sys.exit(main())
