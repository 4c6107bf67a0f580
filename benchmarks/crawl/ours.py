"""``python -m benchmarks.crawl.ours HOME NIGHT SOURCE``: a night of a newspaper, from plan to manifest."""

from __future__ import annotations

import json
import logging
import sys
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import open_archive
from hemeroteca.archive.plan import RunRef
from hemeroteca.settings import Settings


def settings_of(home: Path, night: date, source_id: str) -> Settings:
    return Settings(home=home, demo=True, seeds=home / "cards" / source_id, today=night, crawl_slots=1)


def write_card(home: Path, card: dict[str, Any]) -> None:
    """Write *card* where the crawl of its source alone finds it."""
    folder = home / "cards" / card["id"]
    folder.mkdir(parents=True)
    (folder / f"{card['id']}.yaml").write_text(json.dumps(card))


def run_of(night: date, source_id: str) -> RunRef:
    return RunRef(dag_id=source_id, run_id=str(night))


def main(home: Path, night: date, source_id: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with open_archive(settings_of(home, night, source_id)) as archive:
        for shard in tasks.plan_night(archive, None, run_of(night, source_id), fresh=False, only=[source_id]):
            tasks.crawl_shard(archive, shard, last_try=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), sys.argv[3])
