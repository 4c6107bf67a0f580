"""The directory of one attempt, while its crawl process works in it: lock, attempt.json, ledgers, ended.json."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from spiders.job import AttemptNote, CrawlTask, EndNote
from storage import keys
from storage.files import open_replacement, read_process, replace_whole
from storage.model.errors import StorageError, disk_error
from storage.model.outcome import Outcome
from storage.spool import attempt_lock

_LOCK_SECONDS = 2.0  # our parent may have it for a moment
_JOURNAL_SECONDS = 1.0
_JOURNAL_LINES = 1000


class Journal:
    """``discovered.jsonl``: URLs as they are discovered, written within a second, so that a crawl that breaks off can
    be accounted for.

    ``note`` needs a running loop. When a line cannot be written, the next ``note`` raises StorageError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: dict[str, Outcome] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._fault: OSError | None = None

    def note(self, outcome: Outcome) -> None:
        """Write *outcome* soon; it replaces an earlier one of the same URL that is still waiting."""
        if self._fault:
            raise disk_error(f"{self._path}: not written", self._fault) from self._fault
        self._waiting[outcome.url] = outcome
        if len(self._waiting) >= _JOURNAL_LINES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_JOURNAL_SECONDS, self.flush)

    def flush(self) -> None:
        """Append what is waiting. It is not synced: like the records, it must survive the process, not the machine."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines = b"".join(outcome.to_line() + b"\n" for outcome in self._waiting.values())
        self._waiting.clear()
        if lines and not self._fault:  # no line may follow one that was cut
            try:
                with self._path.open("ab") as file:
                    file.write(lines)
            except OSError as error:
                self._fault = error


class AttemptDirectory:
    """``{spool}/{crawl}/{nonce}``, locked from the start until ``release``.

    Raises StorageError when another process has it, when it was begun before, or when the disk refuses.
    """

    def __init__(self, task: CrawlTask) -> None:
        self.path = task.directory
        self.journal = Journal(self.path / "discovered.jsonl")
        self._task = task
        self._lock = attempt_lock(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(f"{self.path}: attempt not begun", error) from error
        if not self._lock.acquire(_LOCK_SECONDS):
            raise StorageError(f"{self.path}: another process is working on it")
        if (self.path / "ended.json").exists() or any(self.path.glob("*.warc.gz*")):
            self.release()
            raise StorageError(f"{self.path}: already begun; a new try needs its own nonce")
        process = read_process(os.getpid())
        assert process is not None
        note = AttemptNote(
            crawl=task.crawl, source=task.source, attempt=task.attempt, pid=process.pid, pid_started=process.started
        )
        replace_whole(self.path / "attempt.json", note.model_dump_json(by_alias=True))

    def warc_name(self, serial: int) -> str:
        return keys.warc_name(self._task.attempt, serial)

    def end(self, lines: Iterable[bytes], note: EndNote) -> None:
        """Write the ledger, then ended.json, then release the lock."""
        try:
            with open_replacement(self.path / "ledger.jsonl") as file:
                file.writelines(line + b"\n" for line in lines)
        except OSError as error:
            raise disk_error(f"{self.path}: ledger not written", error) from error
        replace_whole(self.path / "ended.json", note.model_dump_json(by_alias=True))
        self.release()

    def release(self) -> None:
        self.journal.flush()
        self._lock.release()


def read_outcome_lines(path: Path | None) -> Iterator[Outcome]:
    """Yield the outcomes of a file, one a line; none when *path* is None. Raises StorageError for any other line."""
    if path is None:
        return
    try:
        with path.open() as file:
            for line in file:
                yield Outcome.model_validate_json(line)
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: not read: {error}") from error
