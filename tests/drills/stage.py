"""The stage of a drill: an archive of three small newspapers, their nights, and what its commands say afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import traceback
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.configuration import CHECKOUT
from storage.model.errors import FixityError, HemerotecaError, StorageError
from storage.objects import S3Settings
from tests.archive.homes import demo_card, make_home, open_home
from tests.cli.conftest import Said, call
from tests.drills.evidence import Place, open_client, read_acknowledged, read_evidence, read_records
from tests.drills.judge import Judge, Printed, Verdict
from tests.drills.origin import DatedOrigin

FIRST = date(2026, 3, 1)
NAMES = {"faro": "es", "courier": "en", "anzeiger": "de"}
VICTIM, *SIBLINGS = (f"demo-{name}" for name in NAMES)
SEED = int(os.environ.get("DRILL_SEED", "1"))
"""What chance is drawn from: ``make drills SEED=7``."""
TRIES = 3
"""How often a step is tried, as the DAGs do."""
_ASKED = 4


def small_card(name: str, **changes: Any) -> dict[str, Any]:
    """Return the card of a demo newspaper that reads its RSS feed alone: some twenty articles a night."""
    feed = {"kind": "feed", "url": f"http://{name}.hemeroteca.test/rss.xml"}
    return demo_card(name, discoveries=[feed], **changes)


class Stage:
    """One archive at *s3*; ``night`` is the one that is crawled next."""

    def __init__(self, folder: Path, s3: S3Settings, origin: DatedOrigin, night: date = FIRST, **settings: Any) -> None:
        self.folder, self.s3, self.origin, self.night = folder, s3, origin, night
        self.place = place_of(s3)
        """Where the judge finds the bucket: past any proxy that ``s3`` leads through later."""
        self.home = folder / "home"
        self.settings = settings
        self.unsure: set[str] = set()
        """Nonces and record ids of what a kill cut short, or the drill itself destroyed."""
        self.harmed: set[str] = set()
        """Keys that the drill itself damaged at rest."""
        self.siblings: list[str] = []
        """The newspapers that the fault leaves alone: theirs is whole before anything is healed."""
        if not self.home.exists():
            make_home(self.home, *(small_card(name) for name in NAMES))

    def open(self) -> Archive:
        connect_to = self.origin.newspapers.connect_to
        return open_home(
            self.home, self.s3, self.night, connect_to=connect_to, **({"grace_seconds": 2} | self.settings)
        )

    def crawl(self) -> list[str]:
        """Plan tonight and crawl it, and return the shards: nothing is cleaned."""
        with self.open() as archive:
            run = self.run()
            shards = tasks.plan_night(archive, run)
            for shard in shards:
                take(partial(tasks.crawl_shard, archive, shard), is_crawl=True)
            return shards

    def run(self) -> RunRef:
        return RunRef(dag_id="drill", run_id=f"nightly/{self.night}")

    def pass_night(self) -> bool:
        """Take tonight from plan to report as the DAG does, and say whether it was green."""
        with self.open() as archive:
            try:
                shards = tasks.plan_night(archive, self.run())
            except HemerotecaError:
                return False
            return take_steps(archive, self.run(), shards)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command on this archive in a session of its own, to be killed."""
        exported = {f"HEMEROTECA_{name.upper()}": value for name, value in self.exported().items()}
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("HEMEROTECA_", "AIRFLOW"))
        }
        return subprocess.Popen(
            command,
            env=inherited | exported | {"HEMEROTECA_HOME": str(self.home)},
            cwd=CHECKOUT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def spooled(self) -> set[str]:
        """Return the nonces of responses that were acknowledged in a WARC file of the spool, closed or not."""
        files = [path for path in (self.home / "spool").rglob("*.warc.gz*") if path.suffix in (".gz", ".open")]
        return {record.nonce for path in files for record in read_acknowledged(path.name, path.read_bytes())}

    def note_unsure(self, sent: Iterable[str] | None = None, spooled: Iterable[str] | None = None) -> None:
        """Note which responses nobody had acknowledged when a process was killed: they are in no spool, in no bucket.

        *sent* is what the newspapers had sent by then, *spooled* what was in the spool; by default as it is now.
        """
        kept = set(self.spooled() if spooled is None else spooled)
        for key, one in read_evidence(self.place).objects.items():
            if key.startswith("warc/"):
                kept |= {record.nonce for record in read_records(key, one.content)}
        self.unsure |= set(self.origin.sent() if sent is None else sent) - kept

    def turn_night(self) -> None:
        """Go on to the next night."""
        self.night += timedelta(days=1)
        self.origin.set_night(self.night)

    def say(self, *arguments: str) -> Said:
        """Run a command on this archive, in this process."""
        try:
            return call(self.home, *arguments, **self.exported())
        except Exception:
            return Said(70, b"", traceback.format_exc())

    def exported(self) -> dict[str, str]:
        """Return the settings of this archive as its user exports them, in lower case and without HEMEROTECA."""
        place = place_of(self.s3)
        return {
            "demo": "1",
            "today": str(self.night),
            "seeds": str(self.home / "cards"),
            "s3_endpoint": place.endpoint,
            "s3_bucket": place.bucket,
            "s3_prefix": place.prefix,
            "s3_access_key": place.access_key,
            "s3_secret_key": place.secret_key,
            "s3_addressing": "path",
            "connect_to": self.origin.newspapers.connect_to,
            **{name: str(value) for name, value in self.settings.items() if value is not None},
        }

    def judge(self, seed: int = 0, urls: Iterable[str] = (), asked: int = _ASKED) -> Verdict:
        """Judge the bucket, and what ``ls`` and ``get`` print of *urls* and of some captures by chance."""
        judge = Judge(read_evidence(self.place), self.origin.sent(), self.unsure)
        verdict = judge.judge()
        sent = self.origin.sent()
        articles = [
            one for one in judge.captures() if (told := sent.get(one.nonce)) and told.text and one.status == 200
        ]
        chosen = random.Random(seed).sample(articles, min(asked, len(articles)))
        wanted = set(urls)
        for one in [*(one for one in articles if one.url in wanted), *chosen]:
            said = self.say("get", one.url, "--at", one.date)
            printed = Printed(one.url, one.date, said.returncode, said.stdout, said.stderr)
            if (fault := judge.judge_printed(printed)) is not None:
                verdict.wrong.append(fault)
            said = self.say("ls", one.url, "--json")
            rows = [json.loads(line) for line in said.stdout.splitlines()]
            listed = [(row["date"], row["status"]) for row in rows if row["target_uri"] == one.url]
            verdict.wrong += judge.judge_listed(one.url, listed, said.stderr)
        return verdict


def take_steps(archive: Archive, run: RunRef, shards: Iterable[str]) -> bool:
    """Take every step of *run* as the DAG does, whatever the one before came to, and say whether the run is green."""
    for shard in shards:
        take(partial(tasks.crawl_shard, archive, shard), is_crawl=True)
        take(partial(tasks.clean_shard, archive, shard))
        take(partial(tasks.publish_shard, archive, shard))
    take(partial(tasks.build_tables, archive, run))
    try:
        tasks.judge_run(archive, run)
    except HemerotecaError:
        return False
    return True


def take(step: Callable[..., object], is_crawl: bool = False) -> bool:
    """Take a step as often as the DAGs try it; a fault of the store is tried again, damage is not."""
    for number in range(TRIES):
        try:
            if is_crawl:
                step(last_try=number == TRIES - 1)
            else:
                step()
            return True
        except FixityError:
            return False
        except StorageError:
            continue
        except HemerotecaError:
            return False
    return False


def place_of(s3: S3Settings) -> Place:
    assert s3.endpoint_url and s3.access_key and s3.secret_key
    return Place(s3.endpoint_url, s3.bucket, s3.prefix, s3.access_key, s3.secret_key.get_secret_value())


def copy_stage(stage: Stage, folder: Path, s3: S3Settings) -> Stage:
    """Return the same archive at another place in the bucket and on the disk, with newspapers of its own."""
    copy_objects(stage.place, place_of(s3))
    shutil.copytree(stage.home, folder / "home")
    shutil.copy(stage.origin.ledger, folder / "origin.jsonl")
    origin = DatedOrigin(folder / "origin.jsonl", stage.night, list(stage.origin.nights))
    return Stage(folder, s3, origin, stage.night, **stage.settings)


def copy_objects(ours: Place, theirs: Place) -> None:
    """Copy every object with its metadata to another prefix."""
    client = open_client(ours)
    for key, one in read_evidence(ours).objects.items():
        client.put_object(Bucket=theirs.bucket, Key=theirs.prefix + key, Body=one.content, Metadata=one.metadata)
