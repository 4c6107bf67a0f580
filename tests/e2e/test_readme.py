"""The README: what it shows is run (tests.docs.examples), and what it prints is what is printed.

Commands with ``--demo`` get the crawled demo, others a home of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.cli.coverage import write_table
from hemeroteca.configuration import CHECKOUT, read_settings
from tests.docs.examples import Step, blocks, run_blocks, steps

README = (CHECKOUT / "README.md").read_text()
STEPS = steps(README)


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "home"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demo_archive: Path, own_home: Path) -> Path:
    """Where a reader sits who has typed what writes the page that other commands read: they come in any order here."""
    folder = tmp_path_factory.mktemp("reader")
    (writing,) = [step for step in STEPS if step.command.endswith("> page.html")]
    assert type_command(writing, demo_archive, own_home, folder).returncode == 0
    return folder


def type_command(step: Step, demo_archive: Path, own_home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return run(["bash", "-c", step.command], demo_archive if "--demo" in step.command else own_home, folder)


def run(command: list[str], home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(home), capture_output=True, text=True, timeout=120, check=False
    )


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.stat().st_size}


def environment(home: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEMEROTECA_")}
    path = f"{Path(sys.executable).parent}:{inherited['PATH']}"
    return inherited | {"PATH": path, "HEMEROTECA_HOME": str(home), "COLUMNS": "80"}


def test_every_block_is_run_or_says_why_not() -> None:
    kinds = {(block.language, block.note.partition(":")[0]) for block in blocks(README)}
    assert kinds <= {
        ("console", ""), ("python", ""), ("console", "not run"), ("sql", "not run"), ("", "coverage"), ("", "flow")
    }  # fmt: skip
    assert len(STEPS) >= 8
    assert len(run_blocks(README, "python")) == 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.command)
def test_a_command_of_the_readme_works(step: Step, demo_archive: Path, own_home: Path, folder: Path) -> None:
    before = files(folder)
    said = type_command(step, demo_archive, own_home, folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout or files(folder) != before
    if step.output:
        assert said.stdout.strip() == step.output.strip()


@pytest.mark.parametrize("code", run_blocks(README, "python"))
def test_python_of_the_readme_works(code: str, demo_archive: Path, folder: Path) -> None:
    said = run([sys.executable, "-c", code], demo_archive, folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout


def test_the_coverage_table_is_the_demos_first_night(demo_archive: Path) -> None:
    [shown] = [block.body.splitlines() for block in blocks(README) if block.note == "coverage"]
    papers = {row.split()[0] for row in shown[1:-1]}
    with Archive(read_settings(home=demo_archive, demo=True)) as archive:
        crawls = [crawl for crawl in archive.catalog.find_crawls() if crawl.source_id in papers]
    nightly = [crawl for crawl in crawls if crawl.trigger == "nightly" and not crawl.late]
    first = [crawl for crawl in nightly if crawl.night == nightly[0].night]
    assert len(first) == 3
    changing = 2  # bytes and seconds
    made = write_table(first, [], 80)
    assert [row.split()[:-changing] for row in shown[1:-1]] == [row.split()[:-changing] for row in made[1:-1]]
    assert (shown[0].split(), shown[-1]) == (made[0].split(), made[-1])
    assert len({len(row) for row in shown[:-1]}) == 1 and len(shown[0]) <= 80
