"""The blocks of a page that are made from the code.

A block stands between ``<!-- made by make docs: NAME -->`` and ``<!-- end -->``, each on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from docs.code_map import map_lines

FOLDER = Path(__file__).resolve().parent
PAGES = tuple(sorted(FOLDER.glob("*.md")))

MAKERS: dict[str, Callable[[], list[str]]] = {"map": map_lines}
"""By name, what makes the lines of a block."""

_BLOCK = re.compile(r"^(<!-- made by make docs: ([^\n]+) -->\n).*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL)


def remake(text: str) -> str:
    """Return the page *text* with its blocks made anew. Raises KeyError for a block that nothing makes."""
    return _BLOCK.sub(lambda found: "\n".join([found[1], *MAKERS[found[2]](), "", found[3]]), text)
