"""The lists of docs/words.md that come from the code: its types, and the commands with their options."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

import storage.model
from docs.field_tables import as_cell
from hemeroteca.cli.main import app


def type_lines() -> list[str]:
    """Return each type of storage.model with the first line of its docstring, module by module."""
    return [
        f"- **{found.__name__}**: {as_cell((found.__doc__ or '').partition(chr(10))[0])}"
        for module in model_modules()
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__ and not found.__name__.startswith("_")
    ]


def model_modules() -> list[ModuleType]:
    """Return the modules of storage.model."""
    names = [module.name for module in pkgutil.iter_modules(storage.model.__path__)]
    return [importlib.import_module(f"storage.model.{name}") for name in names]


def command_lines() -> list[str]:
    """Return each command with its sentence, and below it its arguments and options with theirs."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return list(_group_lines(group, "hemeroteca"))


def _group_lines(group: TyperGroup, path: str) -> Iterator[str]:
    yield from _lines(group, path)
    for name, command in group.commands.items():
        if command.hidden:  # an old spelling
            continue
        if isinstance(command, TyperGroup):
            yield from _group_lines(command, f"{path} {name}")
        elif isinstance(command, TyperCommand):
            yield from _lines(command, f"{path} {name}")


def _lines(command: TyperGroup | TyperCommand, path: str) -> Iterator[str]:
    yield f"- **{path}**: {(command.help or '').partition(chr(10))[0]}"
    for parameter in command.params:
        if isinstance(parameter, TyperArgument | TyperOption):
            names = [parameter.metavar or ""] if isinstance(parameter, TyperArgument) else parameter.opts
            yield f"  - {', '.join(f'`{name}`' for name in names)}: {parameter.help}"
