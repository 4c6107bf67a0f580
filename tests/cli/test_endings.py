"""How a command ends: one line for what it cannot do, its own status, no secret."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hemeroteca.cli.upkeep_commands import remove_home
from hemeroteca.configuration import read_settings
from storage.model.errors import ServiceError
from tests.cli.conftest import COMMAND, Run, call, environment
from tests.storage.committed import HOME, Committed, DraftCrawl


def test_a_wrong_setting_is_named_by_its_variable(hemeroteca: Run) -> None:
    said = hemeroteca("sources", "list", crawl_slots="many")
    assert said.returncode == 2
    assert said.stderr.startswith("hemeroteca: HEMEROTECA_CRAWL_SLOTS: ")
    assert len(said.stderr.splitlines()) == 1


def test_a_setting_of_the_demo_is_refused_elsewhere(hemeroteca: Run) -> None:
    said = hemeroteca("sources", "list", today="2026-03-01")
    assert said.returncode == 2
    assert "HEMEROTECA_TODAY" in said.stderr


def test_a_night_without_newspapers_says_how_to_get_one(hemeroteca: Run, home: Path) -> None:
    said = hemeroteca("nightly")
    assert said.returncode == 1
    assert "sources enable ID" in said.stderr
    assert not home.exists()


LISTINGS = [["sources", "list"], ["sources", "list", "--json"], ["ls", "*"], ["status"]]


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at its end", "at a line"])
@pytest.mark.parametrize("command", LISTINGS, ids=" ".join)
def test_a_reader_that_stops_reading_ends_a_command_without_a_word(
    home: Path, publish: Callable[[Committed], None], command: list[str], unbuffered: str
) -> None:
    night = DraftCrawl(1)
    night.captured(f"{HOME}a", "P")
    publish(night.committed())
    (home / "s3").mkdir()
    with subprocess.Popen(
        [COMMAND, *command],
        env=environment(home) | {"PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as listing:
        assert listing.stdout and listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 141


@pytest.mark.parametrize("command", [["doctor"], ["rebuild"], ["crawl", "https://a.example/"]])
def test_a_store_that_is_not_there_is_one_clear_line_without_secrets(hemeroteca: Run, command: list[str]) -> None:
    nowhere = {
        "s3_endpoint": "http://127.0.0.1:9",
        "s3_bucket": "b",
        "s3_access_key": "KEY",
        "s3_secret_key": "SECRETS",
    }
    said = hemeroteca(*command, contact="me@example.org", **nowhere)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "SECRETS" not in said.stdout + said.stderr
    assert "127.0.0.1:9" in said.stdout + said.stderr


COMMANDS = [
    ["doctor"], ["up"], ["nightly"], ["crawl", "http://a.test/"], ["status"], ["ls", "http://a.test/"],
    ["get", "--as", "raw", "http://a.test/"], ["rebuild"], ["reextract"], ["sources", "enable", "demo-faro"],
    ["sources", "check"], ["sources", "add", "http://paper.test/"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_home_that_is_no_folder_is_one_clear_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    said = call(home, "--demo", *command)
    if command == ["sources", "check"]:  # it needs none
        assert said.returncode == 0
        return
    assert said.returncode == (1 if command == ["doctor"] else 2)
    lines = [line for line in (said.stderr or said.stdout).splitlines() if str(home) in line]
    assert len(lines) == 1
    assert f"{tmp_path / 'file'} is not a folder" in lines[0]
    assert "folder that you can write to" in said.stderr + said.stdout


@pytest.mark.parametrize("command", [["doctor"], ["up"], ["nightly"], ["rebuild"], ["crawl", "http://a.test/"]])
@pytest.mark.parametrize("place", ["/proc/nope", "/sys/nope"])
def test_a_home_that_cannot_be_made_is_one_clear_line(place: str, command: list[str]) -> None:
    said = call(Path(place), "--demo", *command)
    assert said.returncode == (1 if command == ["doctor"] else 2)
    assert f"HEMEROTECA_HOME: {place}: " in said.stderr + said.stdout
    assert "folder that you can write to" in said.stderr + said.stdout


def test_the_demos_home_is_removed_whole_and_no_other(tmp_path: Path) -> None:
    demo, other = tmp_path / "demo", tmp_path / "other"
    for folder in (demo, other):
        (folder / "s3").mkdir(parents=True)
    with pytest.raises(ServiceError, match="remove it yourself"):
        remove_home(read_settings(home=other, demo=True), demo)
    assert other.exists()
    remove_home(read_settings(home=demo, demo=True), demo)
    assert not demo.exists()


def test_resetting_the_demo_leaves_a_home_that_was_named(hemeroteca: Run, home: Path) -> None:
    home.mkdir()
    said = hemeroteca("demo", "reset")
    assert said.returncode == 1
    assert home.exists()
