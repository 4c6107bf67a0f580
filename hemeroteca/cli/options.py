"""The options that several commands have."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from hemeroteca.cli.completion_command import complete_source_id
from storage.model.night import Night


def parse_night(text: str) -> Night:
    """Return the night *text* names. Raises BadParameter, with how to write one."""
    try:
        return Night.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it as 2026-03-01") from None


def check_span(since: date | None, until: date | None) -> None:
    """Raise BadParameter when *since* is later than *until*; both are nights, or both are times."""
    if since and until and since > until:
        raise typer.BadParameter(f"--from {since} is later than --to {until}")


NightOption = Annotated[
    Night | None,
    typer.Option("--night", metavar="DATE", parser=parse_night, help="The night, as 2026-03-01."),
]
FirstNight = Annotated[
    Night | None, typer.Option("--from", metavar="DATE", parser=parse_night, help="The first night.")
]
LastNight = Annotated[Night | None, typer.Option("--to", metavar="DATE", parser=parse_night, help="The last night.")]
SourceIds = Annotated[
    list[str] | None,
    typer.Option(
        "--source", metavar="ID", help="Only this newspaper; may be given again.", autocompletion=complete_source_id
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
