"""The patterns of cards, in RE2's syntax: matching takes time in proportion to the address."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # the reason is in the error


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Any:
    """Return the pattern *text*; it is searched for. Raises ValueError with RE2's reason where it is none."""
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else "unknown"
        raise ValueError(f"not a regular expression that RE2 accepts: {reason}") from error


def fits_any(patterns: tuple[str, ...], url: str) -> bool:
    """Say whether *url* fits one of *patterns*."""
    return any(compile_pattern(pattern).search(url) for pattern in patterns)
