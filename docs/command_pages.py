"""docs/cli.md: every command with its options, how it ends, and what it prints with ``--json``."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.field_tables import as_cell
from docs.json_contracts import CONTRACTS
from hemeroteca.cli.main import EXIT_STATUSES, app

Command = TyperCommand | TyperGroup


def command_lines() -> list[str]:
    """Return a section for each task, and in it one for each command."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    lines = ["## For every command", "", *_option_lines(group)]
    task = ""
    for path, command in list_commands(group):
        top = group.commands[path.split()[0]]
        if getattr(top, "rich_help_panel", "") != task:
            task = str(getattr(top, "rich_help_panel", ""))
            lines += ["", f"## {task}"]
        lines += ["", f"### hemeroteca {path}", "", *_command_lines(path, command)]
    return lines


def status_lines() -> list[str]:
    """Return the table of exit statuses."""
    rows = [f"| {status} | {as_cell(meaning)} |" for status, meaning in EXIT_STATUSES.items()]
    return ["| status | meaning |", "|---|---|", *rows]


def list_commands(group: TyperGroup, path: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Yield each command of *group* with its name, those of its groups too; none that is hidden."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from list_commands(command, f"{path}{name} ")
        elif isinstance(command, TyperCommand) and not command.hidden:
            yield f"{path}{name}", command


def _command_lines(path: str, command: TyperCommand) -> list[str]:
    sentence, _, example = (command.help or "").partition("\n\n")
    example = example.strip().removeprefix("Example: ")
    lines = [as_cell(sentence), "", "```", example, "```", "", *_option_lines(command)]
    contract = CONTRACTS.get(path)
    if contract:
        rows = [f"| `{key.name}` | {key.type} | {as_cell(key.meaning)} |" for key in contract.keys]
        head = [f"With `--json` each line is {contract.line}:", "", "| key | type | meaning |", "|---|---|---|"]
        lines += ["", *head, *rows]
    return lines


def _option_lines(command: Command) -> list[str]:
    """Return a table of the options of *command*, in the words of its ``--help``."""
    context = typer.Context(command)
    records = [
        (parameter.metavar or parameter.name, parameter.help or "")
        if isinstance(parameter, TyperArgument)
        else parameter.get_help_record(context)
        for parameter in command.params
        if isinstance(parameter, TyperArgument | TyperOption)
    ]
    rows = [f"| `{as_cell(str(names))}` | {as_cell(said)} |" for names, said in filter(None, records)]
    return ["| option | meaning |", "|---|---|", *rows] if rows else ["It has no options."]
