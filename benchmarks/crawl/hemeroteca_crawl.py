"""``python -m benchmarks.crawl.hemeroteca_crawl HOME NIGHT FOLDER``: one night of ours, from plan to manifests."""

from __future__ import annotations

import json
import logging
import sys
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import Settings
from hemeroteca.home import Home


def build_settings(home: Path, night: date, folder: str, connect_to: str = "") -> Settings:
    """Return the settings of a crawl in *night* of only the cards in *folder*."""
    return Settings(
        home=Home(home), demo=True, seeds=home / "cards" / folder, today=night, crawl_slots=1, connect_to=connect_to
    )


def write_card(home: Path, card: dict[str, Any], folder: str | None = None) -> None:
    """Write *card* to *folder*, by default one for its source alone."""
    Home(home).make()
    place = home / "cards" / (folder or card["id"])
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{card['id']}.yaml").write_text(json.dumps(card))


def name_run(night: date, source_id: str) -> RunRef:
    return RunRef(dag_id=source_id, run_id=str(night))


def main(home: Path, night: date, folder: str, connect_to: str = "") -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with Archive(build_settings(home, night, folder, connect_to)) as archive:
        sources = [path.stem for path in sorted((home / "cards" / folder).iterdir())]
        for shard in tasks.plan_night(archive, name_run(night, folder), only=sources):
            tasks.crawl_shard(archive, shard, last_try=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), *sys.argv[3:])
