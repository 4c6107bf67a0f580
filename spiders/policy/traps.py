"""Spider traps: endless addresses that a site generates for the same pages or for none.

The new addresses of a crawl are counted, except those that are announced with a date or that a person asked for:
    session   one address of those that differ only in their session id
    calendar  50 of one shape: a day, a month or a year of a calendar
    paging    50 of one shape: a page, an offset
    shape     5,000 of one shape on a host: addresses that differ only in numbers of the path or values of the query
    host      20,000 on a host
More than that are ``refused: trap``, with the reason in ``detail``.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from spiders.policy.url_variants import strip_session

_MOST_IN_CALENDAR = 50
_MOST_IN_PAGING = 50
_MOST_OF_SHAPE = 5000
_MOST_OF_HOST = 20_000

_CALENDAR = re.compile(
    r"[/_.-](?:calend[aá]?r\w*|kalender\w*|agenda|events?|eventos?|veranstaltung\w*|termine|evenement\w*|whats-on)[/_.-]",
    re.IGNORECASE,
)
_DAY_PATH = re.compile(r"/(?:19|20|21)\d\d(?:/[0-3]?\d){1,2}/?$")
_CALENDAR_WORDS = frozenset(
    {"date", "day", "month", "year", "week", "cal", "fecha", "dia", "mes", "ano", "anio"}
    | {"datum", "tag", "monat", "jahr", "jour", "mois", "annee"}
)
_BETWEEN_WORDS = re.compile("[_-]")
_PAGING_PATH = re.compile(r"/(?:page|pagina|seite|sida|side|pag)[/_-]?\d+/?$", re.IGNORECASE)
_PAGING_FIELD = re.compile(
    r"(?:\w+_)?(?:page|paged|pg|pagina|pag|seite|sida|side|offset|start|from|skip)=.*", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
_TOKEN = re.compile(r"(?<![0-9a-f-])(?=[0-9a-f-]*\d)[0-9a-f-]{16,}", re.IGNORECASE)


class Traps:
    """The counts of one crawl."""

    def __init__(self) -> None:
        self._hosts: Counter[str] = Counter()
        self._shapes: Counter[str] = Counter()
        self._sessions: dict[str, str] = {}

    def refuse(self, url: str) -> str | None:
        """Count *url*, which is new and undated; return why it must not be fetched, or None."""
        plain = strip_session(url)
        first = self._sessions.setdefault(plain, url) if plain != url else url
        if first != url:
            return f"another session's {first}"
        shape = make_shape(plain)
        host = shape.partition("/")[0]
        name, most = _kind_of(plain)
        if self._shapes[shape] >= most:
            return f"more than {most} {name} like {shape}"
        if self._hosts[host] >= _MOST_OF_HOST:
            return f"more than {_MOST_OF_HOST} new addresses on {host}"
        self._shapes[shape] += 1
        self._hosts[host] += 1
        return None


def make_shape(url: str) -> str:
    """Return *url* with 0 for each number, and the names of its query without their values."""
    parts = urlsplit(url)
    path = _NUMBER.sub("0", _TOKEN.sub("0", parts.path))
    names = sorted({_NUMBER.sub("0", field.partition("=")[0]) for field in parts.query.split("&") if field})
    return f"{parts.netloc}{path or '/'}{'?' if names else ''}{'&'.join(names)}"


def _kind_of(url: str) -> tuple[str, int]:
    """Return what kind of page *url* is, and how many of them are fetched; other numbers may be an article's."""
    parts = urlsplit(url)
    numbered = [field for field in parts.query.split("&") if _NUMBER.search(field.partition("=")[2])]
    if _PAGING_PATH.search(parts.path) or (numbered and all(map(_PAGING_FIELD.fullmatch, numbered))):
        return "pages of a list", _MOST_IN_PAGING
    if _is_in_calendar(parts.path) or (numbered and all(map(_names_a_day, numbered))):
        return "days of a calendar", _MOST_IN_CALENDAR
    return "new addresses", _MOST_OF_SHAPE


def _is_in_calendar(path: str) -> bool:
    calendar = _CALENDAR.search(path)
    return bool((calendar and _NUMBER.search(path, calendar.end())) or _DAY_PATH.search(path))


def _names_a_day(field: str) -> bool:
    return not _CALENDAR_WORDS.isdisjoint(_BETWEEN_WORDS.split(field.partition("=")[0].lower()))
