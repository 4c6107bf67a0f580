"""``hemeroteca ls`` and ``hemeroteca get``: the captures of an address, and why a text is what it is."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hemeroteca.cli.completion_command import complete_source_id
from hemeroteca.cli.layout import cut, find_width
from hemeroteca.cli.opened_archive import check_sources
from hemeroteca.cli.options import AsJson, NightOption, check_span
from hemeroteca.cli.terminal import say, say_json, tell, write_bytes, write_json
from hemeroteca.configuration import read_settings
from storage.model.errors import NotArchivedError

if TYPE_CHECKING:
    from hemeroteca.archive.reading.answers import FoundCaptures
    from hemeroteca.extraction.block_choice.explanation import Explanation
    from storage.model.capture import Capture


def parse_moment(text: str) -> datetime:
    from hemeroteca.archive.reading.lookup import parse_time

    return parse_time(text)


def parse_last_moment(text: str) -> datetime:
    """Return the time that *text* names; for a date without a time its last instant."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        return parse_moment(text)


Address = Annotated[
    str, typer.Argument(metavar="URL", help="An address, or the beginning of addresses, as host/path*.")
]
Url = Annotated[str, typer.Argument(metavar="URL", help="An address.")]
From = Annotated[
    datetime | None,
    typer.Option("--from", metavar="TIME", parser=parse_moment, help="Not before this time, as 2026-03-01."),
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to", metavar="TIME", parser=parse_last_moment, help="Not after this time; a date includes its whole day."
    ),
]
At = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="TIME",
        parser=parse_moment,
        help="The capture closest to this time, as 2026-03-01T02:00Z; by default the newest.",
    ),
]
_WHOLE_LINE = 160
"""The width of a terminal that shows a capture's whole digest and its crawl."""
_SHORT_DIGEST = 16
Form = Literal["text", "raw", "document", "explain", "warc"]


Source = Annotated[
    str | None,
    typer.Option(
        "--source", metavar="ID", help="Only what crawls of this newspaper saw.", autocompletion=complete_source_id
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="COUNT", min=1, help="No more captures than this.")]
After = Annotated[
    str | None, typer.Option("--after", metavar="RECORD", help="Only what follows this capture, as --limit names it.")
]


def ls(  # noqa: PLR0913 - each is an option
    url: Address,
    since: From = None,
    until: To = None,
    source: Source = None,
    night: NightOption = None,
    limit: Limit = None,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """List the captures of an address, or of all with a prefix.

    Example: hemeroteca ls 'https://www.example.org/news/*' --from 2026-03-01
    """
    check_span(since, until)
    from hemeroteca.archive_reader import Reader

    with Reader(read_settings(), print_message) as reader:
        for asked in (url, f"{url.rstrip('*')}*"):
            found = reader.captures(asked, since, until, source_id=source, night=night, after=after)
            if found:
                print_captures(found, limit, as_json)
                return
        check_sources(read_settings(), [source] if source else [])
        raise NotArchivedError(f"{url}: {reader.describe_absence()}")


def tell_message(line: str) -> None:
    tell(f"hemeroteca: {line}", file=sys.stderr)


def print_message(line: str) -> None:
    say(f"hemeroteca: {line}", file=sys.stderr)


def print_captures(found: FoundCaptures, limit: int | None, as_json: bool) -> None:
    """Print *limit* captures, a line each, and to stderr which other addresses answered and where the limit cut."""
    told: set[str] = set()
    last = None
    for number, capture in enumerate(found):
        if number == limit:
            print_message(f"there are more: --after {last}")
            return
        way = found.describe_way(capture)
        if way and way not in told:
            tell_message(way)
            told.add(way)
        if as_json:
            say_json(json.dumps(capture.model_dump(mode="json") | {"found_by": found.found_by(capture)}))
        else:
            say(_format_capture(capture))
        last = capture.record_id


def _format_capture(capture: Capture) -> str:
    from storage.request_key import join_request_url

    facts = (f"{capture.date:%Y-%m-%dT%H:%M:%SZ}", f"{capture.status}")
    url = join_request_url(capture.target_uri, capture.method, capture.request_query)
    digest = capture.payload_digest or "-"
    if sys.stdout.isatty() and find_width() < _WHOLE_LINE:
        return "  ".join((*facts, cut(digest, _SHORT_DIGEST), url))
    return "  ".join((*facts, digest, capture.crawl_id, url))


def get(
    url: Url,
    at: At = None,
    form: Annotated[Form, typer.Option("--as", help="What to print.")] = "text",
    with_request: Annotated[
        bool, typer.Option("--with-request", help="With --as warc: also the record of the request.")
    ] = False,
    extractor: Annotated[
        str | None, typer.Option(metavar="ID", help="The text that this extractor found; by default the current one.")
    ] = None,
) -> None:
    """Print the text, the bytes or the record of a capture.

    Example: hemeroteca get https://www.example.org/news/today.html --as document
    """
    if with_request and form != "warc":
        raise typer.BadParameter("--with-request belongs to --as warc")
    if extractor and form not in ("text", "document"):
        raise typer.BadParameter("--extractor belongs to --as text and --as document")
    from hemeroteca.archive_reader import Reader

    with Reader(read_settings(), print_message) as reader:
        held = reader.get(url, at, extractor)
        if held.way:
            tell_message(held.way)
        if form == "explain":
            print_explanation(held.explain())
            return
        if form == "raw":
            content = held.raw()
        elif form == "warc":
            content = held.warc(with_request)
        elif form == "document":
            write_json(held.document.model_dump_json(by_alias=True, indent=2).encode() + b"\n")
            return
        else:  # exactly the bytes of its digest; on a terminal the line is ended
            if held.document.without_text:
                raise NotArchivedError(f"{url}: {held.tell_textless()}; `--as document` has its title and date")
            content = held.text.encode() + (b"\n" if sys.stdout.isatty() else b"")
    write_bytes(content)


def print_explanation(explanation: Explanation) -> None:
    """Print how the text differs from trafilatura's own, then each block.

    Of a block: kept or dropped, its score, why, its place, and its text.
    """
    dropped = [one for one in explanation.blocks if one.in_trafilatura and not one.kept]
    added = [one for one in explanation.blocks if one.kept and not one.in_trafilatura]
    say(f"of trafilatura's lines {len(dropped)} dropped; {len(added)} added")
    if explanation.disputed:
        say("disputed: no second witness agrees with a large correction")
    for said, ones in (("trafilatura kept, we dropped", dropped), ("we added", added)):
        for one in ones:
            say(f"{said}: {one.text}")
            say(f"        {'; '.join(one.reasons)}")
    for one in explanation.blocks:
        say(f"{'kept   ' if one.kept else 'dropped'} {one.score:.2f}  {'; '.join(one.reasons)}  [{one.path}]")
        say(f"        {one.text}")
