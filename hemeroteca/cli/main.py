"""The command ``hemeroteca``: its commands, and how each of them ends.

0   done, or the answer is yes
1   the answer is no: not archived, a source failed, a server is not there
2   asked wrongly: options, settings, cards
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from hemeroteca.cli.admin_commands import app as admin
from hemeroteca.cli.doctor_command import doctor
from hemeroteca.cli.extract_command import extract
from hemeroteca.cli.plan_command import plan
from hemeroteca.cli.reading_commands import get, ls
from hemeroteca.cli.run_commands import crawl, nightly, up
from hemeroteca.cli.sources_commands import app as sources
from hemeroteca.cli.status_command import status
from hemeroteca.cli.upkeep_commands import demo, rebuild, reextract
from hemeroteca.home import PRIVATE_UMASK
from storage.model.errors import HemerotecaError, SeedError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _command in (up, nightly, crawl, plan, status, ls, get, extract, rebuild, reextract, doctor):
    app.command()(_command)
app.add_typer(sources, name="sources")
app.add_typer(demo, name="demo")
app.add_typer(admin, name="admin")


@app.callback()
def choose_archive(
    context: typer.Context,
    on_demo: Annotated[bool, typer.Option("--demo", help="Work on the demo's own archive, not on yours.")] = False,
) -> None:
    """A newspaper archive that runs itself.

    Example: hemeroteca --demo nightly
    """
    if on_demo:
        os.environ["HEMEROTECA_DEMO"] = "1"
    if context.invoked_subcommand != "ls":  # it logs nothing, and to load the logger takes a fifth of its time
        from hemeroteca.logs import log_to_stderr

        log_to_stderr("info" if context.invoked_subcommand == "up" else "warning")


def main() -> None:
    """Run one command and exit with its status."""
    user_umask = os.umask(PRIVATE_UMASK)
    try:
        app(prog_name="hemeroteca", obj=user_umask)
    except HemerotecaError as error:
        print(f"hemeroteca: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SeedError) else 1)
    except OSError as error:
        if not error.filename:
            raise
        print(f"hemeroteca: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(1)
    finally:
        os.umask(user_umask)
