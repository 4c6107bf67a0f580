"""Crawls that somebody asks for, while the stack runs: by the REST API and by the command."""

from __future__ import annotations

import pytest

from hemeroteca.demo import PAPERS
from hemeroteca.demo.stories import build_features
from storage.model.errors import SeedError
from storage.surt import urlkey
from tests.e2e.home import Home
from tests.e2e.nights import Nights
from tests.e2e.presses import LOOSE, DeadlyPress

pytestmark = pytest.mark.e2e

PAPER = PAPERS[0]
FEATURE = next(iter(build_features(PAPER).values()))


def test_single_addresses_are_crawled_for_whoever_owns_their_host(
    nights: Nights, home: Home, press: DeadlyPress
) -> None:
    nights.crawl(3)
    asked = len(nights.served())
    run = home.run("crawl_on_demand", {"urls": [FEATURE.url, LOOSE]})
    assert run.state == "success", home.said(run, "report")
    assert [one.path for one in nights.served()[asked:]] == ["/robots.txt", FEATURE.path]
    assert press.times(LOOSE) == 1
    with home.archive() as archive:
        [loose] = archive.catalog.find_captures(urlkey=urlkey(LOOSE))
        own = archive.catalog.find_captures(urlkey=urlkey(FEATURE.url))[-1]
        assert (loose.source_id, loose.status) == ("adhoc", 200)
        assert own.source_id == PAPER.id
        assert "-manual-" in own.crawl_id and "-manual-" in loose.crawl_id
        assert archive.catalog.find_document(loose.record_id)


def test_the_command_lets_the_running_airflow_crawl(nights: Nights, home: Home) -> None:
    nights.crawl(3)
    said = home.command("crawl", FEATURE.url)
    assert said.returncode == 0, said.stderr
    newest = home.client.list_runs("crawl_on_demand")[0]
    assert (newest.run_id.split("-")[0], newest.state) == ("command", "success")


def test_a_form_that_is_wrong_is_refused_before_it_is_a_run(home: Home) -> None:
    before = len(home.client.list_runs("crawl_on_demand"))
    with pytest.raises(SeedError, match="urls"):
        home.trigger("crawl_on_demand", {"urls": "http://faro.hemeroteca.test/"})
    assert len(home.client.list_runs("crawl_on_demand")) == before


def test_what_airflow_lets_through_the_plan_refuses_at_once(nights: Nights, home: Home) -> None:
    asked = len(nights.served())
    run = home.run("crawl_on_demand", {"urls": ["faro.hemeroteca.test"], "colour": "red"})
    assert run.state == "failed"
    said = home.said(run, "plan")
    assert "Addresses, entry 1: " in said and "colour: no such field" in said
    [plan] = [task for task in home.client.list_task_runs(run.dag_id, run.run_id) if task.task_id == "plan"]
    assert plan.try_number == 1
    states = {task.task_id: task.state for task in home.client.list_task_runs(run.dag_id, run.run_id)}
    assert [name for name, state in states.items() if state == "failed"] == ["plan"], states
    assert set(states.values()) == {"failed", "upstream_failed", "skipped"}, states
    assert len(nights.served()) == asked
