"""``hemeroteca admin rebuild``, ``admin reextract`` and ``demo``: what is made from the archive is made again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.layout import cut, find_width, say_wrapped
from hemeroteca.cli.opened_archive import name_command, open_with_store
from hemeroteca.cli.options import AsJson, FirstNight, LastNight, SourceIds
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.configuration import CHECKOUT, Settings, read_settings
from storage.model.errors import ServiceError
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from hemeroteca.archive.reextraction.differences import Difference, Differences

_SHOWN = 20
_WIDTH = 100

demo = typer.Typer(no_args_is_help=True)


@demo.callback()
def _demo() -> None:
    """The demo's own archive, separate from yours.

    Example: hemeroteca demo reset
    """


def rebuild() -> None:
    """Rebuild the catalog and the tables from the bucket.

    Example: hemeroteca admin rebuild
    """
    from hemeroteca.archive.publishing.rebuild import rebuild as rebuild_archive
    from hemeroteca.cli.evidence_faults import find_evidence_faults

    with open_with_store(read_settings()) as archive:
        done = rebuild_archive(archive)
    rows = done.rows
    say(f"rebuilt: {rows['captures']:,} captures, {rows['documents']:,} documents, {rows['crawls']:,} crawls")
    faults = find_evidence_faults(done.check)
    for line in done.faults[:_SHOWN]:
        say(f"not rebuilt: {line}", file=sys.stderr)
    if len(done.faults) > _SHOWN:
        say(f"not rebuilt: {len(done.faults) - _SHOWN:,} more; the log names them", file=sys.stderr)
    for fault in faults:
        say(f"{fault.part}: {fault.found}\n  {fault.fix}", file=sys.stderr)
    if faults or done.faults:
        raise typer.Exit(1)


def reextract(
    since: FirstNight = None,
    until: LastNight = None,
    source: SourceIds = None,
    publish: Annotated[bool, typer.Option("--publish", help="Make the new documents the current ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """Extract archived pages again, and show what would change.

    Example: hemeroteca admin reextract --from 2026-03-01 --source es-elmundo
    """
    from hemeroteca.archive.keeping_apart import Troubles
    from hemeroteca.archive.reextraction.drafts import (
        find_differences,
        make_drafts,
        read_reextraction_request,
        split_request,
    )
    from hemeroteca.archive.reextraction.promotion import promote_drafts
    from hemeroteca.extraction.workers.pool import WorkerPool

    settings = read_settings()
    request = read_reextraction_request({"since": since, "until": until, "sources": source or [], "publish": publish})
    troubles = Troubles()
    with open_with_store(settings) as archive:
        split_request(archive, request)
        with WorkerPool(settings.crawl_slots, environment=settings.environment) as workers:
            make_drafts(archive, request, workers, troubles)
        print_differences(find_differences(archive, request, troubles), as_json)
        crawls = promote_drafts(archive, request, troubles)
    if publish:
        say(f"published: {crawls:,} crawls", file=sys.stderr if as_json else sys.stdout)
    for line in dict.fromkeys(f"{name}: {error}" for name, error in troubles.found):
        say(f"not extracted again: {line}", file=sys.stderr)
    if troubles.found:
        raise typer.Exit(1)


def print_differences(found: Differences, as_json: bool) -> None:
    """Print the sums, then the biggest changes with some removed and added lines; as NDJSON the same."""
    if as_json:
        say_json(found.model_dump_json(exclude={"biggest"}))
        for one in found.biggest:
            say_json(one.model_dump_json())
        return
    say_wrapped(f"{found.extractor} on {found.crawls:,} crawls not published yet:", "  ")
    say_wrapped(
        f"  {found.unchanged:,} unchanged, {found.changed:,} changed, {found.gained:,} gained, {found.lost:,} lost",
        "    ",
    )
    if found.fields:
        say_wrapped("  changed: " + ", ".join(f"{field} {count:,}" for field, count in found.fields.items()), "    ")
    for one in found.biggest:
        _print_difference(one)


def _print_difference(one: Difference) -> None:
    width = find_width() - len("  - ") if sys.stdout.isatty() else _WIDTH
    say_wrapped(f"{one.change} -{one.removed_characters:,} +{one.added_characters:,} characters  {one.url}", "  ")
    for sign, lines in (("-", one.removed), ("+", one.added)):
        for line in lines:
            say(f"  {sign} {cut(escape_unfit(line), width)}")


@demo.command()
def reset() -> None:
    """Remove the demo's archive: the next demo starts empty.

    Example: hemeroteca demo reset
    """
    settings = read_settings(demo=True)
    remove_home(settings, CHECKOUT / ".hemeroteca/demo")
    say(f"removed {settings.home}")


def remove_home(settings: Settings, only: Path) -> None:
    """Remove the home of *settings* with everything in it. Raises ServiceError unless it is *only*, and not in use."""
    from hemeroteca.services.stack import read_holder

    if settings.home.path.resolve() != only.resolve():
        raise ServiceError(f"{settings.home}: HEMEROTECA_HOME is set, so this may be no demo; remove it yourself")
    if holder := read_holder(settings):
        raise ServiceError(f"the demo runs (pid {holder.pid}); stop `{name_command(settings)} {holder.kind}` first")
    shutil.rmtree(settings.home, ignore_errors=True)
