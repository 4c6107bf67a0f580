"""``hemeroteca items``: what spiders scraped of a newspaper's pages, in the fields of its own spider."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hemeroteca.cli.completion_command import complete_source_id
from hemeroteca.cli.opened_archive import check_sources
from hemeroteca.cli.options import NightOption
from hemeroteca.cli.terminal import write_json
from hemeroteca.configuration import read_settings
from storage.model.errors import NotArchivedError

Source = Annotated[
    str | None,
    typer.Option("--source", metavar="ID", help="Only items of this newspaper.", autocompletion=complete_source_id),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="COUNT", min=1, help="No more items than this.")]


def items(source: Source = None, night: NightOption = None, limit: Limit = None) -> None:
    """Print the items that spiders have scraped, as JSON lines.

    Example: hemeroteca items --source es-elpais --night 2026-03-01
    """
    from hemeroteca.archive_reader import Reader
    from storage.items import encode_item

    printed = 0
    with Reader(read_settings()) as reader:
        for item in reader.items(source_id=source, night=night):
            write_json(encode_item(item) + b"\n")
            printed += 1
            if printed == limit:
                break
    sys.stdout.buffer.flush()
    if not printed:
        check_sources(read_settings(), [source] if source else [])
        raise NotArchivedError("no items: no spider has scraped any that are in the archive and asked for")
