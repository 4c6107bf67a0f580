"""A crawl process begins each source when its task comes, and ends when it has ended the last."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.further_tasks import add_task, end_tasks, read_further_tasks
from spiders.job import CrawlTask
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, feed
from tests.waiting import wait_for

NAMES = ("one", "two", "three")


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        for name in NAMES:
            press.put(f"http://{name}.test/feed", feed(f"http://{name}.test/a"))
            press.put(f"http://{name}.test/a", f"<p>{name}")
        yield press


@pytest.fixture
def tasks(tmp_path: Path) -> list[CrawlTask]:
    return [task_of(tmp_path / "spool", card(f"aa-{name}", f"{name}.test")) for name in NAMES]


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
    add_task(further, tasks[2])
    end_tasks(further)
    run.wait()
    for number, name in enumerate(NAMES):
        assert run.ends(number)[f"http://{name}.test/a"] == "captured"


def test_a_task_is_read_once_its_line_is_whole(tasks: list[CrawlTask], further: Path) -> None:
    line = tasks[0].model_dump_json().encode() + b"\n"

    async def read() -> None:
        found = read_further_tasks(further)
        first = asyncio.ensure_future(anext(found))
        further.write_bytes(line[:100])
        await asyncio.sleep(0)  # it has looked once
        with further.open("ab") as file:
            file.write(line[100:])
        assert await first == tasks[0]
        end_tasks(further)
        assert [one async for one in found] == []

    asyncio.run(read())


def test_a_stop_while_it_waits_for_tasks_is_no_success(press: Press, tasks: list[CrawlTask], further: Path) -> None:
    run = Run(press, tasks[0], further=further)
    wait_for(lambda: run.ended(0) is not None)
    os.kill(run.process.pid, signal.SIGTERM)
    run.wait(3)
