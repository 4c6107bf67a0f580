"""Drills of what is not in the bucket: catalog or coordination is lost, between two nights or in mid-run."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from storage.objects import S3Settings
from tests.drills.conftest import Copy, Score
from tests.drills.origin import DatedOrigin
from tests.drills.results import finish
from tests.drills.stage import Stage
from tests.waiting import HANGS_SECONDS, wait_for

pytestmark = pytest.mark.drill

PARTS = ("catalog", "coordination")
ANSWERS = 40


def lose(stage: Stage, part: str) -> None:
    lost = list(stage.home.glob(f"{part}*.sqlite*"))
    assert lost
    for path in lost:
        path.unlink()


@pytest.mark.parametrize("part", PARTS)
def test_it_is_lost_between_two_nights(part: str, passed: Stage, copy: Copy, score: Score) -> None:
    stage = copy(passed)
    lose(stage, part)
    result = finish(stage, f"lost {part}")
    said = stage.say("rebuild")
    assert said.returncode == 0, said.stderr
    rebuilt = stage.judge(asked=12)
    score(result._replace(wrong=[*result.wrong, *rebuilt.wrong, *rebuilt.twice], lost=[*result.lost, *rebuilt.lost]))


@pytest.mark.parametrize("part", PARTS)
def test_it_is_lost_in_the_middle_of_a_crawl(
    part: str, tmp_path: Path, s3_settings: S3Settings, origin: DatedOrigin, score: Score
) -> None:
    stage = Stage(tmp_path, s3_settings, origin)
    origin.newspapers.hold_after(ANSWERS)
    night = threading.Thread(target=stage.pass_night)
    night.start()
    wait_for(lambda: len(origin.rows()) >= ANSWERS or not night.is_alive())
    lose(stage, part)
    origin.newspapers.release()
    night.join(HANGS_SECONDS)
    assert not night.is_alive()
    score(finish(stage, f"lost {part} in mid-run"))
