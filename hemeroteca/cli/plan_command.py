"""``hemeroteca plan``: what a night would fetch, without fetching it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.layout import say_wrapped
from hemeroteca.cli.options import AsJson, NightOption, SourceIds
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.configuration import Settings, read_settings
from hemeroteca.home import Home
from storage.model.crawl import is_nightly
from storage.model.errors import NotArchivedError, SeedError
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.crawling.forecast import Forecast, PastForecast
    from storage.model.source import Source


def plan(
    night: NightOption = None,
    source: SourceIds = None,
    urls: Annotated[bool, typer.Option("--urls", help="Also list the addresses that are due.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a night would fetch and why, without fetching it.

    Example: hemeroteca plan --source es-elmundo
    """
    from hemeroteca.archive.crawling.forecast import find_last_forecast, forecast_source

    settings = read_settings()
    with _open_for_planning(settings) as archive:
        night = night or _find_next_night(archive)
        for one in _choose_sources(source or []):
            forecast, due = forecast_source(archive, one, night)
            past = find_last_forecast(archive, one, night)
            if as_json:
                say_json(_to_json(forecast, past, due if urls else None))
            else:
                _print_forecast(forecast, past)
                for url in due if urls else []:
                    say(f"    {url}")


def _find_next_night(archive: Archive) -> Night:
    """Return tonight, or tomorrow where tonight's nightly crawls are there already."""
    tonight = archive.settings.tonight()
    is_crawled = any(is_nightly(crawl.crawl_id) for crawl in archive.catalog.find_crawls(tonight))
    return tonight + timedelta(days=1) if is_crawled else tonight


@contextmanager
def _open_for_planning(settings: Settings) -> Iterator[Archive]:
    """Open the archive, or before the first night an empty one that leaves nothing behind."""
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive_reader import check_archived

    try:
        check_archived(settings)
    except NotArchivedError:
        with (
            TemporaryDirectory() as place,
            Archive(settings.model_copy(update={"home": Home(Path(place))})) as archive,
        ):
            yield archive
        return
    with Archive(settings) as archive:
        yield archive


def _choose_sources(ids: list[str]) -> list[Source]:
    from hemeroteca.archive.sources.seeds import read_sources, tell_unknown_source

    found, _ = read_sources(read_settings())
    known = {source.id for source in found}
    unknown = sorted(set(ids) - known)
    if unknown:
        raise SeedError("\n".join(tell_unknown_source(name, known) for name in unknown))
    return [source for source in found if (source.id in ids if ids else source.enabled)]


def _to_json(forecast: Forecast, past: PastForecast | None, due: list[str] | None) -> str:
    import json

    said = forecast.model_dump(mode="json") | {"requests": forecast.requests}
    error = round(past.error, 3) if past and past.error is not None else None
    said["last"] = past.model_dump(mode="json") | {"error": error} if past else None
    return json.dumps(said if due is None else said | {"due": due})


def _print_forecast(forecast: Forecast, past: PastForecast | None) -> None:
    size = f"{forecast.wire_bytes:,} bytes" if forecast.wire_bytes is not None else "bytes unknown"
    new = (
        "unknown before the first nightly crawl"
        if forecast.new is None
        else f"{forecast.new:,} expected, as in the last nightly crawls"
    )
    again = ", ".join(f"{count:,} after look {looks}" for looks, count in forecast.again.items()) or "none due"
    late = f", {forecast.put_off:,} more than the budget allows" if forecast.put_off else ""
    _tell(f"{forecast.source_id}  {forecast.night}: {forecast.requests:,} requests, {forecast.minutes} minutes, {size}")
    _tell(f"  discovery  {forecast.discovery:,} documents: the card's, and the robots.txt of each host")
    _tell(f"  new        {new}")
    if forecast.pending:
        _tell(f"  pending    {forecast.pending:,} that earlier nights announced and did not get")
    _tell(f"  again      {again}{late}")
    if forecast.checks:
        _tell(f"  checks     {forecast.checks:,} pages at most fetched twice, to check their ETag and Last-Modified")
    _tell("  hosts      " + ", ".join(f"{host} {count:,}" for host, count in forecast.hosts.items()))
    if past and past.error is None:
        _tell(f"  last time  {past.forecast.night}: {past.requests:,} requests; nothing was known before it")
    elif past:
        _tell(
            f"  last time  {past.forecast.night}: {past.forecast.requests:,} requests forecast, {past.requests:,} made"
            f" ({past.error:+.0%}); {past.forecast.wire_bytes or 0:,} bytes forecast, {past.wire_bytes:,} came"
        )


def _tell(line: str) -> None:
    say_wrapped(line, " " * 13)  # below what the heading of a line is about
