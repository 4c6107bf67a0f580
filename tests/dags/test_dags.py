"""The DAG files import quickly, without errors, and decide nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.configuration import CHECKOUT

HEAVY = ("scrapy", "boto3", "botocore", "trafilatura", "pyarrow", "lxml", "warcio", "fastwarc", "hemeroteca.archive")
READ_BAG = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
before = set(sys.modules)
bag = DagBag(sys.argv[1])
print(json.dumps({
    "errors": bag.import_errors,
    "new": sorted(set(sys.modules) - before),
    "warnings": [str(warning) for found in bag.captured_warnings.values() for warning in found],
    "dags": {dag.dag_id: {
        "schedule": type(dag.timetable).__name__,
        "catchup": dag.catchup,
        "paused": dag.is_paused_upon_creation,
        "help": dag.doc_md,
        "description": dag.description,
        "form": {name: dag.params.get_param(name).description for name in dag.params},
        "tasks": {task.task_id: [task.trigger_rule, task.retries, task.pool, sorted(task.upstream_task_ids)]
                  for task in dag.tasks},
    } for dag in bag.dags.values()},
}))
"""


def read_bag(home: Path, cron: str, code: str = READ_BAG) -> Any:
    """Return what *code* finds that Airflow makes of dags/ with the schedule *cron*, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "HEMEROTECA_NIGHTLY_CRON": cron}
    command = [sys.executable, "-c", code, str(CHECKOUT / "dags")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=home)
    return json.loads(done.stdout.splitlines()[-1])


LIST_BACKFILL = """
import json, re, sys
from datetime import datetime
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
dag = DagBag(sys.argv[1]).dags["nightly_crawl"]
window = [datetime.fromisoformat(f"{said}+00:00") for said in re.findall(r"--(?:from|to)-date ([0-9T:-]+)", dag.doc_md)]
timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
infos = timetable.iter_partition_dagrun_infos(earliest=window[0], latest=window[1])
print(json.dumps([info.partition_key for info in infos]))
"""


TELL_DECISIONS = """
import json
from dags.steps import RETRY_POLICY
from storage.model import errors
names = sorted(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception))
print(json.dumps({name: RETRY_POLICY.evaluate(getattr(errors, name)("x"), 1, 2).action.value for name in names}))
"""
LATER = {"StorageError", "CrawlDiedError", "DiskFullError", "FencedError"}
"""Errors that may pass."""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    read: dict[str, Any] = read_bag(tmp_path_factory.mktemp("airflow"), "0 3 * * *")
    return read


def test_the_dags_import_without_errors_or_warnings(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == ["crawl_on_demand", "daytime_crawl", "keep_house", "nightly_crawl", "reextract"]
    assert [warning for warning in bag["warnings"] if "dags/" in warning] == []


def test_reading_them_imports_nothing_heavy(bag: dict[str, Any]) -> None:
    assert [name for name in bag["new"] if name.startswith(HEAVY)] == []


def test_every_step_follows_its_shard_and_only_the_report_may_turn_a_run_red(bag: dict[str, Any]) -> None:
    for name in ("nightly_crawl", "daytime_crawl", "crawl_on_demand"):
        assert bag["dags"][name]["tasks"] == {
            "plan": ["all_success", 2, "default_pool", []],
            "each_shard.crawl": ["all_success", 2, "crawl", ["plan"]],
            "each_shard.clean": ["all_done", 2, "default_pool", ["each_shard.crawl", "plan"]],
            "each_shard.publish": ["all_done", 2, "default_pool", ["each_shard.clean", "plan"]],
            "tables": ["all_done", 2, "default_pool", ["each_shard.publish"]],
            "report": ["all_done", 0, "default_pool", ["tables"]],
            "planned": ["all_success", 2, "default_pool", ["plan"]],
        }


def test_newspapers_are_looked_at_by_day_only_when_somebody_wants_it(bag: dict[str, Any]) -> None:
    assert {name for name, dag in bag["dags"].items() if dag["paused"]} == {"daytime_crawl"}


def test_what_is_extracted_again_is_published_after_it_was_compared(bag: dict[str, Any]) -> None:
    assert bag["dags"]["reextract"]["tasks"] == {
        "plan": ["all_success", 2, "default_pool", []],
        "draft": ["all_success", 2, "crawl", ["plan"]],
        "compare": ["all_success", 2, "default_pool", ["draft"]],
        "publish": ["all_success", 2, "crawl", ["compare", "plan"]],
    }


def test_only_what_may_pass_is_tried_again(tmp_path: Path) -> None:
    decisions = read_bag(tmp_path, "", TELL_DECISIONS)
    assert {name for name, action in decisions.items() if action == "retry"} == LATER
    assert {decisions[name] for name in ("FixityError", "MissingObjectError", "SeedError", "StoreRefusedError")} == {
        "fail"
    }


def test_the_help_of_each_dag_says_how_to_check_it(bag: dict[str, Any]) -> None:
    assert all("How to check that it is working" in dag["help"] for dag in bag["dags"].values())


def test_every_dag_says_in_a_line_what_it_does(bag: dict[str, Any]) -> None:
    said = [dag["description"] for dag in bag["dags"].values()]
    assert all(said) and all(len(line) <= 80 and not line.endswith(".") for line in said)


def test_the_form_says_which_fields_are_needed(bag: dict[str, Any]) -> None:
    form = bag["dags"]["crawl_on_demand"]["form"]
    assert all("Fill in Sources or Addresses, or both." in form[name] for name in ("sources", "urls"))
    assert form["page_budget"].startswith("At most this many articles per newspaper")
    assert all(form.values())


def test_the_backfill_that_the_help_shows_takes_every_night_it_names(tmp_path: Path) -> None:
    nights = read_bag(tmp_path, "0 3 * * *", LIST_BACKFILL)
    assert nights == [f"2026-03-0{day}" for day in range(1, 8)]


def test_what_has_a_schedule_has_none_where_the_night_has_none(bag: dict[str, Any], tmp_path: Path) -> None:
    night = bag["dags"]["nightly_crawl"]
    assert (night["schedule"], night["catchup"]) == ("CronPartitionTimetable", False)
    assert bag["dags"]["keep_house"]["schedule"] == "CronTriggerTimetable"
    dags = read_bag(tmp_path, "")["dags"]
    assert dags["nightly_crawl"]["schedule"] == "PartitionedAtRuntime"
    assert dags["keep_house"]["schedule"] == "NullTimetable"
