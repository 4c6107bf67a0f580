"""``hemeroteca ls`` and ``hemeroteca get``: what the archive holds of an address, and why its text is what it is."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hemeroteca.cli.options import AsJson
from hemeroteca.configuration import read_settings
from storage.model.errors import NotArchivedError

if TYPE_CHECKING:
    from hemeroteca.extraction.block_choice.choice import Explanation

_ASKED = {True: "trafilatura was asked: the model alone was in doubt", False: "trafilatura was not asked"}


def read_moment(text: str) -> datetime:
    from hemeroteca.archive.reading.lookup import parse_at

    return parse_at(text)


def read_last_moment(text: str) -> datetime:
    """Return the time *text* names; of a bare date the last instant."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        return read_moment(text)


Address = Annotated[str, typer.Argument(metavar="URL", help="An address, or how addresses begin, as host/path*.")]
Url = Annotated[str, typer.Argument(metavar="URL", help="An address.")]
From = Annotated[
    datetime | None, typer.Option("--from", metavar="TIME", parser=read_moment, help="Not before, as 2026-03-01.")
]
To = Annotated[
    datetime | None,
    typer.Option("--to", metavar="TIME", parser=read_last_moment, help="Not after; a date is included."),
]
At = Annotated[
    datetime | None,
    typer.Option(
        "--at", metavar="TIME", parser=read_moment, help="Closest to this, as 2026-03-01T02:00Z; else the newest."
    ),
]
Form = Literal["text", "raw", "document", "explain", "warc"]


def ls(url: Address, since: From = None, until: To = None, as_json: AsJson = False) -> None:
    """List the captures of an address, or of all below a prefix.

    Example: hemeroteca ls 'https://www.example.org/news/*' --from 2026-03-01
    """
    from hemeroteca.archive_reader import Reader

    with Reader(read_settings()) as reader:
        found = reader.captures(url, since, until) or reader.captures(f"{url.rstrip('*')}*", since, until)
    if not found:
        raise NotArchivedError(f"{url}: not in the archive")
    for capture in found:
        if as_json:
            print(capture.model_dump_json())
        else:
            facts = (f"{capture.date:%Y-%m-%dT%H:%M:%SZ}", f"{capture.status}", capture.payload_digest or "-")
            print("  ".join((*facts, capture.crawl_id, capture.target_uri)))


def get(
    url: Url,
    at: At = None,
    form: Annotated[Form, typer.Option("--as", help="What to print of it.")] = "text",
    with_request: Annotated[bool, typer.Option("--with-request", help="With --as warc: its request too.")] = False,
    extractor: Annotated[
        str | None, typer.Option(metavar="ID", help="As this extractor read it, superseded or not; else the current.")
    ] = None,
) -> None:
    """Print what is held of an address: its text, bytes or record.

    Example: hemeroteca get https://www.example.org/news/today.html --as document
    """
    if with_request and form != "warc":
        raise typer.BadParameter("--with-request belongs to --as warc")
    if extractor and form not in ("text", "document"):
        raise typer.BadParameter("--extractor belongs to --as text and --as document")
    from hemeroteca.archive_reader import Reader

    with Reader(read_settings()) as reader:
        held = reader.get(url, at, extractor)
        if form == "explain":
            print_explanation(held.explain())
            return
        if form == "raw":
            content = held.raw()
        elif form == "warc":
            content = held.warc(with_request)
        elif form == "document":
            content = held.document.model_dump_json(by_alias=True, indent=2).encode() + b"\n"
        else:  # exactly the bytes of its digest; a terminal gets its line ended
            content = held.text.encode() + (b"\n" if sys.stdout.isatty() else b"")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def print_explanation(explanation: Explanation) -> None:
    """Print whether trafilatura was asked, and each block: kept or dropped, its score, why, its place, and its text."""
    print(_ASKED[explanation.asked])
    for one in explanation.blocks:
        print(f"{'kept   ' if one.kept else 'dropped'} {one.score:.2f}  {'; '.join(one.reasons)}  [{one.path}]")
        print(f"        {one.text}")
