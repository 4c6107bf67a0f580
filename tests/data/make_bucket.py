"""How tests/data/bucket-1 was made: ``python -m tests.data.make_bucket DIRECTORY``, from pages of the demo newspapers.

A bucket of a released schema is never made again: what was written then must be read for ever. A new schema gets a
directory of its own.

El Faro, two nights: three stories of the day each, of which the night after amends one, takes one away and leaves one.
The Vale Courier, the second night: killed on the way, and committed late.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hemeroteca.archive import tasks
from hemeroteca.demo import Newspapers, read_served_log
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.objects import S3Settings
from tests.archive.homes import demo_card, make_home, open_home, pass_night, run_of
from tests.archive.running_crawl import kill_once

FIRST = date(2026, 11, 23)
THREE_STORIES = [r"-[123]\.html$"]  # of a day's: amended, gone, and untouched the night after


def main(directory: Path) -> None:
    directory.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place, use_embedded_s3(Home(Path(place) / "s3")) as s3:
        _crawl(Path(place), s3)
        store = open_home(Path(place) / "home", s3).store
        for key in store.list_keys(""):
            if not key.startswith("tables/"):
                path = directory / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(store.read(key))


def _crawl(place: Path, s3: S3Settings) -> None:
    ledger = place / "origin.jsonl"
    home = make_home(place / "home", _card("faro"), _card("courier", enabled=False, delay_seconds=0.3))
    with Newspapers(ledger=ledger, night=FIRST) as newspapers:
        first = open_home(home, s3, FIRST, connect_to=newspapers.connect_to)
        pass_night(first)
        first.close()
        newspapers.set_night(FIRST + timedelta(days=1))
        second = open_home(home, s3, FIRST + timedelta(days=1), connect_to=newspapers.connect_to)
        run = run_of(second, "killed")
        (shard,) = tasks.plan_night(second, run, only=["demo-courier"])
        asked = len(read_served_log(ledger))
        kill_once(second, shard, lambda: len(read_served_log(ledger)) >= asked + 4, "demo-courier")
        tasks.build_tables(second, run)
        pass_night(second)
        second.close()


def _card(name: str, **changes: object) -> dict[str, object]:
    host = f"http://{name}.hemeroteca.test"
    feed = {"kind": "feed", "url": f"{host}/atom.xml"}
    return demo_card(name, discoveries=[feed], include=THREE_STORIES, **changes)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
