"""Fixtures of the drills: an archive with a night, to be copied, and the result of a drill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import S3Server
from tests.drills.origin import DatedOrigin
from tests.drills.results import DrillResult
from tests.drills.stage import FIRST, Stage, copy_stage


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Stage]:
    """An archive whose first night is crawled and committed, and not yet cleaned: for copies of it."""
    folder = tmp_path_factory.mktemp("crawled")
    origin = DatedOrigin(folder / "origin.jsonl", FIRST)
    stage = Stage(folder, s3_server.new_prefix(), origin)
    stage.crawl()
    yield stage
    origin.stop()


@pytest.fixture(scope="session")
def passed(crawled: Stage, tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Stage]:
    """The same with its first night whole and green."""
    stage = copy_stage(crawled, tmp_path_factory.mktemp("passed"), s3_server.new_prefix())
    assert stage.pass_night()
    assert stage.judge().faults == []
    yield stage
    stage.origin.stop()


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[DatedOrigin]:
    origin = DatedOrigin(tmp_path / "origin.jsonl", FIRST)
    yield origin
    origin.stop()


Copy = Callable[[Stage], Stage]


@pytest.fixture
def copy(tmp_path: Path, s3_server: S3Server) -> Iterator[Copy]:
    """Copy an archive, to be harmed."""
    made: list[Stage] = []

    def make(stage: Stage) -> Stage:
        folder = tmp_path / f"copy-{len(made)}"
        folder.mkdir()
        made.append(copy_stage(stage, folder, s3_server.new_prefix()))
        return made[-1]

    yield make
    for stage in made:
        stage.origin.stop()


Score = Callable[[DrillResult], None]


@pytest.fixture
def score(record_property: Callable[[str, object], None]) -> Score:
    """Note what a drill came to for the table, and hold it to what is promised."""

    def note(result: DrillResult) -> None:
        record_property("drill", result._asdict())  # which passes between the processes of `pytest -n`
        if result.faults:
            pytest.fail("\n".join([result.drill, *result.sum_up()]), pytrace=False)

    return note
