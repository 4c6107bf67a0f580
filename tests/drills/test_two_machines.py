"""Drills of two machines: both have the spool of one attempt, and the one that comes back has more of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from storage.objects import S3Settings
from tests.archive.running_crawl import kill_after
from tests.drills.conftest import Score
from tests.drills.origin import DatedOrigin
from tests.drills.results import finish
from tests.drills.stage import Stage

pytestmark = pytest.mark.drill

ANSWERS = 30
SMALL_BYTES = 40_000


@pytest.mark.parametrize("kept", [0.3, 0.9])
@pytest.mark.parametrize("warc_max_bytes", [SMALL_BYTES, None], ids=["several files", "one file"])
def test_a_machine_comes_back_with_more_than_was_committed_of_its_attempt(
    kept: float, warc_max_bytes: int | None, tmp_path: Path, s3_settings: S3Settings, origin: DatedOrigin, score: Score
) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    first = Stage(folder, s3_settings, origin, warc_max_bytes=warc_max_bytes)
    with first.open() as archive:
        shard, *_ = tasks.plan_night(archive, first.run())
        kill_after(archive, shard, origin, ANSWERS)
    first.note_unsure()
    second = take_over(first, tmp_path / "second", kept)
    second.pass_night()
    first.pass_night()
    score(finish(first, "two machines"))


def take_over(first: Stage, folder: Path, kept: float) -> Stage:
    """Return another machine that works on the same bucket, with a spool that a broken copy has left it."""
    shutil.copytree(first.home, folder / "home")
    for path in (folder / "home/spool").rglob("*.warc.gz*"):
        if path.suffix != ".json":
            content = path.read_bytes()
            path.write_bytes(content[: int(len(content) * kept)])
    second = Stage(folder, first.s3, first.origin, **first.settings)
    second.unsure = first.unsure
    return second
