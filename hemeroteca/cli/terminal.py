"""What the command prints: strangers' text never reaches a terminal as it came, JSON says the same in other signs.

Every print of the command is one of these functions; `tests/cli/test_terminal.py` finds those that are not.
"""

from __future__ import annotations

import sys
from typing import TextIO

from storage.model.unfit_characters import escape_unfit, escape_unfit_json


def say(text: str = "", *, file: TextIO | None = None, end: str = "\n", flush: bool = False) -> None:
    """Print *text*, for people."""
    print(escape_unfit(text), file=file, end=end, flush=flush)


def say_json(line: str) -> None:
    """Print *line*, which is JSON, for people and programs."""
    print(escape_unfit_json(line))


def write_json(content: bytes) -> None:
    """Write *content*, which is JSON in UTF-8, to stdout."""
    sys.stdout.buffer.write(escape_unfit_json(content.decode()).encode())


def write_bytes(content: bytes) -> None:
    """Write *content* to stdout: into a file or a pipe as it is, on a terminal without what is unfit for one."""
    if sys.stdout.isatty():
        say(content.decode(errors="replace"), end="")
    else:
        sys.stdout.buffer.write(content)
