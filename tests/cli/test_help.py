"""What each command says of itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from hemeroteca.cli.main import app
from tests.cli.conftest import Run

Command = tuple[str, typer.core.TyperCommand]


def commands(group: typer.core.TyperGroup, path: str = "") -> Iterator[Command]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, f"{path}{name} ")
        else:
            assert isinstance(command, typer.core.TyperCommand)
            yield f"{path}{name}", command


def find_commands() -> dict[str, typer.core.TyperCommand]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return dict(commands(group))


COMMANDS = find_commands()


def test_the_commands_are_those_we_promise() -> None:
    assert set(COMMANDS) == {
        "up", "nightly", "crawl", "sources list", "sources add", "sources new", "sources check", "sources enable",
        "sources disable",
        "plan", "status", "failures", "doctor",
        "ls", "get", "cite", "documents", "columns", "items", "extract", "serve",
        "admin rebuild", "admin reextract", "admin check-warc", "admin keep-house", "demo reset", "completion",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_one_sentence_and_one_example(name: str) -> None:
    sentence, example = (COMMANDS[name].help or "").split("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", sentence)
    assert sentence.count(". ") == 0
    assert len(sentence) <= 62, "the list of commands would cut it"
    assert re.fullmatch(rf"Example: hemeroteca (--demo )?{name}( [^\n]+)?", example.strip())


@pytest.mark.parametrize("group", ["sources", "demo", "admin"])
def test_a_group_has_an_example_too(hemeroteca: Run, group: str) -> None:
    assert f"Example: hemeroteca {group} " in hemeroteca(group, "--help").stdout


def test_help_lists_at_most_twenty_commands_by_task(hemeroteca: Run) -> None:
    said = hemeroteca("--help").stdout.partition("Options:")[2].splitlines()[1:]
    headings = [line for line in said if line.endswith(":")]
    assert headings == ["Work:", "Look:", "Read:", "Operate:"]
    listed = [line.split()[0] for line in said[said.index("Work:") :] if line.startswith("  ")]
    assert len(listed) == len(set(listed)) <= 20
    assert set(listed) == {name.partition(" ")[0] for name in COMMANDS}


@pytest.mark.parametrize("old", ["rebuild", "reextract"])
def test_old_spellings_are_understood_and_not_listed(hemeroteca: Run, old: str) -> None:
    _, *said = hemeroteca(old, "--help").stdout.splitlines()
    assert said == hemeroteca("admin", old, "--help").stdout.splitlines()[1:]
    assert f"  {old} " not in hemeroteca("--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_help(name: str) -> None:
    for parameter in COMMANDS[name].params:
        assert isinstance(parameter, typer.core.TyperArgument | typer.core.TyperOption)
        assert parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize(
    "name", ["nightly", "crawl", "status", "ls", "doctor", "sources list", "admin check-warc", "columns"]
)
def test_what_lists_can_list_json(name: str) -> None:
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)


def test_help_is_printed_without_opening_anything(hemeroteca: Run, home: Path) -> None:
    said = hemeroteca("ls", "--help")
    assert said.returncode == 0
    assert "Example: hemeroteca ls" in said.stdout
    assert not home.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sing"],
        ["ls"],
        ["nightly", "--night", "soon"],
        ["crawl"],
        ["get", "x", "--as", "y"],
        ["crawl", "-f", sys.executable],
    ],
)
def test_a_wrong_call_ends_with_2_and_says_so_on_stderr(hemeroteca: Run, arguments: list[str]) -> None:
    said = hemeroteca(*arguments)
    assert said.returncode == 2
    assert "Usage: hemeroteca" in said.stdout + said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "soon", "2026-13-01"])
def test_a_time_that_is_none_is_asked_wrongly(hemeroteca: Run, moment: str) -> None:
    said = hemeroteca("get", "http://a.test/", "--at", moment)
    assert said.returncode == 2 and moment in said.stderr and "Traceback" not in said.stderr


def test_an_address_with_a_password_is_never_kept(hemeroteca: Run) -> None:
    said = hemeroteca("--demo", "crawl", "http://reader:secret@courier.hemeroteca.test/news")
    assert said.returncode == 2 and "must not contain a user name or password" in said.stderr
    assert "secret" not in said.stderr
