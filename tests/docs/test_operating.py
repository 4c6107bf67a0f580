"""The operator's page says how long each thing is kept, knows every place of a home, and its commands work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.code_map import ROOT
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from tests.cli.conftest import call
from tests.docs.examples import Step, blocks, steps

PAGE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
STEPS = steps(PAGE)
RETENTION = [name for name in Settings.model_fields if name.endswith("_kept_days") or name == "log_bytes"]


def find_places() -> set[str]:
    """Return the first part of every path of a home."""
    home = Home(Path("/home"))
    paths = [value for name in vars(Home) if isinstance(value := getattr(home, name, None), Path)]
    return {path.relative_to(home.path).parts[0] for path in paths}


@pytest.mark.parametrize("name", RETENTION)
def test_each_setting_of_retention_stands_in_a_row_of_what_grows_with_its_default(name: str) -> None:
    default = f"{Settings.model_fields[name].default:,}"
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert [row for row in rows if row.endswith(f"| `HEMEROTECA_{name.upper()}`, {default} |")]


def test_there_are_such_settings() -> None:
    assert len(RETENTION) >= 5


def test_every_place_of_a_home_is_told() -> None:
    table = PAGE[PAGE.index("| in the home |") : PAGE.index("## A new release")]
    told = {name.rstrip("/") for name in re.findall(r"`([\w./]+)`", table)}
    places = find_places()
    assert {"seeds", "coordination.sqlite", "s3", "keep_house.lock"} <= places
    assert {name for name in places if name not in told} == set()


def test_every_block_is_run_or_says_why_not() -> None:
    assert {(block.language, block.note.partition(":")[0]) for block in blocks(PAGE)} == {
        ("console", ""),
        ("console", "not run"),
    }
    assert len(STEPS) == 2


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.command)
def test_a_command_of_the_page_works(step: Step, tmp_path: Path) -> None:
    said = call(tmp_path / "home", *step.command.split()[1:])
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout
