"""The options that several commands have."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer


def read_moment(text: str) -> datetime:
    """Return the time *text* says (ISO 8601, UTC if bare; a bare date is its first instant)."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_last_moment(text: str) -> datetime:
    """Return the time *text* says; a bare date is its last instant."""
    if len(text) == len("2026-03-01"):
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    return read_moment(text)


Night = Annotated[
    date | None,
    typer.Option("--night", metavar="DATE", parser=date.fromisoformat, help="The night, as 2026-03-01."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
