"""``hemeroteca admin``: what operators do now and then; WARC files checked, and old things removed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.options import AsJson
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.cli.upkeep_commands import rebuild, reextract
from storage.model.errors import StorageError

if TYPE_CHECKING:
    from storage.warc.check import CheckedWarc

app = typer.Typer(
    help="Rebuild, extract again, check files, remove old things.\n\nExample: hemeroteca admin check-warc page.warc.gz",
    no_args_is_help=True,
)
app.command()(rebuild)
app.command()(reextract)


def _check_are_files(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.is_file():  # a pipe is none either: a record is read where it stands
            raise typer.BadParameter(f"{path}: is not a file")
    return paths


Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", callback=_check_are_files, help="WARC files, plain or gzip.")
]


@app.command("check-warc")
def check_warc_files(files: Files, as_json: AsJson = False) -> None:
    """Check WARC files of any origin against the standard.

    Example: hemeroteca admin check-warc page.warc.gz
    """
    captures = problems = 0
    for path in files:
        checked = _check(path)
        print_problems(path, checked, as_json)
        captures += len(checked.captures)
        problems += len(checked.problems)
    say(f"captures: {captures:,}, problems: {problems:,}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


@app.command("keep-house")
def keep_house(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, and say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old plans, logs, and files of runs; never evidence.

    Example: hemeroteca admin keep-house --dry-run
    """
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.keeping_apart import Troubles
    from hemeroteca.configuration import read_settings
    from hemeroteca.services.housekeeping import keep_house as keep

    troubles = Troubles()
    with Archive(read_settings()) as archive:
        found = keep(archive, troubles, dry_run=dry_run)
    for one in found:
        size = "" if one.bytes is None else f"{one.bytes:,} bytes"
        if as_json:
            say_json(json.dumps(one._asdict()))
        else:
            say(f"{one.kind:28} {one.number:9,} {size:>22}".rstrip())
    for _, error in troubles.found:
        say(f"not removed: {error}", file=sys.stderr)
    if troubles.found:
        raise typer.Exit(1)


def _check(path: Path) -> CheckedWarc:
    from storage.warc.check import check_warc

    try:
        return check_warc(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error


def print_problems(path: Path, checked: CheckedWarc, as_json: bool) -> None:
    """Print a line ``FILE:offset: reason`` for each problem; as NDJSON the same."""
    for problem in checked.problems:
        if as_json:
            say_json(json.dumps({"file": str(path), **problem._asdict()}))
        else:
            say(_escape(f"{path}:{problem.offset}: {problem.reason}"))


def _escape(line: str) -> str:
    """Return *line* with what is not printable escaped: a reason may cite the file, whoever wrote that."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
