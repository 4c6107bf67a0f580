"""A crawl process begins each source when its task comes, and ends when it has ended the last."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.further_tasks import add_task, end_tasks
from spiders.job import CrawlTask
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, feed
from tests.waiting import wait_for

NAMES = ("one", "two", "three")


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        for name in NAMES:
            press.put(f"http://{name}.test/feed", feed("/a"))
            press.put(f"http://{name}.test/a", f"<p>{name}")
        yield press


@pytest.fixture
def tasks(tmp_path: Path) -> list[CrawlTask]:
    return [task_of(tmp_path / "spool", card(f"{name}.test", id=f"aa-{name}")) for name in NAMES]


@pytest.fixture
def further(tmp_path: Path) -> Path:
    path = tmp_path / "further.ndjson"
    path.touch()
    return path


def test_each_is_begun_at_once_and_none_waits_for_the_next(press: Press, tasks: list[CrawlTask], further: Path) -> None:
    run = Run(press, tasks[0], further=further)
    run.tasks = tuple(tasks)
    wait_for(lambda: run.ended(0) is not None)
    add_task(further, tasks[1])
    wait_for(lambda: run.ended(1) is not None)
    assert run.process.poll() is None, "more may come"
    line = tasks[2].model_dump_json().encode() + b"\n"
    with further.open("ab", buffering=0) as file:
        file.write(line[:100])  # as it may be seen while it is written
        wait_for(lambda: run.process.poll() is None)
        file.write(line[100:])
    end_tasks(further)
    run.wait()
    for number, name in enumerate(NAMES):
        assert run.ends(number)[f"http://{name}.test/a"] == "captured"


def test_a_stop_while_it_waits_for_tasks_is_no_success(press: Press, tasks: list[CrawlTask], further: Path) -> None:
    run = Run(press, tasks[0], further=further)
    wait_for(lambda: run.ended(0) is not None)
    os.kill(run.process.pid, signal.SIGTERM)
    run.wait(3)
