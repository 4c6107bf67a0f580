"""``hemeroteca sources``: which newspapers there are, and which are crawled."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.archive.sources.spider_templates import TemplateName
from hemeroteca.cli.completion_command import complete_source_id
from hemeroteca.cli.layout import Column, cut, find_width, lay_out, measure, say_wrapped
from hemeroteca.cli.opened_archive import name_command, open_with_store
from hemeroteca.cli.options import AsJson
from hemeroteca.cli.terminal import say, say_json, tell
from hemeroteca.configuration import Settings, read_settings
from storage.model.errors import NotArchivedError, SeedError
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from hemeroteca.archive.sources.first_look import FirstLook
    from storage.model.source import Source

_LISTED = ("id", "crawled", "language", "homepage", "title")
_LEAST_TITLE = 12
_LOOKED_AT_ONCE = 8
_WITH_ADDRESSES = 100

app = typer.Typer(
    help="List newspapers, check their cards, switch them on and off.\n\nExample: hemeroteca sources list",
    no_args_is_help=True,
)
Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID",
        help="Newspapers' ids, as `hemeroteca sources list` shows them.",
        autocompletion=complete_source_id,
    ),
]
Country = Annotated[
    str | None, typer.Option("--country", metavar="CODE", help="All newspapers of this country, such as ES.")
]
All = Annotated[bool, typer.Option("--all", help="All newspapers that there are cards of.")]


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the newspapers, and whether they are crawled.

    Example: hemeroteca sources list --json
    """
    from hemeroteca.archive.sources import seeds

    found, errors = seeds.read_sources(read_settings())
    for line in [source.model_dump_json() for source in found] if as_json else []:
        say_json(line)
    for line in [] if as_json else _write_list(found):
        say(line)
    for line in errors:
        say(line, file=sys.stderr)
    if errors:
        raise typer.Exit(1)


def _write_list(found: Sequence[Source]) -> list[str]:
    """Return a line for each source: on a terminal below headings, cut to its width and without addresses in 80."""
    columns = [Column(name, name, left=True) for name in _LISTED]
    rows = [
        [one.id, "enabled" if one.enabled else "-", one.language, one.homepage, escape_unfit(one.title)]
        for one in found
    ]
    if not sys.stdout.isatty() or not rows:
        return lay_out(columns, rows, sys.maxsize).lines[1:]
    width = find_width()
    if width < _WITH_ADDRESSES:
        columns, rows = [*columns[:3], columns[4]], [[*row[:3], row[4]] for row in rows]
    room = width - sum(max(measure(row[n]) for row in (_LISTED, *rows)) + 2 for n in range(len(columns) - 1))
    return lay_out(columns, [[*row[:-1], cut(row[-1], max(room, _LEAST_TITLE))] for row in rows], width).lines


@app.command()
def check() -> None:
    """Check every card, its spider, and whether its selectors match.

    Example: hemeroteca sources check
    """
    from hemeroteca.archive.sources import seeds
    from hemeroteca.archive.sources.card_spiders import find_spider_faults

    settings = read_settings()
    found, errors = seeds.read_sources(settings)
    errors += find_spider_faults(settings, found)
    for line in (*errors, *_warnings(settings, [source for source in found if source.text.keep or source.text.drop])):
        say(line)
    if errors:
        raise typer.Exit(1)
    say(f"{len(found)} cards are right, {sum(source.enabled for source in found)} enabled")


@app.command()
def add(
    homepage: Annotated[str, typer.Argument(metavar="URL", help="A newspaper's front page.")],
    source_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Its id; by default made from its host.")
    ] = None,
    ignore_robots: Annotated[bool, typer.Option("--ignore-robots", help="Ask for what robots.txt forbids.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It is on this machine or in your own network.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the card, and write no file.")] = False,
) -> None:
    """Look for a newspaper's feeds and sitemaps and write its card.

    Example: hemeroteca sources add https://www.example.org/
    """
    from hemeroteca.archive.sources import seeds
    from hemeroteca.archive.sources.survey_findings import draft_card, make_survey_card
    from hemeroteca.cli.runs import run_survey
    from storage.cards import display_path

    settings = read_settings()
    source = make_survey_card(settings, homepage, source_id, allow_private)
    path = seeds.check_new_source(settings, source)
    if ignore_robots:
        say(f"What the robots.txt of {source.homepage} forbids is asked for all the same", file=sys.stderr)
    card = draft_card(run_survey(settings, source, ignore_robots), source, settings.now())
    if dry_run:
        say(card, end="")
        return
    seeds.write_new_card(path, card)
    say(card, end="")
    tell(
        f"Written to {display_path(path)}; `{name_command(settings)} sources enable {source.id}` lets it be crawled.",
        file=sys.stderr,
    )


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What its spider is called: a new module in spiders/.")],
    template: Annotated[TemplateName, typer.Option("--template", help="What its spider reads.")] = "basic",
    homepage: Annotated[
        str, typer.Option("--url", metavar="URL", help="The newspaper's front page.")
    ] = "https://www.example.org/",
) -> None:
    """Write a Scrapy spider for a newspaper, and its card.

    Example: hemeroteca sources new my_paper --template crawl --url https://www.example.org/
    """
    from hemeroteca.archive.sources.new_spider import write_newspaper
    from storage.cards import display_path

    settings = read_settings()
    written = write_newspaper(settings, name, template, homepage)
    say(f"{display_path(written.spider)}\n{display_path(written.card)}")
    command = name_command(settings)
    tell(
        f"`scrapy crawl {name}` tries it, `{command} crawl --source {written.source.id}` archives what it finds, "
        f"`{command} sources enable {written.source.id}` lets it be crawled every night.",
        file=sys.stderr,
    )


@app.command()
def enable(
    ids: Ids = None,
    country: Country = None,
    every: All = False,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Do not read what their cards name first.")] = False,
) -> None:
    """Crawl newspapers every night, once their feeds were read.

    Example: hemeroteca sources enable es-elmundo
    """
    settings = read_settings()
    chosen = _choose(settings, ids, country, every)
    if not ids:
        chosen = [source for source in chosen if not source.enabled]
        if not chosen:
            say("They are all enabled already.")
    if not unchecked and chosen and not settings.demo and not settings.contact:
        raise SeedError("HEMEROTECA_CONTACT: set your address first: newspapers are told who reads them")
    refused = [source.id for source in chosen if unchecked and not _switch_on(settings, source, "not read first")]
    for look in () if unchecked else _look_at(settings, chosen):
        words = look.describe(settings.now())
        if not look.is_good:
            refused.append(look.source.id)
            say(f"{look.source.id}: not enabled: {words}")
        elif not _switch_on(settings, look.source, words):
            refused.append(look.source.id)
        for line in look.faults:
            say_wrapped(f"  {line}", "    ")
    if refused:
        name = name_command(settings)
        say(f"{len(chosen) - len(refused)} of {len(chosen)} enabled; `{name} sources enable --unchecked ID` does so "
            "without reading anything", file=sys.stderr)  # fmt: skip
        raise typer.Exit(1)
    if not settings.contact and not settings.demo:
        tell("Set HEMEROTECA_CONTACT to your address: newspapers are told who crawls them.", file=sys.stderr)


@app.command()
def disable(ids: Ids = None, country: Country = None, every: All = False) -> None:
    """Stop crawling newspapers; what is archived stays.

    Example: hemeroteca sources disable es-elmundo
    """
    settings = read_settings()
    for source in _choose(settings, ids, country, every):
        if ids or source.enabled:
            say(f"{source.id} is disabled in {_switch(settings, source.id, False)}")


def _choose(settings: Settings, ids: list[str] | None, country: str | None, every: bool) -> list[Source]:
    """Return the newspapers that were named. Raises SeedError for one there is no card of."""
    from hemeroteca.archive.sources import seeds

    if not ids and not country and not every:
        raise typer.BadParameter("name a newspaper's id, --country or --all")
    found, errors = seeds.read_sources(settings)
    for line in errors:
        say(line, file=sys.stderr)
    for name in ids or []:
        place = seeds.find_field_file(settings, name, "enabled")
        if not any(source.id == name for source in found):
            raise SeedError(f"{place}: the card of {name} has mistakes; correct them first")
    wanted = [one for one in found if every or one.id in (ids or []) or (country and one.country == country.upper())]
    if country and not any(one.country == country.upper() for one in found):
        there_are = ", ".join(sorted({one.country for one in found if one.country}))
        raise SeedError(f"--country: {country}: no card is of that country; there are: {there_are}")
    return wanted


def _look_at(settings: Settings, chosen: list[Source]) -> Iterator[FirstLook]:
    """Look at several newspapers at once, and yield what was found in their order."""
    from concurrent.futures import ThreadPoolExecutor

    from hemeroteca.archive.sources.first_look import look_at
    from hemeroteca.cli.runs import serving_demo

    with serving_demo(settings) as reachable, ThreadPoolExecutor(_LOOKED_AT_ONCE) as threads:
        tell(f"Reading what {'its card names' if len(chosen) == 1 else f'{len(chosen)} cards name'}…", file=sys.stderr)
        yield from threads.map(lambda source: look_at(reachable, source), chosen)


def _switch_on(settings: Settings, source: Source, words: str) -> bool:
    """Enable a newspaper, and say so; or why its card cannot be changed."""
    try:
        place = _switch(settings, source.id, True)
    except SeedError as error:
        say(str(error), file=sys.stderr)
        return False
    say(f"{source.id} is enabled in {place}: {words}")
    return True


def _switch(settings: Settings, source_id: str, enabled: bool) -> str:
    """Switch a newspaper on or off and return the file that says so, as it is shown."""
    from hemeroteca.archive.sources import seeds
    from storage.cards import display_path

    return display_path(seeds.enable_source(settings, source_id, enabled))


def _warnings(settings: Settings, found: list[Source]) -> Iterator[str]:
    """Yield a line for each selector of *found* that matches nothing any more, once pages are archived."""
    from hemeroteca.archive.sources import seeds
    from hemeroteca.archive.sources.override_check import find_unmatched_selectors
    from hemeroteca.archive_reader import check_archived

    if not found:
        return
    try:
        check_archived(settings)
    except NotArchivedError:
        return
    with open_with_store(settings) as archive:
        for source in found:
            place = seeds.find_field_file(settings, source.id, "text")
            for field, selector, pages in find_unmatched_selectors(archive, source):
                yield (f"{place}: {field}: warning: {selector} matches nothing on the {pages} newest pages")
