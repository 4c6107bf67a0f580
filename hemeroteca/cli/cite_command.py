"""``hemeroteca cite``: how to cite an archived article."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from hemeroteca.cli.reading_commands import At, Url, print_message
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.configuration import read_settings

StyleName = Annotated[
    Literal["apa", "bibtex", "csl-json"], typer.Option("--style", help="How the citation is written.")
]


def cite(url: Url, at: At = None, style: StyleName = "apa") -> None:
    """Print a citation of an archived article.

    Example: hemeroteca cite https://www.example.org/news/today.html --style bibtex
    """
    from hemeroteca.archive_reader import Reader

    with Reader(read_settings(), print_message) as reader:
        held = reader.get(url, at)
        if held.way:
            print_message(held.way)
        citation = held.cite(style)
    (say_json if style == "csl-json" else say)(citation)
