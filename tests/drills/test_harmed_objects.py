"""Drills of objects: bits that flip in transit and at rest, footers, replaced, torn and lost objects of every kind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from storage.objects import S3Settings
from tests.drills import store_faults
from tests.drills.conftest import Copy, Score
from tests.drills.evidence import StoredObject, read_evidence, read_rows
from tests.drills.kinds import PAIRS, TABLES, find_key, flip_bit, footer_of, harm, pattern, put
from tests.drills.origin import DatedOrigin
from tests.drills.results import DrillResult, finish
from tests.drills.stage import SEED, SIBLINGS, VICTIM, Stage
from tests.drills.store_proxy import StoreProxy

pytestmark = pytest.mark.drill

STRUCK = (VICTIM, SIBLINGS[0])
FOOTER_FLIPS = 12
names = " and ".join


def test_each_object_comes_once_with_a_flipped_bit(crawled: Stage, copy: Copy, score: Score) -> None:
    stage = copy(crawled)
    with StoreProxy(stage.s3) as proxy:
        stage.s3 = proxy.settings
        proxy.strike(
            store_faults.flip(SEED), "GET", r"^(warc|index|ledger|documents|memory|manifests|tables)/.", times=1
        )
        assert stage.pass_night()
        assert proxy.struck.total() > 10
        stage.siblings = [VICTIM, *SIBLINGS]
        score(finish(stage, "flipped in transit, once", heal=proxy.heal))


@pytest.mark.parametrize("kinds", [*PAIRS, TABLES], ids=names)
def test_an_object_comes_always_with_a_flipped_bit(
    kinds: tuple[str, str], crawled: Stage, copy: Copy, score: Score
) -> None:
    stage = copy(crawled)
    with StoreProxy(stage.s3) as proxy:
        stage.s3 = proxy.settings
        for kind, source in zip(kinds, STRUCK, strict=True):
            proxy.strike(store_faults.flip(SEED), "GET", pattern(kind, source))
        stage.pass_night()
        stage.siblings = [SIBLINGS[1]] if kinds != TABLES else []
        score(finish(stage, "flipped in transit, always", heal=proxy.heal))


@pytest.mark.parametrize("kinds", [*PAIRS, TABLES], ids=names)
def test_a_bit_flips_at_rest(kinds: tuple[str, str], passed: Stage, copy: Copy, score: Score) -> None:
    stage, chance = copy(passed), random.Random(SEED)
    for kind, source in zip(kinds, STRUCK, strict=True):
        key = find_key(stage, kind, source)
        found = read_evidence(stage.place).objects[key]
        harm(stage, kind, key, found._replace(content=flip_bit(found.content, chance)))
    if kinds == TABLES:
        stage.pass_night()
    stage.siblings = [SIBLINGS[1]]
    score(finish(stage, "flipped at rest"))


@pytest.mark.parametrize("kinds", [*PAIRS, TABLES], ids=names)
def test_an_object_is_replaced_by_that_of_another_newspaper(
    kinds: tuple[str, str], passed: Stage, copy: Copy, score: Score
) -> None:
    stage = copy(passed)
    objects = read_evidence(stage.place).objects
    for kind, source in zip(kinds, STRUCK, strict=True):
        other = find_key(stage, kind if kinds != TABLES else "ledger", SIBLINGS[1])
        harm(stage, kind, find_key(stage, kind, source), objects[other])
    if kinds == TABLES:  # what is derived is read by analysts alone, and written again
        stage.pass_night()
    stage.siblings = [SIBLINGS[1]]
    score(finish(stage, "replaced"))


@pytest.mark.parametrize("kinds", PAIRS[:2], ids=names)
def test_an_object_is_lost_before_its_crawl_is_cleaned(
    kinds: tuple[str, str], crawled: Stage, copy: Copy, score: Score
) -> None:
    stage = copy(crawled)
    for kind, source in zip(kinds, STRUCK, strict=True):
        harm(stage, kind, find_key(stage, kind, source), None)
    stage.pass_night()
    stage.siblings = [SIBLINGS[1]]
    score(finish(stage, "lost"))


@pytest.mark.parametrize("kinds", PAIRS, ids=names)
def test_the_store_keeps_half_of_an_object_and_says_that_it_has_it(
    kinds: tuple[str, str], tmp_path: Path, s3_settings: S3Settings, origin: DatedOrigin, score: Score
) -> None:
    stage = Stage(tmp_path, s3_settings, origin)
    with StoreProxy(s3_settings) as proxy:
        stage.s3 = proxy.settings
        for kind, source in zip(kinds, STRUCK, strict=True):
            proxy.strike(store_faults.keep_half(proxy), "PUT", pattern(kind, source), times=1)
        stage.pass_night()
        assert proxy.struck.total() >= 2
        stage.siblings = [SIBLINGS[1]]
        stage.harmed = {key for key in read_evidence(stage.place).objects if key.startswith("manifests/")}
        score(finish(stage, "torn", heal=proxy.heal))


@pytest.mark.parametrize("kind", ["documents", "ledger", *TABLES])
def test_a_bit_flips_in_a_footer(kind: str, passed: Stage, copy: Copy, score: Score) -> None:
    stage, chance, wrong = copy(passed), random.Random(SEED), []
    key = find_key(stage, kind, VICTIM)
    found = read_evidence(stage.place).objects[key]
    urls = [row["url"] for row in read_rows(found.content)][:2]
    for _ in range(FOOTER_FLIPS):
        put(stage.place, key, StoredObject(flip_bit(found.content, chance, footer_of(found.content)), found.metadata))
        with_get = [stage.say("get", url) for url in urls]
        put(stage.place, key, found)
        whole = [stage.say("get", url) for url in urls]
        wrong += [f"{kind}: {a.stdout[:50]!r}" for a, b in zip(with_get, whole, strict=True) if _is_wrong(a, b)]
    acknowledged = stage.judge(asked=0).acknowledged
    score(DrillResult("footer flipped at rest", acknowledged, [], wrong, [], [], [], tries=FOOTER_FLIPS))


def _is_wrong(harmed: object, whole: object) -> bool:
    """Say whether a command answered with another text than that of the whole object, or crashed."""
    said, truth = harmed, whole
    if said.returncode == 0:  # type: ignore[attr-defined]
        return bool(said.output != truth.output)  # type: ignore[attr-defined]
    return "Traceback" in said.stderr or not said.stderr.strip()  # type: ignore[attr-defined]
