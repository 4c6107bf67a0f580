"""``hemeroteca failures``: the URLs of a night that were not captured, and why."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.completion_command import complete_source_id
from hemeroteca.cli.layout import say_wrapped
from hemeroteca.cli.opened_archive import check_sources, name_command, open_with_store
from hemeroteca.cli.options import AsJson, NightOption
from hemeroteca.cli.status_command import choose_night
from hemeroteca.cli.terminal import say, write_json
from hemeroteca.configuration import read_settings
from storage.model.errors import NotArchivedError
from storage.model.outcome import FAILED, REFUSED, SKIPPED
from storage.model.suggestions import suggest

if TYPE_CHECKING:
    from hemeroteca.archive.reading.missed_urls import MissedUrl

_FIRST = ("failed", "refused", "skipped")
_MOST_NAMED = 3

Source = Annotated[
    str | None, typer.Option("--source", metavar="ID", help="Only this newspaper.", autocompletion=complete_source_id)
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="NAME", help="Only this reason, such as robots; lists its addresses.")
]
Urls = Annotated[bool, typer.Option("--urls", help="List every address, with what exactly happened.")]


def failures(
    night: NightOption = None, source: Source = None, reason: Reason = None, urls: Urls = False, as_json: AsJson = False
) -> None:
    """Show what a night did not capture, why, and what to do.

    Example: hemeroteca failures --night 2026-03-01 --reason robots
    """
    from hemeroteca.archive.reading.missed_urls import read_missed
    from hemeroteca.archive_reader import check_archived

    settings = read_settings()
    _check_reason(reason)
    check_archived(settings)
    check_sources(settings, [source] if source else [])
    with open_with_store(settings) as archive:
        night = choose_night(archive, night)
        if not archive.catalog.find_crawls(night):
            raise NotArchivedError(f"{night}: nothing was crawled that night")
        missed = read_missed(archive, night, source, reason)
        if as_json:
            for one in missed:
                write_json(one.model_dump_json().encode() + b"\n")
            sys.stdout.buffer.flush()
            return
        say(f"Night of {night}")
        _print_groups(missed, bool(urls or reason), name_command(settings))


def _check_reason(reason: str | None) -> None:
    """Raise BadParameter when nothing is ever missed for *reason*."""
    known = FAILED | REFUSED | SKIPPED
    if reason and reason not in known and not re.fullmatch(r"http_\d{3}", reason):
        names = ", ".join(sorted(known))
        raise typer.BadParameter(f"{reason}: no such reason{suggest(reason, known)} There are http_NNN, {names}")


def _print_groups(missed: Iterable[MissedUrl], with_urls: bool, command: str) -> None:
    """Print the reasons, those of failures first, then the most frequent; with the addresses of each if asked."""
    groups: dict[tuple[str, str, str], list[MissedUrl]] = {}
    for one in missed:
        groups.setdefault((one.state, one.reason, one.meaning), []).append(one)
    if not groups:
        say("every address was captured, or is in the archive")
    for key in sorted(groups, key=lambda key: (_FIRST.index(key[0]), -len(groups[key]), *key[1:])):
        _print_group(groups[key], with_urls)
    if groups and not with_urls:
        say_wrapped(f"Addresses: `{command} failures --urls`, or --reason and a name from above", "  ")


def _print_group(group: list[MissedUrl], with_urls: bool) -> None:
    first = group[0]
    say()
    say_wrapped(f"{len(group):,} {first.state} ({first.reason}): {first.meaning}", "  ")
    say_wrapped(f"  {_name_sources(group)}", "  ")
    say_wrapped(f"  {first.advice}", "  ")
    if with_urls:
        for one in group:
            say(f"  {one.url}" + (f"  [{one.detail}]" if one.detail else ""))


def _name_sources(group: list[MissedUrl]) -> str:
    counted = Counter(one.source_id for one in group).most_common()
    named = ", ".join(f"{name} {count:,}" for name, count in counted[:_MOST_NAMED])
    others = len(counted) - _MOST_NAMED
    return f"{named} and {others:,} more" if others > 0 else named
