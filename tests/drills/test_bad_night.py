"""The drills' sample for every change: a night at a store that does all at once what the drills do one by one."""

from __future__ import annotations

import random

from tests.drills import store_faults
from tests.drills.conftest import Copy, Score
from tests.drills.results import DrillResult
from tests.drills.stage import SEED, Stage
from tests.drills.store_proxy import StoreProxy

SHARE = 0.1


def test_nothing_is_lost_or_wrong_after_a_night_at_a_bad_store(crawled: Stage, copy: Copy, score: Score) -> None:
    stage, chance = copy(crawled), random.Random(SEED)
    direct = stage.s3
    with StoreProxy(stage.s3) as proxy:
        stage.s3 = proxy.settings
        for fault, method in (
            (store_faults.lose_answer, "PUT"),
            (store_faults.double, "PUT"),
            (store_faults.tear, "GET"),
            (store_faults.flip(SEED), "GET"),
            (store_faults.refuse(503, "SlowDown"), ""),
        ):
            proxy.strike(fault, method, times=1, chance=lambda: chance.random() < SHARE)
        stage.pass_night()
        assert proxy.struck.total() > 3
    stage.s3 = direct
    stage.turn_night()
    red = [] if stage.pass_night() else ["the next night is red"]
    found = stage.judge(SEED)
    wrong = [*found.wrong, *found.twice]
    score(DrillResult("a bad night", found.acknowledged, found.lost, wrong, found.textless, [], red))
