"""``hemeroteca status``: what a night brought."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from hemeroteca.cli.coverage import asked_ones, find_faults, nightly_ones, print_coverage
from hemeroteca.cli.missed_nights import find_filling
from hemeroteca.cli.opened_archive import name_command, open_catalogued
from hemeroteca.cli.options import AsJson, NightOption
from hemeroteca.cli.terminal import say
from hemeroteca.configuration import Settings, read_settings
from storage.model.errors import NotArchivedError
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive


def status(night: NightOption = None, as_json: AsJson = False) -> None:
    """Show what a night brought: the newest, or --night DATE.

    Example: hemeroteca status --night 2026-03-01
    """
    from hemeroteca.archive.catalog_doubts import describe_shortfall
    from hemeroteca.archive.crawl_trouble import read_trouble
    from hemeroteca.archive.unhealed import read_unhealed_of_nightly
    from hemeroteca.archive.verdicts import read_verdicts
    from hemeroteca.archive.watching.cause_notes import read_causes

    settings = read_settings()
    with open_catalogued(settings) as archive:
        asked, night = night, choose_night(archive, night)
        crawls = archive.catalog.find_crawls(night)
        backfills = find_filling(archive, crawls)
        shortfall = describe_shortfall(archive, asked, with_doubts=not crawls)
        troubles = {crawl.crawl_id: read_trouble(archive, crawl.crawl_id) for crawl in crawls if crawl.late}
        unhealed = read_unhealed_of_nightly(archive, night)
        causes, verdicts = read_causes(archive, night), read_verdicts(archive, night)
    if not crawls:
        absence = f"no crawl of that night is known, but {shortfall}" if shortfall else "nothing was crawled that night"
        raise NotArchivedError(f"{night}: {absence}")
    if shortfall:
        say(f"hemeroteca: {shortfall}", file=sys.stderr)
    if not as_json:
        say(f"Night of {night}")
    print_coverage(crawls, as_json, backfills, causes)
    if not as_json:
        for line in find_faults(asked_ones(crawls), troubles, verdicts):
            say(f"By hand: {line}")
    if why := "; ".join([*find_faults(nightly_ones(crawls), troubles, verdicts), *unhealed]):
        say_red(settings, night, why, as_json)
        raise typer.Exit(1)


def say_red(settings: Settings, night: Night, why: str, as_json: bool) -> None:
    """Say why a night or a crawl is red, beside JSON on stderr; and on stderr what to type next."""
    from hemeroteca.archive.verdicts import tell_next

    say(f"Red: {why}", file=sys.stderr if as_json else sys.stdout, flush=True)
    say(tell_next(why, night, name_command(settings)), file=sys.stderr)


def choose_night(archive: Archive, asked: Night | None) -> Night:
    """Return the night that was *asked* for, else tonight if anything was crawled, else the newest."""
    if asked:
        return asked
    tonight = archive.settings.tonight()
    if archive.catalog.find_nights(tonight, tonight):
        return tonight
    return archive.catalog.newest_night() or tonight
