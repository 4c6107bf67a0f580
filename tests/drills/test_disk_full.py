"""Drills of the full disk: that of the spool, and that of the store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.objects import S3Settings
from tests.drills.conftest import Score
from tests.drills.origin import DatedOrigin
from tests.drills.power import PoweredStage, UnsyncedVolumes
from tests.drills.results import finish
from tests.drills.stage import Stage

pytestmark = [pytest.mark.drill, pytest.mark.skipif(os.geteuid() != 0, reason="root alone mounts disks")]

SPOOL_BYTES = (200_000, 420_000)


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("size", SPOOL_BYTES)
def test_the_spools_disk_is_full(
    size: int, tmp_path: Path, s3_settings: S3Settings, origin: DatedOrigin, score: Score
) -> None:
    stage = Stage(tmp_path, s3_settings, origin, disk_free_bytes=0)
    with mounted(stage.home / "spool", size):
        stage.pass_night()
        stage.note_unsure()
        subprocess.run(["mount", "-o", "remount,size=64m", str(stage.home / "spool")], check=True)
        stage.pass_night()
        score(finish(stage, "disk full, spool"))


def test_the_stores_disk_is_full(tmp_path: Path, origin: DatedOrigin, score: Score) -> None:
    stage = PoweredStage(tmp_path, origin, UnsyncedVolumes)
    try:
        fill = stage.disk.data / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={fill}", "bs=64k"], check=False, capture_output=True)
        stage.pass_night()
        fill.unlink()
        stage.disk.note_sync()
        stage.cut_power()
        stage.pass_night()
        score(finish(stage, "disk full, store"))
    finally:
        stage.stop()
