"""Whole runs of ``python -m spiders.run`` in a process of their own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from spiders.crawl.attempt import read_outcome_lines
from spiders.job import CrawlTask, EndNote, Job
from storage.known import KnownCapture, KnownPending, write_moment
from storage.known_files import write_known
from storage.model.crawl import Attempt, Crawl, nightly_id
from storage.model.outcome import Outcome
from storage.model.source import Discovery, Source
from storage.warc.members import mend_warc
from storage.warc.reader import iter_records
from storage.warc.record import WarcRecord
from tests.waiting import HANGS_SECONDS, wait_for

NIGHT = date(2026, 11, 24)
CHECKOUT = Path(__file__).resolve().parents[2]
_nonces = itertools.count(1)


NO_WAITING = """
import asyncio, time
from datetime import timedelta
from types import SimpleNamespace

import spiders.manners.turns, spiders.wire.recorder

ahead, now = 0.0, spiders.wire.recorder.utc_now

async def sleep(seconds):
    global ahead
    ahead += seconds
    await asyncio.sleep(0)

spiders.wire.recorder.utc_now = lambda: now() + timedelta(seconds=ahead)
spiders.manners.turns.time = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead)
spiders.manners.turns.asyncio = SimpleNamespace(**(vars(asyncio) | {"sleep": sleep}))
"""
"""Time goes on by what a crawl would wait, and by what it takes."""


def card(source_id: str = "aa-paper", host: str = "paper.test", **fields: Any) -> Source:
    """The card of a newspaper on *host*, with one feed unless *fields* says otherwise."""
    plain = {
        "id": source_id,
        "title": "Paper",
        "homepage": f"http://{host}/",
        "language": "en",
        "discoveries": (Discovery(kind="feed", url=f"http://{host}/feed"),),
        "delay_seconds": 0.01,
        "allow_private": True,
    }
    return Source.model_validate(plain | fields)


def task_of(spool: Path, source: Source, night: date = NIGHT, **fields: Any) -> CrawlTask:
    started = datetime.now(UTC)
    crawl = Crawl(id=nightly_id(source.id, night), source_id=source.id, night=night, trigger="nightly", started=started)
    attempt = Attempt(crawl_id=crawl.id, nonce=f"{next(_nonces):08x}", started=started)
    return CrawlTask(crawl=crawl, source=source, attempt=attempt, spool=spool, **fields)


class Served(Protocol):
    """Newspapers that a run can be led to."""

    @property
    def connect_to(self) -> tuple[str, ...]: ...


class Run:
    """One crawl process, begun; ``wait`` for its end before looking at what it left."""

    def __init__(self, press: Served, *tasks: CrawlTask, environment: dict[str, str] | None = None, **job: Any) -> None:
        self.tasks = tasks
        job_file = tasks[0].spool / f"job-{next(_nonces)}.json"
        job_file.parent.mkdir(parents=True, exist_ok=True)
        fields = {"contact": "test@hemeroteca.test", "software_version": "0", "backoff_seconds": 0.02, **job}
        job_file.write_text(Job(tasks=tasks, connect_to=press.connect_to, **fields).model_dump_json())
        # files, not pipes: a pipe that nobody reads stops who writes to it
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115 (open as long as this is)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spiders.run", str(job_file)],
            cwd=CHECKOUT,
            env={**os.environ, **(environment or {})},
            stdout=self._out,
            stderr=self._err,
            start_new_session=True,
        )

    def wait(self, status: int | None = 0) -> Run:
        """Wait for the end, which must be with exit *status* (None: any)."""
        self.process.wait(timeout=HANGS_SECONDS)
        assert status is None or self.process.returncode == status, f"status {self.process.returncode}: {self.err}"
        return self

    def wait_for_log(self, event: str) -> None:
        """Wait until the process has logged *event*."""
        wait_for(lambda: f'"event": "{event}"' in self.err or self.process.poll() is not None)
        assert f'"event": "{event}"' in self.err, self.err

    @property
    def err(self) -> str:
        """What the process has logged so far."""
        return _text_of(self._err)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in _text_of(self._out).splitlines()]

    def directory(self, number: int = 0) -> Path:
        task = self.tasks[number]
        return task.spool / task.crawl.id / task.attempt.nonce

    def outcomes(self, number: int = 0) -> dict[str, Outcome]:
        return {outcome.url: outcome for outcome in read_outcome_lines(self.directory(number) / "ledger.jsonl")}

    def ended(self, number: int = 0) -> EndNote | None:
        path = self.directory(number) / "ended.json"
        return EndNote.model_validate_json(path.read_bytes()) if path.exists() else None

    def records(self, number: int = 0) -> list[WarcRecord]:
        """All records but warcinfo, of open files the whole ones."""
        found: list[WarcRecord] = []
        for path in sorted(self.directory(number).glob("*.warc.gz*")):
            if path.name.endswith(".open"):
                mend_warc(path)
            found += [record for record in iter_records(path) if record.type != "warcinfo"]
        return found

    def ends(self, number: int = 0) -> dict[str, str]:
        """Return how each URL ended, as ``state`` or ``state reason``."""
        return {url: f"{o.state} {o.reason}" if o.reason else o.state for url, o in self.outcomes(number).items()}

    def tally(self, number: int = 0) -> Counter[str]:
        return Counter(self.ends(number).values())


def _text_of(file: IO[bytes]) -> str:
    """Return all of *file*, at whose end another process may be writing."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()


def patched(directory: Path, code: str) -> dict[str, str]:
    """Return an environment in which *code* runs before anything else, in the crawl process alone.

    A process in which it fails ends at once: Python itself would only mention that, and go on without it.
    """
    path = directory / "site"
    path.mkdir()
    lines = ["try:", *(f"    {line}" for line in code.strip().splitlines())]
    lines += ["except BaseException:", "    import os, traceback", "    traceback.print_exc()", "    os._exit(99)"]
    (path / "sitecustomize.py").write_text("\n".join(lines) + "\n")
    return {"PYTHONPATH": f"{CHECKOUT}:{path}"}


def known_of(path: Path, outcomes: Iterable[Outcome], pending: Iterable[KnownPending] = (), **changes: Any) -> Path:
    """Write the file of what an archive holds after *outcomes*, and of what is *pending*."""
    write_known(
        path,
        [
            KnownCapture(
                url=one.url,
                record_id=one.record_id,
                target_uri=one.url,
                date=write_moment(one.fetched_at),
                payload_digest=one.payload_digest,
                body_digest=one.body_digest,
                etag=one.etag,
                last_modified=one.last_modified,
                last_night=str(one.night),
                purpose=one.purpose,
                distrust=one.distrust,
                distrusted=str(one.night) if one.distrust else None,
            )._replace(**changes)
            for one in outcomes
            if one.record_id and one.fetched_at and one.payload_digest and one.status == 200
        ],
        pending=pending,
    )
    return path
