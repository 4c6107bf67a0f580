"""Drills of the power cut: the store loses what it had not written to its disk; spool and catalog are on another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from tests.archive.dying import Died, dying
from tests.drills.conftest import Score
from tests.drills.origin import DatedOrigin
from tests.drills.power import Disk, Ext4, PoweredStage, UnsyncedVolumes, noting_syncs
from tests.drills.results import finish

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mkfs.ext4"), reason="root alone mounts disks"),
]

DISKS = (Ext4, UnsyncedVolumes)
CUTS = ((Ext4, 3), (Ext4, 8), (UnsyncedVolumes, 1), (UnsyncedVolumes, 3), (UnsyncedVolumes, 4))
"""On which disk, and after which put of a crawl, the power goes: among its objects, before its manifest, after it."""


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, origin: DatedOrigin) -> Iterator[PoweredStage]:
    stage = PoweredStage(tmp_path, origin, request.param)
    yield stage
    stage.stop()


@pytest.mark.parametrize(("stage", "put"), CUTS, indirect=["stage"])
def test_the_power_goes_while_a_crawl_is_committed(stage: PoweredStage, put: int, score: Score) -> None:
    disk = stage.disk
    disk.note_sync()
    with noting_syncs(disk), stage.open() as archive:
        shards = tasks.plan_night(archive, stage.run())
        with suppress(Died), dying(archive.store, put, answered=True):
            for shard in shards:
                tasks.crawl_shard(archive, shard, last_try=False)
        disk.remember()
    stage.note_unsure()
    stage.cut_power()
    stage.pass_night()
    score(finish(stage, f"power cut, {type(disk).__name__}"))


@pytest.mark.parametrize("stage", DISKS, indirect=True)
def test_the_power_goes_after_a_night(stage: PoweredStage, score: Score) -> None:
    disk: Disk = stage.disk
    disk.note_sync()
    with noting_syncs(disk):
        assert stage.pass_night()
        disk.remember()
    stage.cut_power()
    score(finish(stage, f"power cut after the night, {type(disk).__name__}"))
