"""What a night is expected to ask for, held to what the newspaper was then asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.forecast import Forecast, PastForecast, find_last_forecast, forecast_source
from hemeroteca.archive.crawling.plan import PlannedCrawl
from storage.model.source import Source
from tests.archive.held_newspapers import HeldNewspapers
from tests.archive.homes import FIRST, Origin, addresses, demo_card, make_home, open_home, pass_night
from tests.conftest import S3Server

SECOND = FIRST + timedelta(days=1)
THIRD = FIRST + timedelta(days=2)
HOST = "faro.hemeroteca.test:80"


class Foreseen(NamedTuple):
    """Two nights of El Faro: what was forecast before each, and the addresses asked for in the second."""

    archive: Archive
    source: Source
    before: tuple[Forecast, list[str]]
    between: tuple[Forecast, list[str]]
    asked: list[str]
    last: PastForecast | None


@pytest.fixture(scope="module")
def foreseen(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Foreseen]:
    place: Path = tmp_path_factory.mktemp("foreseen")
    home, s3 = make_home(place / "home", demo_card("faro")), s3_server.new_prefix()
    with HeldNewspapers(ledger=place / "origin.jsonl", night=FIRST) as newspapers:
        origin = Origin(newspapers, place / "origin.jsonl")
        first = open_home(home, s3, FIRST, connect_to=newspapers.connect_to)
        source = _source(home)
        before = forecast_source(first, source, FIRST)
        _passed(first)
        first.close()
        newspapers.set_night(SECOND)
        archive = open_home(home, s3, SECOND, connect_to=newspapers.connect_to)
        between = forecast_source(archive, source, SECOND)
        done = len(origin.rows())
        assert find_last_forecast(archive, source, FIRST) is None
        _passed(archive)
        asked = addresses(origin.rows()[done:])
        yield Foreseen(archive, source, before, between, asked, find_last_forecast(archive, source, THIRD))
        archive.close()


def _source(home: Path) -> Source:
    return Source.model_validate(demo_card("faro"))


def _passed(archive: Archive) -> PlannedCrawl:
    (planned,) = pass_night(archive)
    return planned


def test_before_the_first_crawl_only_the_card_is_known(foreseen: Foreseen) -> None:
    forecast, due = foreseen.before
    assert (forecast.new, forecast.again, forecast.wire_bytes, due) == (None, {}, None, [])
    assert forecast.requests == forecast.discovery == len(foreseen.source.discoveries) + len(forecast.hosts)


def test_every_article_that_is_due_is_asked_for(foreseen: Foreseen) -> None:
    forecast, due = foreseen.between
    assert len(due) > 40
    assert forecast.again == {1: len(due) - forecast.pending}
    assert forecast.pending == 1, "the first night's story that broke is asked for again"
    assert set(due) <= set(foreseen.asked)


def test_the_plan_adds_up_by_host(foreseen: Foreseen) -> None:
    forecast, due = foreseen.between
    assert forecast.new is not None and forecast.wire_bytes is not None
    assert forecast.requests == forecast.discovery + forecast.new + len(due)
    assert forecast.hosts[HOST] >= len(due)


def test_a_plan_says_how_many_answers_may_be_asked_for_twice(foreseen: Foreseen) -> None:
    assert foreseen.before[0].checks == 0
    assert foreseen.between[0].checks == 3, "RSS, features page and two stories a day have validators"
    again = [url for url in set(foreseen.asked) if foreseen.asked.count(url) == 2]
    assert len(again) == 2, "the RSS was another"


def test_a_budget_puts_off_the_oldest(foreseen: Foreseen) -> None:
    forecast, due = forecast_source(foreseen.archive, foreseen.source.replace(nightly_budget=1), THIRD)
    assert forecast.again == {}
    assert forecast.put_off == len(due)


def test_the_next_plan_says_how_far_off_the_last_was(foreseen: Foreseen) -> None:
    assert foreseen.last is not None
    assert foreseen.last.forecast == foreseen.between[0]
    assert foreseen.last.requests == len(set(foreseen.asked))
    assert foreseen.last.error == foreseen.between[0].requests / foreseen.last.requests - 1
