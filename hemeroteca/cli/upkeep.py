"""``hemeroteca rebuild`` and ``hemeroteca demo``: making anew what can be made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from hemeroteca.cli.opening import command, opened
from hemeroteca.settings import CHECKOUT, Settings, read_settings
from storage.model.errors import ServiceError

demo = typer.Typer(help="The demo's own archive, apart from yours.", no_args_is_help=True)


@demo.callback()
def _demo() -> None:
    """The demo's own archive, apart from yours."""


def rebuild() -> None:
    """Make catalog and tables anew from what is in the bucket.

    Example: hemeroteca rebuild
    """
    from hemeroteca.archive.rebuild import rebuild as rebuild_archive

    with opened(read_settings()) as archive:
        counts = rebuild_archive(archive)
    print(f"rebuilt: {counts['captures']:,} captures, {counts['documents']:,} documents, {counts['crawls']:,} crawls")


@demo.command()
def reset() -> None:
    """Remove the demo's archive; the next demo starts from nothing.

    Example: hemeroteca demo reset
    """
    settings = read_settings(demo=True)
    remove_home(settings, CHECKOUT / ".hemeroteca/demo")
    print(f"removed {settings.home}")


def remove_home(settings: Settings, only: Path) -> None:
    """Remove the home of *settings* with everything in it. Raises ServiceError unless it is *only*, and not in use."""
    from hemeroteca.services.stack import read_holder

    if settings.home.resolve() != only.resolve():
        raise ServiceError(f"{settings.home}: HEMEROTECA_HOME is set, so this may be no demo; remove it yourself")
    if holder := read_holder(settings):
        raise ServiceError(f"the demo runs (pid {holder['pid']}); stop `{command(settings)} {holder['kind']}` first")
    shutil.rmtree(settings.home, ignore_errors=True)
