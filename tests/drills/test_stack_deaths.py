"""Drills of the stack: ``kill -9`` of a task, of the scheduler and of ``hemeroteca up`` in the middle of a night."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive, embedded_s3_settings
from tests.cli.conftest import Said
from tests.drills.conftest import Score
from tests.drills.origin import DatedOrigin
from tests.drills.results import finish
from tests.drills.stage import FIRST, Stage, place_of
from tests.e2e.home import Home
from tests.services.processes import command_line, family_of
from tests.waiting import HANGS_SECONDS, wait_for

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]

ANSWERS = 40


class StackStage(Stage):
    """An archive whose nights pass through Airflow, beside a running ``hemeroteca up``."""

    def __init__(self, folder: Path, origin: DatedOrigin) -> None:
        connect_to = origin.newspapers.connect_to
        (folder / "home").mkdir(mode=0o700)
        self.up = Home(folder / "home", HEMEROTECA_CONNECT_TO=connect_to, HEMEROTECA_CRAWL_SLOTS="1")
        self.up.start()
        self.up.set_today(FIRST)
        super().__init__(folder, embedded_s3_settings(self.up.settings.home), origin)

    def open(self) -> Archive:
        return Archive(self.up.settings)

    def pass_night(self) -> bool:
        return self.say("nightly", "--night", str(self.night)).returncode == 0

    def turn_night(self) -> None:
        super().turn_night()
        self.up.set_today(self.night)

    def say(self, *arguments: str) -> Said:
        said = self.up.command(*arguments)
        return Said(said.returncode, said.stdout.encode(), said.stderr)

    def crawl_until(self, answers: int) -> None:
        """Begin tonight's run, if none is under way, and return when the newspapers have answered so often more."""
        wanted = len(self.origin.rows()) + answers
        if not self.up.client.list_runs("nightly_crawl", ("queued", "running")):
            self.up.trigger("nightly_crawl", {}, self.night)
        wait_for(lambda: len(self.origin.rows()) >= wanted and self.up.crawl_processes())

    def kill(self, pid: int) -> None:
        """``kill -9`` one process of the stack; start ``up`` again where that ends it."""
        sent, spooled = set(self.origin.sent()), self.spooled()
        ends_up = pid in (self.up.up.pid, the_scheduler(self))
        os.kill(pid, signal.SIGKILL)
        if ends_up:
            self.up.up.wait(HANGS_SECONDS)
            self.up.start()
            self.s3 = embedded_s3_settings(self.up.settings.home)
            self.place = place_of(self.s3)
        self.note_unsure(sent, spooled)


def a_task(stage: StackStage) -> int:
    """Return the process of the task that waits for a crawl process."""
    crawl = next(iter(stage.up.crawl_processes()))
    return int(Path(f"/proc/{crawl}/stat").read_text().rpartition(")")[2].split()[1])


def the_scheduler(stage: StackStage) -> int:
    family = sorted(family_of(stage.up.up.pid), key=lambda process: process.started)
    return next(process.pid for process in family if b"scheduler" in command_line(process))


def up_itself(stage: StackStage) -> int:
    return stage.up.up.pid


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackStage]:
    folder = tmp_path_factory.mktemp("stack")
    origin = DatedOrigin(folder / "origin.jsonl", FIRST)
    stage = StackStage(folder, origin)
    yield stage
    stage.up.stop()
    origin.stop()


def test_each_is_killed_in_the_middle_of_a_night(stage: StackStage, score: Score) -> None:
    victims = (a_task, the_scheduler, up_itself)
    for number, find in enumerate(victims):
        if number:
            stage.turn_night()
        stage.crawl_until(ANSWERS)
        stage.kill(find(stage))
        stage.pass_night()
    score(finish(stage, "kill -9 of a task, the scheduler, `up`")._replace(tries=len(victims)))
