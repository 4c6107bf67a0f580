"""Drills of ``kill -9``: a night's task, again and again; ``rebuild``; ``reextract --publish``."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from storage.objects import S3Settings
from tests.drills import store_faults
from tests.drills.conftest import Copy, Score
from tests.drills.origin import DatedOrigin
from tests.drills.results import finish
from tests.drills.stage import NAMES, SEED, Stage, small_card
from tests.drills.store_proxy import StoreProxy
from tests.e2e.home import COMMAND
from tests.waiting import HANGS_SECONDS

pytestmark = pytest.mark.drill

NIGHT = (sys.executable, "-m", "tests.drills.night_process")
MOST_REQUESTS = 90
KILLS = 4
SEEDS = (SEED, SEED + 1)


def kill(stage: Stage, proxy: StoreProxy, command: tuple[str, ...], chance: random.Random, most: int) -> bool:
    """Start a command and kill it at a request to the store by chance; False when it ended before."""
    through = proxy.settings
    direct, stage.s3 = stage.s3, through
    process = stage.start(*command)
    stage.s3 = direct
    proxy.rules.clear()
    proxy.strike(store_faults.die(process, chance.randint(1, most), chance.random() < 0.5))
    status = process.wait(HANGS_SECONDS)
    proxy.rules.clear()
    wait_for_session(process)
    stage.note_unsure()
    return status == -9


def wait_for_session(process: subprocess.Popen[bytes]) -> None:
    """Return when nothing of the session is left: crawl processes are of other sessions and die with their parent."""
    subprocess.run(["sleep", "0.5"], check=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_task_is_killed_again_and_again(
    seed: int, tmp_path: Path, s3_settings: S3Settings, origin: DatedOrigin, score: Score
) -> None:
    stage, chance = Stage(tmp_path, s3_settings, origin), random.Random(seed)
    with StoreProxy(s3_settings) as proxy:
        assert sum(kill(stage, proxy, NIGHT, chance, MOST_REQUESTS) for _ in range(KILLS)) > 1
    stage.pass_night()
    score(finish(stage, "kill -9 of a task")._replace(tries=KILLS))


@pytest.mark.parametrize("seed", SEEDS)
def test_rebuild_is_killed(seed: int, passed: Stage, copy: Copy, score: Score) -> None:
    stage, chance = copy(passed), random.Random(seed)
    with StoreProxy(stage.s3) as proxy:
        assert kill(stage, proxy, (COMMAND, "rebuild"), chance, 20)
    score(finish(stage, "kill -9 of rebuild"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reextraction_is_killed_as_it_publishes(seed: int, passed: Stage, copy: Copy, score: Score) -> None:
    stage, chance = copy(passed), random.Random(seed)
    for name in NAMES:
        card = small_card(name, text={"drop": [".nowhere"]})  # another extractor, which finds the same
        (stage.home / "cards" / f"{card['id']}.yaml").write_text(json.dumps(card))
    with StoreProxy(stage.s3) as proxy:
        assert kill(stage, proxy, (COMMAND, "reextract", "--publish"), chance, 60)
    said = stage.say("reextract", "--publish")
    assert said.returncode == 0, said.stderr
    score(finish(stage, "kill -9 of reextract --publish"))
