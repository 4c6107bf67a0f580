"""The README and the pages for its readers: what they show is run (tests.docs.examples), and prints what they say.

Commands with ``--demo`` get the crawled demo, others a home of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.cli.coverage import write_table
from hemeroteca.configuration import CHECKOUT, read_settings
from tests.docs.examples import Step, blocks, run_blocks, steps

README = (CHECKOUT / "README.md").read_text()
PAGES = {
    "README.md": README,
    **{
        f"docs/{name}.md": (CHECKOUT / f"docs/{name}.md").read_text()
        for name in ("librarians", "newsrooms", "researchers")
    },
}
STEPS = list(dict.fromkeys(step for page in PAGES.values() for step in steps(page)))
PYTHON = [code for page in PAGES.values() for code in run_blocks(page, "python")]
CUT = "cut: some fields of the answer"
CHANGING = {"fetched_at": r"\d{4}-\d\d-\d\dT[\d:.]+Z", "key": r"warc/demo-courier/[\w/-]+\.warc\.gz", "offset": r"\d+"}
"""Fields that each crawl has otherwise, and their shape."""


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "home"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demo_archive: Path, own_home: Path) -> Path:
    """Where a reader sits who has typed what writes the page that other commands read: they come in any order here."""
    folder = tmp_path_factory.mktemp("reader")
    for step in STEPS:
        if re.search(r"> page\.\w+(\.gz)?$|> pages\.jsonl$", step.command):
            assert type_command(step, demo_archive, own_home, folder).returncode == 0
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


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_run_or_says_why_not(name: str) -> None:
    kinds = {(block.language, block.note.partition(":")[0]) for block in blocks(PAGES[name])}
    assert kinds <= {
        ("console", ""), ("console", "cut"), ("python", ""), ("console", "not run"), ("sql", "not run"),
        ("ini", "bundle"), ("", "coverage"),
    }  # fmt: skip


def test_there_is_something_to_run() -> None:
    assert len(STEPS) >= 20
    assert len(PYTHON) >= 5


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.command)
def test_a_command_of_the_pages_works(step: Step, demo_archive: Path, own_home: Path, folder: Path) -> None:
    before = files(folder)
    said = type_command(step, demo_archive, own_home, folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout or files(folder) != before
    if step.output:
        assert said.stdout.strip() == step.output.strip()


def test_the_article_that_is_shown_is_what_the_command_says(demo_archive: Path, own_home: Path, folder: Path) -> None:
    [(command, shown)] = [step_of(block.body) for block in blocks(README) if block.note == CUT]
    said = json.loads(type_command(Step(command, ""), demo_archive, own_home, folder).stdout)
    told = json.loads(shown)
    assert set(told) == {"title", "text", "fetched_at", "location", "text_digest"}
    assert differing(told | told.pop("location"), said | said["location"]) == []


def step_of(body: str) -> tuple[str, str]:
    command, _, shown = body.removeprefix("$ ").partition("\n")
    return command, shown


def differing(told: dict[str, object], said: dict[str, object]) -> list[str]:
    """Return the fields that are told wrongly; a text may end early with three dots."""
    return [
        name
        for name, value in told.items()
        if not (
            re.fullmatch(CHANGING[name], str(value)) and re.fullmatch(CHANGING[name], str(said[name]))
            if name in CHANGING
            else str(said[name]).startswith(str(value).removesuffix(" …"))
        )
    ]


@pytest.mark.parametrize("code", PYTHON)
def test_python_of_the_pages_works(code: str, demo_archive: Path, folder: Path) -> None:
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
