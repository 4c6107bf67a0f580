"""The command ``hemeroteca``: its commands by task, and how each of them ends."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hemeroteca.cli.admin_commands import app as admin
from hemeroteca.cli.cite_command import cite
from hemeroteca.cli.columns_command import columns
from hemeroteca.cli.completion_command import completion, prepare_completion
from hemeroteca.cli.doctor_command import doctor
from hemeroteca.cli.documents_command import documents
from hemeroteca.cli.extract_command import extract
from hemeroteca.cli.failures_command import failures
from hemeroteca.cli.interruption import tell_of_command, telling_interruption
from hemeroteca.cli.items_command import items
from hemeroteca.cli.plan_command import plan
from hemeroteca.cli.reading_commands import get, ls
from hemeroteca.cli.run_commands import crawl, nightly, up
from hemeroteca.cli.serve_command import serve
from hemeroteca.cli.sources_commands import app as sources
from hemeroteca.cli.status_command import status
from hemeroteca.cli.terminal import be_quiet, say
from hemeroteca.cli.upkeep_commands import demo, rebuild, reextract
from hemeroteca.configuration import find_unknown_variables
from hemeroteca.home import PRIVATE_UMASK
from storage.model.errors import HemerotecaError, SeedError, StoreRefusedError

READER_GONE = 141
EXIT_STATUSES = {
    0: "Done, or the answer is yes.",
    1: "The answer is no: not archived, a source failed, a server is not there, a page could not be captured.",
    2: "Asked wrongly: options, settings, cards.",
    READER_GONE: "Nobody reads on, as after `hemeroteca ls … | head -1`.",
}
_LOG_NOTHING = ("ls", "status")
_OBJECTS_BETWEEN_SEARCHES = 50_000
"""What a command loads is no garbage: searching it while it loads, and at the end, took a quarter of the time of ls."""


_HELP_MARGIN = 6


class _Commands(TyperGroup):
    """The commands: each ends without a word once nobody reads what it prints. Help lists them by task."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        shown = {name: command for name, command in self.commands.items() if not command.hidden}
        widest = max(map(len, shown))
        for task in _BY_TASK:
            rows = [
                (name.ljust(widest), command.get_short_help_str(formatter.width - widest - _HELP_MARGIN))
                for name, command in shown.items()
                if getattr(command, "rich_help_panel", None) == task
            ]
            with formatter.section(task):
                formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        try:
            try:
                with telling_interruption(lambda: tell_of_command(ctx.invoked_subcommand, sys.argv)):
                    return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # at the end of the process it would be too late to be quiet
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still in its buffer
            raise typer.Exit(READER_GONE) from None


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_BY_TASK: dict[str, tuple[Callable[..., None] | tuple[str, typer.Typer], ...]] = {
    "Work": (up, nightly, crawl, ("sources", sources)),
    "Look": (plan, status, failures, doctor),
    "Read": (ls, get, cite, documents, columns, items, extract, serve),
    "Operate": (("admin", admin), ("demo", demo), completion),
}
"""The commands as help lists them."""
for _task, _commands in _BY_TASK.items():
    for _command in _commands:
        if isinstance(_command, tuple):
            app.add_typer(_command[1], name=_command[0], rich_help_panel=_task)
        else:
            app.command(rich_help_panel=_task)(_command)
for _old_spelling in (rebuild, reextract):  # from before `admin`
    app.command(hidden=True)(_old_spelling)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"hemeroteca {version('hemeroteca')}")
        raise typer.Exit


@app.callback()
def choose_archive(
    context: typer.Context,
    on_demo: Annotated[bool, typer.Option("--demo", help="Work on the demo's own archive, not on yours.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the answer and errors, and nothing else.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version, and end.")
    ] = False,
) -> None:
    """A newspaper archive that runs itself.

    Example: hemeroteca --demo nightly
    """
    if on_demo:
        os.environ["HEMEROTECA_DEMO"] = "1"
    be_quiet(quiet)
    for line in find_unknown_variables():
        say(f"hemeroteca: warning: {line}", file=sys.stderr)
    if context.invoked_subcommand not in _LOG_NOTHING:  # to load the logger would take a fifth of their time
        from hemeroteca.logs import log_to_stderr

        log_to_stderr("error" if quiet else "warning")


def main() -> None:
    """Run one command and exit with its status."""
    user_umask = os.umask(PRIVATE_UMASK)
    thresholds = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    atexit.register(gc.freeze)
    prepare_completion()
    try:
        app(prog_name="hemeroteca", obj=user_umask)
    except HemerotecaError as error:
        say(f"hemeroteca: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SeedError | StoreRefusedError) else 1)
    except OSError as error:
        if not error.filename:
            raise
        say(f"hemeroteca: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(1)
    finally:
        gc.set_threshold(*thresholds)
        os.umask(user_umask)
