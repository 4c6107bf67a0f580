"""``hemeroteca plan`` as it is printed."""

from __future__ import annotations

import json
from pathlib import Path

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
