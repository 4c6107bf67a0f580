"""The blocks of a page that are made from the code.

A block stands between ``<!-- made by make docs: NAME -->`` and ``<!-- end -->``, each on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from docs.code_map import map_lines
from docs.command_pages import command_lines, status_lines
from docs.field_tables import (
    RECORDS,
    card_lines,
    cdxj_lines,
    derived_lines,
    document_lines,
    ledger_lines,
    record_lines,
)
from docs.setting_tables import other_variable_lines, setting_lines
from docs.word_lists import type_lines
from hemeroteca.configuration import NEEDED_BY

FOLDER = Path(__file__).resolve().parent
PAGES = (*sorted(FOLDER.glob("*.md")), FOLDER.parent / "seeds/README.md")

MAKERS: dict[str, Callable[[], list[str]]] = {
    "map": map_lines,
    "columns of documents": document_lines,
    "columns of the documents table": derived_lines,
    "columns of ledgers": ledger_lines,
    "names of CDXJ": cdxj_lines,
    "fields of a card": card_lines,
    "types": type_lines,
    "commands": command_lines,
    "exit statuses": status_lines,
    **{f"settings for {who}": partial(setting_lines, who) for who in NEEDED_BY},
    "other variables": other_variable_lines,
    **{f"fields of {record.__name__}": partial(record_lines, record) for record in RECORDS},
}
"""By name, what makes the lines of a block."""

_BLOCK = re.compile(r"^(<!-- made by make docs: ([^\n]+) -->\n).*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL)


def remake(text: str) -> str:
    """Return the page *text* with its blocks made anew. Raises KeyError for a block that nothing makes."""
    return _BLOCK.sub(lambda found: "\n".join([found[1], *MAKERS[found[2]](), "", found[3]]), text)
