"""What a CDX request asks for: its parameters, in the names of both dialects, read once.

Wayback  https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
pywb     https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import re2

from hemeroteca.archive.reading.lookup import prefix_key
from hemeroteca.web.asked_address import parse_stamp, plain_address
from storage.catalog import Selection
from storage.model.errors import SeedError
from storage.surt import urlkey

Dialect = Literal["wayback", "pywb"]
Row = Mapping[str, str]
Condition = Callable[[Row], bool]

PAGE_ROWS = 3000
"""Captures a page, for each block of ``pageSize``: as many as a block of ZipNum has lines."""
_MOST_BLOCKS, _MOST_ROWS, _MOST_FILTERS, _PATTERN_CHARACTERS = 50, 1_000_000, 20, 500
_RE2_BYTES = 1 << 20
_YES = ("true", "1", "yes", "on")
FIELDS = {"original": "url", "mimetype": "mime", "statuscode": "status"}
"""The names that Wayback has for fields of pywb."""
KNOWN_FIELDS = frozenset(
    (
        "urlkey", "timestamp", "url", "mime", "status", "digest", "redirect", "robotflags", "length", "offset",
        "filename", "orig.length", "orig.offset", "orig.filename", "method",
    )
)  # fmt: skip


class Parameters:
    """The query parameters of a request; of those that may be given once the last counts."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def all(self, *names: str) -> list[str]:
        return [value for name, value in self._pairs if name in names and value]

    def one(self, *names: str) -> str | None:
        found = self.all(*names)
        return found[-1] if found else None

    def has(self, *names: str) -> bool:
        return (self.one(*names) or "").lower() in _YES

    def number(self, name: str, least: int, most: int) -> int | None:
        """Return the whole number of *name*, cut at *most*. Raises SeedError for another text, or one below *least*."""
        text = self.one(name)
        if text is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", text) or int(text) < least:
            raise SeedError(f"{name}: {text[:40]}: not a whole number" + f" from {least}" * (least >= 0))
        return min(int(text), most)


class Collapse(NamedTuple):
    """Of rows next to each other that are equal in *field* (its first *characters*) the first is kept."""

    field: str
    characters: int | None

    def key(self, row: Row) -> str:
        return row.get(self.field, "-")[: self.characters]


class CdxQuery(NamedTuple):
    """Which captures are asked for, in which order, and which of their rows are answered."""

    ranges: tuple[Selection, ...]
    conditions: tuple[Condition, ...] = ()
    collapses: tuple[Collapse, ...] = ()
    limit: int | None = None
    """Rows at most; a negative one: the last so many."""
    offset: int = 0
    closest: datetime | None = None
    resolve_revisits: bool = False
    page: int | None = None
    page_rows: int = PAGE_ROWS
    after: str | None = None
    """The record id that a resume key names."""

    @property
    def backwards(self) -> bool:
        return self.ranges[0].backwards


def read_query(given: Parameters, dialect: Dialect) -> CdxQuery:
    """Return what is asked for. Raises SeedError, which says ``parameter: value: what is wrong``."""
    limit = given.number("limit", -_MOST_ROWS, _MOST_ROWS)
    sort = given.one("sort") or ("reverse" if given.has("reverse") else "")
    if sort not in ("", "default", "reverse", "closest"):
        raise SeedError(f"sort: {sort[:40]}: not default, reverse or closest")
    closest = given.one("closest")
    if sort == "closest" and not closest:
        raise SeedError("closest: is needed for sort=closest: a time of 1 to 14 digits")
    blocks = given.number("pageSize", 1, _MOST_BLOCKS) or 1
    return CdxQuery(
        ranges=tuple(one._replace(backwards=sort == "reverse") for one in _read_ranges(given)),
        conditions=tuple(_read_filter(text, dialect) for text in given.all("filter")[:_MOST_FILTERS]),
        collapses=tuple(_read_collapses(given)),
        limit=limit,
        offset=given.number("offset", 0, _MOST_ROWS) or 0,
        closest=parse_stamp(closest) if closest else None,
        resolve_revisits=given.has("resolveRevisits"),
        page=given.number("page", 0, _MOST_ROWS),
        page_rows=blocks * PAGE_ROWS,
        after=read_resume_key(resumed) if (resumed := given.one("resumeKey")) else None,
    )


def _read_ranges(given: Parameters) -> list[Selection]:
    """Return the ranges of urlkeys, in their order."""
    asked = given.one("url")
    if not asked:
        raise SeedError("url: is needed: an address, such as url=example.org/news/*")
    kind = given.one("matchType") or "exact"
    if asked.startswith("*."):
        asked, kind = asked[2:], "domain"
    elif asked.endswith("*"):
        asked, kind = asked[:-1], "prefix"
    since, until = given.one("from"), given.one("to")
    times = Selection(since=parse_stamp(since) if since else None, until=_end_of(until) if until else None)
    if kind not in _KINDS:
        raise SeedError(f"Invalid match_type: {kind[:40]}")
    return [found._replace(since=times.since, until=times.until) for found in _KINDS[kind](plain_address(asked))]


def _end_of(stamp: str) -> datetime:
    return parse_stamp(stamp, last=True).replace(microsecond=999999)


def _of_host(url: str) -> list[Selection]:
    return [Selection(urlkey_prefix=_host(url) + ")")]


def _of_domain(url: str) -> list[Selection]:
    return [Selection(urlkey_prefix=_host(url) + end) for end in "),"]


def _host(url: str) -> str:
    return urlkey(url).partition(")")[0]


_KINDS: dict[str, Callable[[str], list[Selection]]] = {
    "exact": lambda url: [Selection(urlkey=urlkey(url))],
    "prefix": lambda url: [Selection(urlkey_prefix=prefix_key(url))],
    "host": _of_host,
    "domain": _of_domain,
}


def _read_collapses(given: Parameters) -> list[Collapse]:
    found = []
    for text in [*given.all("collapse"), *(f"timestamp:{n}" for n in given.all("collapseTime"))]:
        field, _, count = text.partition(":")
        if count and not re.fullmatch(r"\d{1,3}", count):
            raise SeedError(f"collapse: {text[:40]}: not field:characters, such as timestamp:8")
        found.append(Collapse(_known(field), int(count) if count else None))
    return found


def _known(field: str) -> str:
    name = FIELDS.get(field, field)
    if name not in KNOWN_FIELDS:
        raise SeedError(f"{field[:40]}: no field of a CDX row")
    return name


def _read_filter(text: str, dialect: Dialect) -> Condition:
    """Return the condition of ``[!]field:pattern``; pywb has ``=`` (equal) and ``~`` (pattern) before the field.

    Wayback's pattern must match all of the value; pywb's plain text must be in it, its pattern begin it.
    """
    negated, text = text.startswith("!"), text.removeprefix("!")
    kind = text[0] if dialect == "pywb" and text[:1] in "=~" else ""
    field, colon, value = text.removeprefix(kind).partition(":")
    if not colon:
        raise SeedError(f"filter: {text[:40]}: not field:value, such as {'=' * (dialect == 'pywb')}statuscode:200")
    name = _known(field)
    matches = _read_match(value, kind, dialect)
    return lambda row: matches(row.get(name, "-")) is not negated


def _read_match(value: str, kind: str, dialect: Dialect) -> Callable[[str], bool]:
    if kind == "=":
        return lambda found: found == value
    if dialect == "pywb" and kind != "~":
        return lambda found: value in found
    pattern = _compile(value)
    if dialect == "wayback":
        return lambda found: pattern.fullmatch(found) is not None
    return lambda found: pattern.match(found) is not None


def _compile(pattern: str) -> Any:
    """Return *pattern* of a stranger as RE2 reads it: in time that is linear in the text."""
    options = re2.Options()
    options.max_mem, options.log_errors = _RE2_BYTES, False
    try:
        if len(pattern) > _PATTERN_CHARACTERS:
            raise SeedError(f"filter: a pattern of more than {_PATTERN_CHARACTERS} characters")
        return re2.compile(pattern, options)
    except re2.error as error:
        raise SeedError(f"filter: {pattern[:40]}: {error.args[0] if error.args else error}") from None


def make_resume_key(record_id: str) -> str:
    """Return the opaque text by which a client goes on after the record."""
    return base64.urlsafe_b64encode(record_id.removeprefix("urn:uuid:").encode()).decode().rstrip("=")


def read_resume_key(text: str) -> str:
    """Return the record id of a resume key. Raises SeedError when it is none of ours."""
    try:
        padded = text + "=" * (-len(text) % 4)
        return "urn:uuid:" + base64.b64decode(padded.encode(), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        raise SeedError(f"resumeKey: {text[:40]}: not a key that an answer ended with") from None
