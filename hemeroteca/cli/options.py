"""The options that several commands have."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

Night = Annotated[
    date | None,
    typer.Option("--night", metavar="DATE", parser=date.fromisoformat, help="The night, as 2026-03-01."),
]
FirstNight = Annotated[
    date | None, typer.Option("--from", metavar="DATE", parser=date.fromisoformat, help="The first night.")
]
LastNight = Annotated[
    date | None, typer.Option("--to", metavar="DATE", parser=date.fromisoformat, help="The last night.")
]
SourceIds = Annotated[list[str] | None, typer.Option("--source", metavar="ID", help="A newspaper, none: all.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
