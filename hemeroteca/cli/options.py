"""The options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from storage.model.night import Night

NightOption = Annotated[
    Night | None,
    typer.Option("--night", metavar="DATE", parser=Night.fromisoformat, help="The night, as 2026-03-01."),
]
FirstNight = Annotated[
    Night | None, typer.Option("--from", metavar="DATE", parser=Night.fromisoformat, help="The first night.")
]
LastNight = Annotated[
    Night | None, typer.Option("--to", metavar="DATE", parser=Night.fromisoformat, help="The last night.")
]
SourceIds = Annotated[
    list[str] | None, typer.Option("--source", metavar="ID", help="Only this newspaper; may be given again.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
