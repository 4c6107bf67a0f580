"""The gate knows which shared suites are there, and is red when one of them was not run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hemeroteca.configuration import CHECKOUT


def judge(directory: Path, *lines: str) -> tuple[int, str]:
    """Return what the gate says of a log of *lines* where a suite, a folder without files and the sample are there."""
    for name in ("shared/suites/robots", "shared/suites/pages", "shared/sample"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "shared/suites/robots/allow.jsonl").touch()
    (directory / "log").write_text("\n".join(lines))
    command = [sys.executable, str(CHECKOUT / ".ci/suites.py"), str(directory / "log"), str(directory / "shared")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


ALL = ("suite sample: 3 cases", "suite robots/allow: 5 cases, 4 right", "suite pages: 2 cases")


def test_the_gate_names_the_cases_of_every_suite(tmp_path: Path) -> None:
    status, said = judge(tmp_path, *ALL)
    assert status == 0
    assert [line.split(maxsplit=2) for line in said.splitlines()] == [
        ["sample", "3"],
        ["pages", "2"],
        ["robots/allow", "5", "4 right"],
    ]


@pytest.mark.parametrize("left_out", ALL)
def test_a_suite_that_is_there_and_was_not_run_turns_the_gate_red(tmp_path: Path, left_out: str) -> None:
    name = left_out.split()[1].removesuffix(":")
    for instead in ("", f"suite {name}: 0 cases"):
        status, said = judge(tmp_path, *(line for line in ALL if line != left_out), instead)
        assert status == 1
        assert f"{name}: is there, and no test that passed has counted it" in said


def test_without_shared_data_nothing_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    command = [sys.executable, str(CHECKOUT / ".ci/suites.py"), str(tmp_path / "log"), str(tmp_path / "nowhere")]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
