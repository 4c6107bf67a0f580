"""``hemeroteca columns``: what the columns of the tables mean."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hemeroteca.cli.layout import find_width
from hemeroteca.cli.options import AsJson
from hemeroteca.cli.terminal import say, say_json

if TYPE_CHECKING:
    from storage.analysis.data_dictionary import Row

_INDENT = "    "
TableName = Annotated[
    Literal["documents", "ledger"], typer.Argument(metavar="TABLE", help="The table: documents or ledger.")
]


def columns(table: TableName = "documents", as_json: AsJson = False) -> None:
    """Show the columns of a table: type, unit and meaning.

    Example: hemeroteca columns documents
    """
    from storage.analysis.data_dictionary import list_columns

    for row in list_columns(table):
        if as_json:
            say_json(json.dumps({**row._asdict(), "meaning": _plain(row.meaning)}, ensure_ascii=False))
        else:
            print_column(row, find_width())


def print_column(row: Row, width: int) -> None:
    """Print a line with name, type and unit, and the meaning below it in lines of *width*."""
    say(f"{row.name}  {row.type}" + f", {row.unit}" * bool(row.unit))
    say(textwrap.fill(_plain(row.meaning), width, initial_indent=_INDENT, subsequent_indent=_INDENT))


def _plain(meaning: str) -> str:
    return meaning.replace("``", "`")
