"""The address and the time that a request path names: ``/web/20260301020014id_/https://example.org/a?b``.

The path is taken as it was sent: an escape in an archived address is part of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from storage.model.errors import SeedError

_TIMED = re.compile(r"(\d{1,14})([a-z]{2}_)?/(.+)", re.DOTALL)
_QUOTED_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*%3a", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):/{1,3}(?=[^/])", re.IGNORECASE)
_LOWEST, _HIGHEST = "00010101000000", "99991231235959"
_FIRST_DAYS, _LAST_MONTH = "01", "12"


class AskedAddress(NamedTuple):
    """What a path below ``/web/`` asks for: an address, and with ``stamp`` a time of 1 to 14 digits."""

    url: str
    stamp: str | None = None
    modifier: str = ""
    """``id_`` for the archived bytes; other tools have more."""


def read_asked(scope: Any, prefix: str) -> AskedAddress:
    """Return what the path of *scope* asks for behind *prefix*, its query string included."""
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    rest = path[len(scope.get("root_path", "")) :] if path.startswith(scope.get("root_path", "")) else path
    query = scope["query_string"].decode("latin-1")
    rest = rest.removeprefix(prefix) + (f"?{query}" if query else "")
    timed = _TIMED.fullmatch(rest)
    if timed and not _SCHEME.match(rest):
        return AskedAddress(plain_address(timed[3]), timed[1], timed[2] or "")
    return AskedAddress(plain_address(rest))


def plain_address(text: str) -> str:
    """Return the address that *text* is: unquoted where a client quoted all of it, with the slashes that proxies drop.

    Without a scheme it is http.
    """
    if _QUOTED_SCHEME.match(text):
        text = unquote(text)
    scheme = _SCHEME.match(text)
    return f"{scheme[1].lower()}://{text[scheme.end() :]}" if scheme else f"http://{text.lstrip('/')}"


def parse_stamp(stamp: str, *, last: bool = False) -> datetime:
    """Return the first moment that 1 to 14 digits stand for, or the *last* one: 2026 is a year, 202603 a month.

    Raises SeedError for what is no time.
    """
    if not re.fullmatch(r"\d{1,14}", stamp):
        raise SeedError(f"time: {stamp[:40]}: not 1 to 14 digits, such as 20260301020014")
    padded = stamp + (_HIGHEST if last else _LOWEST)[len(stamp) :]
    for day in (padded[6:8], "30", "29", "28") if last else (padded[6:8],):
        try:
            return datetime.strptime(padded[:6] + day + padded[8:], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
    raise SeedError(f"time: {stamp}: no such time")


def format_stamp(moment: datetime) -> str:
    """Return the 14 digits of *moment*."""
    return f"{moment:%Y%m%d%H%M%S}"
