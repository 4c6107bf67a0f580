"""``hemeroteca plan`` as it is printed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from hemeroteca.archive.crawling.forecast import Forecast, PastForecast
from tests.cli.conftest import Run

DEMO = {"demo-anzeiger", "demo-courier", "demo-faro"}


def test_before_the_first_night_every_discovery_of_the_cards_is_planned(hemeroteca: Run, home: Path) -> None:
    said = hemeroteca("--demo", "plan", "--json")
    assert said.returncode == 0, said.stderr
    plans = {row["source_id"]: row for row in map(json.loads, said.stdout.splitlines())}
    assert plans.keys() == DEMO
    for row in plans.values():
        assert row["new"] is None and row["again"] == {} and row["last"] is None
        assert row["requests"] == row["discovery"] > 1  # and robots.txt
    assert not home.exists()


def test_it_says_that_no_more_is_known(hemeroteca: Run) -> None:
    said = hemeroteca("--demo", "plan", "--source", "demo-faro")
    assert said.returncode == 0, said.stderr
    assert "unknown before the first nightly crawl" in said.stdout


def test_a_first_night_has_no_error_of_its_forecast() -> None:
    nothing_known = Forecast(
        source_id="a", night=date(2026, 3, 1), discovery=2, new=None, again={}, put_off=0, hosts={"a.test": 2},
        minutes=0.1, wire_bytes=None,
    )  # fmt: skip
    assert PastForecast(forecast=nothing_known, requests=40, minutes=1, wire_bytes=9).error is None
    known = nothing_known.replace(new=18, hosts={"a.test": 20})
    assert PastForecast(forecast=known, requests=40, minutes=1, wire_bytes=9).error == -0.5
