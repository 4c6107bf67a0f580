"""``hemeroteca sources``: which newspapers there are, and which are crawled."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.archive.sources.spider_templates import TemplateName
from hemeroteca.cli.layout import Column, cut, find_width, lay_out, measure
from hemeroteca.cli.opened_archive import name_command, open_with_store
from hemeroteca.cli.options import AsJson
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.configuration import Settings, read_settings
from storage.model.errors import NotArchivedError
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from storage.model.source import Source

_LISTED = ("id", "crawled", "language", "homepage", "title")
_LEAST_TITLE = 12
_WITH_ADDRESSES = 100

app = typer.Typer(
    help="List newspapers, check their cards, switch them on and off.\n\nExample: hemeroteca sources list",
    no_args_is_help=True,
)
SourceId = Annotated[str, typer.Argument(metavar="ID", help="A newspaper's id, as `hemeroteca sources list` shows it.")]


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
) -> None:
    """Look for a newspaper's feeds and sitemaps and write its card.

    Example: hemeroteca sources add https://www.example.org/
    """
    from hemeroteca.archive.sources import seeds
    from hemeroteca.archive.sources.survey_findings import draft_card, make_survey_card
    from hemeroteca.cli.runs import run_survey
    from storage.cards import display_path

    settings = read_settings()
    source = make_survey_card(settings, homepage, source_id)
    path = seeds.check_new_source(settings, source)
    if ignore_robots:
        say(f"What the robots.txt of {source.homepage} forbids is asked for all the same", file=sys.stderr)
    card = draft_card(run_survey(settings, source, ignore_robots), source, settings.now())
    seeds.write_new_card(path, card)
    say(card, end="")
    say(
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
    say(
        f"`scrapy crawl {name}` tries it, `{command} crawl --source {written.source.id}` archives what it finds, "
        f"`{command} sources enable {written.source.id}` lets it be crawled every night.",
        file=sys.stderr,
    )


@app.command()
def enable(source_id: SourceId) -> None:
    """Crawl a newspaper every night from now on.

    Example: hemeroteca sources enable es-elmundo
    """
    settings = read_settings()
    say(f"{source_id} is enabled in {_switch(settings, source_id, True)}")
    if not settings.contact and not settings.demo:
        say("Set HEMEROTECA_CONTACT to your address: newspapers are told who crawls them.", file=sys.stderr)


@app.command()
def disable(source_id: SourceId) -> None:
    """Stop crawling a newspaper; what is archived stays.

    Example: hemeroteca sources disable es-elmundo
    """
    say(f"{source_id} is disabled in {_switch(read_settings(), source_id, False)}")


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
