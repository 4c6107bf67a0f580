"""Drills of the store: answers lost, doubled, late and torn, refusals, and a store that knows no If-None-Match."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.objects import S3Settings
from tests.drills import store_faults
from tests.drills.conftest import Score
from tests.drills.origin import DatedOrigin
from tests.drills.results import finish
from tests.drills.stage import SEED, Stage
from tests.drills.store_proxy import StoreProxy

PUT, GET = "PUT", "GET"


def sometimes(seed: int, share: float) -> Callable[[], bool]:
    chance = random.Random(seed)
    return lambda: chance.random() < share


def losing_answers(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.lose_answer, PUT, times=1)
    proxy.strike(store_faults.lose_answer, chance=sometimes(seed, 0.15))


def losing_requests(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.lose_request, chance=sometimes(seed, 0.2))


def doubling(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.double)


def late(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.come_late(proxy), PUT, times=1, chance=sometimes(seed, 0.7))


def tearing(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.tear, GET, times=1)


def overloaded(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.refuse(503, "SlowDown"), chance=sometimes(seed, 0.15))
    proxy.strike(store_faults.refuse(500, "InternalError"), chance=sometimes(seed + 1, 0.15))


def refusing(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.refuse(403, "InvalidAccessKeyId"), PUT, "^(warc|documents)/")


def overwriting(proxy: StoreProxy, seed: int) -> None:
    proxy.strike(store_faults.overwrite(proxy), PUT)
    proxy.strike(store_faults.lose_answer, "HEAD", chance=sometimes(seed, 0.1))


FAULTS = [losing_answers, losing_requests, doubling, late, tearing, overloaded, refusing, overwriting]


@pytest.mark.drill
@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_store_costs_nothing_that_was_acknowledged(
    fault: Callable[[StoreProxy, int], None],
    seed: int,
    tmp_path: Path,
    s3_settings: S3Settings,
    origin: DatedOrigin,
    score: Score,
) -> None:
    with StoreProxy(s3_settings) as proxy:
        stage = Stage(tmp_path, s3_settings, origin)
        stage.s3 = proxy.settings
        fault(proxy, seed)
        stage.pass_night()
        assert proxy.struck.total() > 3, proxy.struck
        score(finish(stage, f"store: {fault.__name__.replace('_', ' ')}", seed, heal=proxy.heal))
