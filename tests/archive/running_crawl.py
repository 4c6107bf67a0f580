"""Crawling a shard in a thread, to kill its crawl process on the way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from spiders.job import AttemptNote
from storage.captures.index import index_warc
from storage.model.errors import CrawlDiedError
from storage.model.outcome import Outcome
from storage.warc.members import mend_warc
from tests.archive.homes import Origin
from tests.waiting import HANGS_SECONDS, wait_for


def notes(archive: Archive, source_id: str = "demo-faro") -> list[AttemptNote]:
    """Return the attempts at the night's crawl whose process is known."""
    found = archive.settings.home.spool.glob(f"{source_id}-*/*/attempt.json")
    read = [AttemptNote.model_validate_json(path.read_text()) for path in found]
    return [note for note in read if note.pid]


def directory_of(archive: Archive, note: AttemptNote) -> Path:
    return archive.settings.home.spool / note.crawl.id / note.attempt.nonce


class Crawling:
    """``crawl_shard`` in a thread; ``fault`` is what it raised."""

    def __init__(self, archive: Archive, shard: str, last_try: bool = False) -> None:
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._crawl, args=(archive, shard, last_try))
        self._thread.start()

    def _crawl(self, archive: Archive, shard: str, last_try: bool) -> None:
        try:
            tasks.crawl_shard(archive, shard, last_try)
        except BaseException as error:
            self.fault = error

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(HANGS_SECONDS)
        assert self.ended


def kill_once(archive: Archive, shard: str, happened: Callable[[], bool], source_id: str = "demo-faro") -> AttemptNote:
    """Crawl *shard*, kill its crawl process as soon as it *happened*, and return the attempt at a source that was."""
    before = notes(archive, source_id)
    crawling = Crawling(archive, shard)
    wait_for(lambda: len(notes(archive, source_id)) > len(before) or crawling.ended)
    (note,) = (note for note in notes(archive, source_id) if note not in before)
    wait_for(lambda: happened() or crawling.ended)
    assert note.pid
    os.kill(note.pid, signal.SIGKILL)
    crawling.join()
    assert isinstance(crawling.fault, CrawlDiedError), crawling.fault
    return note


def kill_after(archive: Archive, shard: str, origin: Origin, answers: int, source_id: str = "demo-faro") -> AttemptNote:
    """Crawl *shard* until its newspapers have given so many *answers* more, then kill its process as ``kill_once``."""
    wanted = len(origin.rows()) + answers
    origin.newspapers.hold_after(answers)
    note = kill_once(archive, shard, lambda: len(origin.rows()) >= wanted, source_id)
    origin.newspapers.drop()
    return note


def acknowledged(archive: Archive, note: AttemptNote, copy: Path) -> dict[str, Outcome]:
    """Return how the exchanges ended that an attempt had acknowledged, from a copy of its files."""
    found: dict[str, Outcome] = {}
    for path in sorted(directory_of(archive, note).glob("*.warc.gz*")):
        target = copy / path.name
        target.write_bytes(path.read_bytes())
        mend_warc(target)
        if target.stat().st_size:
            found |= {outcome.url: outcome for outcome in index_warc(target, note.crawl, "warc/x").outcomes}
    return found
