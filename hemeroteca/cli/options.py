"""The options that several commands have."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

Night = Annotated[
    date | None,
    typer.Option("--night", metavar="DATE", parser=date.fromisoformat, help="The night, as 2026-03-01."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
