"""``hemeroteca completion``: the script that lets a shell complete commands, options and newspapers' ids."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from hemeroteca.cli.terminal import say

_PROGRAM, _VARIABLE = "hemeroteca", "_HEMEROTECA_COMPLETE"

Shell = Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="bash|zsh|fish", help="Your shell.")]


def completion(shell: Shell) -> None:
    """Print what your shell needs to complete commands and ids.

    Example: hemeroteca completion bash >> ~/.bashrc
    """
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name=_PROGRAM, complete_var=_VARIABLE, shell=shell)
    say(script)


def prepare_completion() -> None:
    """Let the command answer a shell that asks it what fits; at any other call nothing is loaded."""
    if _VARIABLE in os.environ:
        from typer._completion_classes import completion_init

        completion_init()


def complete_source_id(incomplete: str) -> list[str]:
    """Return the ids of newspapers that begin so; none where the cards cannot be read."""
    from hemeroteca.archive.sources.seeds import read_sources
    from hemeroteca.configuration import read_settings
    from storage.model.errors import HemerotecaError

    try:
        found, _ = read_sources(read_settings())
    except HemerotecaError:
        return []
    return sorted(source.id for source in found if source.id.startswith(incomplete))
