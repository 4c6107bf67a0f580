"""What the command prints: strangers' text never reaches a terminal as it came, JSON says the same in other signs.

Every print of the command is one of these functions; `tests/cli/test_terminal.py` finds those that are not.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from storage.model.unfit_characters import escape_unfit, escape_unfit_json

_quiet = False


def say(text: str = "", *, file: TextIO | None = None, end: str = "\n", flush: bool = False) -> None:
    """Print *text*, for people."""
    print(escape_unfit(text), file=file, end=end, flush=flush)


_displays: list[Callable[[str], object]] = []
"""What prints above a live display of stderr, while there is one."""


@contextmanager
def displaying(print_above: Callable[[str], object]) -> Iterator[None]:
    """Let *print_above* print what is said at once, while something that redraws itself stands on stderr."""
    _displays.append(print_above)
    try:
        yield
    finally:
        _displays.remove(print_above)


def say_at_once(text: str) -> None:
    """Print *text* for people on stderr, from a handler of signals too, which may interrupt a print."""
    lines = textwrap.fill(escape_unfit(text), 80, break_long_words=False, break_on_hyphens=False)
    if _displays:
        _displays[-1](lines)
    else:
        os.write(2, f"\n{lines}\n".encode())


def tell(text: str = "", *, file: TextIO | None = None) -> None:
    """Print *text*, for people, beside the answer: progress and advice. ``--quiet`` keeps it back."""
    if not is_quiet():
        say(text, file=file, flush=True)


def be_quiet(quiet: bool) -> None:
    """Keep back what is only told from now on, or tell it again."""
    global _quiet  # of the whole process: each command sets it before it prints anything
    _quiet = quiet


def is_quiet() -> bool:
    return _quiet


def say_json(line: str) -> None:
    """Print *line*, which is JSON, for people and programs."""
    print(escape_unfit_json(line))


def write_json(content: bytes) -> None:
    """Write *content*, which is JSON in UTF-8, to stdout."""
    sys.stdout.buffer.write(escape_unfit_json(content.decode()).encode())


def write_bytes(content: bytes) -> None:
    """Write *content* to stdout: into a file or a pipe as it is, on a terminal without what is unfit for one."""
    if sys.stdout.isatty():
        text = content.decode(errors="replace")
        say(text, end="" if text.endswith("\n") else "\n")
    else:
        sys.stdout.buffer.write(content)
