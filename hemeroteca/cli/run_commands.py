"""``hemeroteca up``, ``nightly`` and ``crawl``: the archive works, and its coverage is shown."""

from __future__ import annotations

import shlex
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.completion_command import complete_source_id
from hemeroteca.cli.coverage import (
    count_not_due,
    find_faults,
    has_pages,
    list_missed_pages,
    nightly_ones,
    print_coverage,
)
from hemeroteca.cli.missed_nights import find_empty_backfills, find_filling
from hemeroteca.cli.opened_archive import NO_CONTACT, name_command
from hemeroteca.cli.options import AsJson, FirstNight, LastNight, NightOption
from hemeroteca.cli.printed_answers import print_answers
from hemeroteca.cli.status_command import say_red
from hemeroteca.cli.terminal import is_quiet, say, tell
from hemeroteca.configuration import Settings, read_settings
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.cli.runs import RunResult
    from storage.catalog import CrawlRow
    from storage.model.source import Source

Urls = Annotated[list[str] | None, typer.Argument(metavar="URL", help="Addresses to capture now.")]
UrlFile = Annotated[
    Path | None, typer.Option("-f", metavar="FILE", help="A file of addresses, one per line; - is stdin.")
]
SourceIds = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="ID",
        help="Crawl this whole newspaper; may be given again.",
        autocompletion=complete_source_id,
    ),
]


def up(
    verbose: Annotated[bool, typer.Option("--verbose", help="Also show what the servers log.")] = False,
) -> None:
    """Run your archive, its schedule and its servers, until Ctrl-C.

    Example: hemeroteca up
    """
    from hemeroteca.services.stack import run_up

    settings = read_settings()
    if not settings.demo and not settings.contact:
        say(NO_CONTACT, file=sys.stderr)
    run_up(settings, tell, verbose)


def nightly(
    night: NightOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Crawl again, even if the night is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl the enabled newspapers: tonight, or for --night DATE.

    Example: hemeroteca --demo nightly
    """
    settings = read_settings()
    night = night or settings.tonight()
    enabled = _read_enabled(settings)
    crawls = [] if fresh else _find_crawls(settings, night, enabled)
    if crawls:
        _print_message(
            as_json,
            f"The night of {night} is already there; `{name_command(settings)} nightly --fresh` crawls it again.",
        )
        faults = find_faults(nightly_ones(crawls), {}, _read_verdicts(settings, night))
        _finish(settings, crawls, "; ".join(faults), as_json)
    else:
        from hemeroteca.archive.crawling.planners import check_night
        from hemeroteca.cli.runs import run_nightly

        check_night(settings, night)
        ended = run_nightly(settings, night, fresh)
        _print_healed(as_json, ended.healed)
        _finish(settings, ended.crawls, ended.why, as_json)


def crawl(
    urls: Urls = None,
    file: UrlFile = None,
    source: SourceIds = None,
    since: FirstNight = None,
    until: LastNight = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask for articles again that are not due.")] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl addresses or whole newspapers now.

    Example: hemeroteca crawl https://www.example.org/news/today.html
    """
    wanted = [*(urls or []), *(_read_urls(file) if file else [])]
    if not wanted and not source:
        raise typer.BadParameter("name an address, a file of addresses or a newspaper")
    from hemeroteca.cli.runs import run_request

    settings = read_settings()
    nights = {name: str(night) for name, night in (("since", since), ("until", until)) if night}
    ended = run_request(settings, {"urls": wanted, "sources": source or [], "fresh": fresh, **nights})
    _print_healed(as_json, ended.healed)
    for line in find_empty_backfills(ended.crawls):
        say(line, file=sys.stderr)
    print_answers(ended.answers, as_json)
    for line in list_missed_pages(ended.crawls) if source else ():
        say(f"Not captured: {line}", file=sys.stderr)
    _finish(settings, ended.crawls, ended.why or _judge_pages(settings, ended), as_json)


def _judge_pages(settings: Settings, ended: RunResult) -> str | None:
    """Return why what was asked for is not there, though nothing failed; None when it is."""
    missed = sum(not answer.captured for answer in ended.answers)
    if missed:
        return f"{missed:,} of {len(ended.answers):,} addresses named were not captured"
    if has_pages(ended.crawls):
        return None
    if waiting := count_not_due(ended.crawls):
        again = f"`{name_command(settings)} crawl --fresh …` asks for them again"
        tell(f"Nothing new: {waiting} articles are not due for another look yet; {again}", file=sys.stderr)
        return None
    return "no page was captured"


def _read_urls(file: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file}: not a list of addresses: not UTF-8") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _read_enabled(settings: Settings) -> list[Source]:
    """Return the enabled sources. Prints which cards are wrong, and ends the command when no source is enabled."""
    from hemeroteca.archive.sources.seeds import read_sources

    found, errors = read_sources(settings)
    for line in errors:
        say(line, file=sys.stderr)
    enabled = [source for source in found if source.enabled]
    if not enabled:
        name = name_command(settings)
        say(f"No newspaper is enabled: `{name} sources list` shows them, `{name} sources enable ID` adds one.",
              file=sys.stderr)  # fmt: skip
        raise typer.Exit(1)
    return enabled


def _find_crawls(settings: Settings, night: Night, enabled: list[Source]) -> list[CrawlRow]:
    """Return the crawls of *night* if every source has its nightly one, and nothing is lacking, else none."""
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.unhealed import read_unhealed_of_nightly
    from storage.model.crawl import nightly_id

    if not settings.home.path.exists():
        return []
    with Archive(settings) as archive:
        if night >= settings.tonight() - timedelta(days=1) and read_unhealed_of_nightly(archive, night):
            return []  # the night again heals it
        crawls = archive.catalog.find_crawls(night)
    there = {crawl.crawl_id for crawl in crawls if not crawl.late}
    return crawls if all(nightly_id(source.id, night) in there for source in enabled) else []


def _finish(settings: Settings, crawls: list[CrawlRow], why: str | None, as_json: bool) -> None:
    """Print the coverage of *crawls* and what to try next, and end with the command's status."""
    print_coverage(crawls, as_json, *_find_backfills_and_causes(settings, crawls))
    if crawls and not as_json and not is_quiet():
        _print_next(settings, crawls)
    if why:
        say_red(settings, crawls[0].night if crawls else settings.tonight(), why, as_json)
        raise typer.Exit(1)


def _read_verdicts(settings: Settings, night: Night) -> dict[str, str]:
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.verdicts import read_verdicts

    with Archive(settings) as archive:
        return read_verdicts(archive, night)


def _find_backfills_and_causes(settings: Settings, crawls: list[CrawlRow]) -> tuple[list[CrawlRow], dict[str, str]]:
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.watching.cause_notes import read_causes

    if not crawls:
        return [], {}
    with Archive(settings) as archive:
        filling = find_filling(archive, crawls) if any(crawl.gaps for crawl in crawls) else []
        return filling, read_causes(archive, crawls[0].night)


def _print_next(settings: Settings, crawls: list[CrawlRow]) -> None:
    """Print three commands to try, about an article of *crawls*."""
    name = name_command(settings)
    url = _find_article(settings, crawls)
    say("\nTry next:")
    if url:
        host = url.split("/")[2]
        say(f"  {name} ls {shlex.quote(f'{host}/*')}\n  {name} get {shlex.quote(url)}\n  {name} sources list")
    else:
        say(f"  {name} doctor\n  {name} sources check\n  {name} sources list")


def _find_article(settings: Settings, crawls: list[CrawlRow]) -> str | None:
    from hemeroteca.archive.archive import Archive

    richest = max(crawls, key=lambda crawl: crawl.documents or 0)
    with Archive(settings) as archive:
        for capture in archive.catalog.find_captures(crawl_id=richest.crawl_id):
            is_page = capture.purpose == "article" and capture.method is None
            if is_page and archive.catalog.find_document(capture.refers_to or capture.record_id):
                return capture.target_uri
    return None


def _print_healed(as_json: bool, healed: str | None) -> None:
    if healed:
        _print_message(as_json, f"Healed: {healed}")


def _print_message(as_json: bool, line: str) -> None:
    say(line, file=sys.stderr if as_json else sys.stdout)
