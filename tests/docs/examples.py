"""The examples of a page of Markdown.

In a ``console`` block a line after ``$`` is run, and lines below it are its output; ``python`` blocks are run whole.
Above a block that is not run stands ``<!-- not run: why -->``, above one that shows a part of what is printed
``<!-- cut: of what -->``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


NOT_RUN = ("not run: ", "cut: ")
"""How the comments begin above blocks that are not run as they stand."""


class Block(NamedTuple):
    """A fenced block; ``note`` is the comment above it."""

    note: str
    language: str
    body: str


class Step(NamedTuple):
    """One command of a block, and what it must print; nothing: whatever it prints."""

    command: str
    output: str


def blocks(page: str) -> list[Block]:
    return [Block(found["note"] or "", found["language"], found["body"]) for found in _BLOCK.finditer(page)]


def run_blocks(page: str, language: str) -> list[str]:
    """Return the blocks of *language* that are to be run."""
    found = blocks(page)
    return [block.body for block in found if block.language == language and not block.note.startswith(NOT_RUN)]


def steps(page: str) -> list[Step]:
    """Return the commands of the ``console`` blocks that are to be run; a line that ends with a backslash goes on."""
    found = [
        part
        for body in run_blocks(page, "console")
        for part in re.split(r"^\$ ", body.replace("\\\n", ""), flags=re.MULTILINE)[1:]
    ]
    return [Step(*part.rstrip("\n").partition("\n")[::2]) for part in found]
