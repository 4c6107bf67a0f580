"""The progress of a run on stderr: a live table on a terminal, elsewhere a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hemeroteca.cli.terminal import displaying, is_quiet, tell
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from rich.table import Table

Progress = Sequence[tuple[str, str]]
"""For each source, a few words about its progress."""


@contextmanager
def show_progress() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows the newest progress of a run."""
    if not sys.stderr.isatty() or is_quiet():
        yield _print_changes()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), transient=True, refresh_per_second=4) as live, displaying(live.console.out):
        yield lambda progress: live.update(_table(progress))


def _print_changes() -> Callable[[Progress], None]:
    said: dict[str, str] = {}

    def show(progress: Progress) -> None:
        for source, words in progress:
            if said.get(source) != words:
                said[source] = words
                tell(f"{source}: {words}", file=sys.stderr)

    return show


def _table(progress: Progress) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for source, words in progress:
        table.add_row(escape_unfit(source), escape_unfit(words))
    return table
