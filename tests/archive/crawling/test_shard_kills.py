"""A crawl killed at any moment loses no exchange that it had acknowledged: the origin's ledger is the judge."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from storage.objects import S3Settings
from tests.archive.homes import Origin, check_committed, demo_card, ledger_of, make_home, open_home, plan, run_of
from tests.archive.running_crawl import acknowledged, kill_once

RESPONSES = 62
"""A whole crawl of El Faro's first night has some more."""


def kill_and_resume(seed: int, directory: Path, s3: S3Settings, origin: Origin, kills: int = 1) -> None:
    """Kill a crawl at *kills* random moments, crawl on to the end, and check the bucket against the origin's ledger."""
    chance = random.Random(seed)
    home = make_home(directory / "home", demo_card("faro", delay_seconds=0.01))
    archive = open_home(home, s3, connect_to=origin.newspapers.connect_to, warc_max_bytes=30_000)
    (shard,) = plan(archive, run_of(archive))
    had: dict[str, str] = {}
    for kill in range(kills):
        moment = len(origin.rows()) + chance.randrange(RESPONSES // kills)
        pause = chance.random() / 20

        def happened(moment: int = moment, pause: float = pause) -> bool:
            if len(origin.rows()) < moment:
                return False
            time.sleep(pause)  # a random part of a response, not a wait for one
            return True

        origin.newspapers.hold_after(RESPONSES)  # so that it does not end before
        note = kill_once(archive, shard, happened)
        origin.newspapers.drop()
        copy = directory / f"copy-{kill}"
        copy.mkdir()
        found = acknowledged(archive, note, copy).values()
        had |= {one.url: one.record_id for one in found if one.purpose == "article" and one.record_id}
    asked = len(origin.rows())
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = check_committed(archive, origin, lost=kills)
    outcomes = ledger_of(archive.store, manifest)
    assert {url: outcomes[url].record_id for url in had} == had, "what was acknowledged stands"
    again = {f"http://{row.host}{row.path}" for row in origin.rows()[asked:]}
    assert not again & had.keys()
    archive.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_crawl_killed_at_a_random_moment_loses_nothing(
    seed: int, tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    kill_and_resume(seed, tmp_path, s3_settings, origin)


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_crawl_killed_at_any_of_twenty_random_moments_loses_nothing(
    seed: int, tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    kill_and_resume(seed, tmp_path, s3_settings, origin)


@pytest.mark.drill
def test_a_crawl_killed_again_and_again_loses_nothing(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> None:
    kill_and_resume(7, tmp_path, s3_settings, origin, kills=5)
