"""Suggestions: which known name somebody probably meant who wrote an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LIKE = 0.6
"""How alike two names must be (``difflib``'s ratio): ``es-elpais`` and ``el-pais`` are, ``es-abc`` and ``fr-m`` not."""


def suggest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return ``; did you mean X?`` when one of *known* is like *name*, their *prefix* left aside; else nothing."""
    lower = {one.lower().removeprefix(prefix.lower()): one for one in known}
    found = difflib.get_close_matches(name.lower().removeprefix(prefix.lower()), lower, n=1, cutoff=_LIKE)
    return f"; did you mean {lower[found[0]]}?" if found else ""
