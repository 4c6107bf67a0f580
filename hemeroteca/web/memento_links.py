"""The links between an original resource, its TimeGate, its TimeMaps and its mementos (RFC 7089, sections 2 and 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

from hemeroteca.web.asked_address import format_stamp
from storage.catalog import CaptureMoment

MEMENTOS_A_PAGE = 5000
RAW = "id_"
LINK_FORMAT, JSON_FORMAT = "application/link-format", "application/json"


class Addresses(NamedTuple):
    """Where things lie: ``web`` for TimeGates and TimeMaps, ``replay`` for mementos; both end with ``/web/``."""

    web: str
    replay: str

    def timegate(self, url: str) -> str:
        return self.web + url

    def timemap(self, url: str, form: str = "link", page: int = 1) -> str:
        return f"{self.web}timemap/{form}/" + (f"{page}/" if page > 1 else "") + url

    def memento(self, moment: CaptureMoment) -> str:
        return f"{self.replay}{format_stamp(moment.date)}{RAW}/{moment.target_uri}"


def one_a_second(moments: Sequence[CaptureMoment]) -> list[CaptureMoment]:
    """Return *moments* without those that share their second with an earlier one: they share its address."""
    return list({format_stamp(moment.date): moment for moment in reversed(moments)}.values())[::-1]


def link_header(at: Addresses, url: str, moments: Sequence[CaptureMoment], chosen: CaptureMoment) -> str:
    """Return the value of ``Link`` for the TimeGate of *url*, or a memento of it."""
    links = [
        f'<{url}>; rel="original"',
        f'<{at.timegate(url)}>; rel="timegate"',
        f'<{at.timemap(url)}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]
    return ", ".join(links + [_memento_link(at, moment, rel) for moment, rel in _neighbours(moments, chosen)])


def _neighbours(moments: Sequence[CaptureMoment], chosen: CaptureMoment) -> Iterator[tuple[CaptureMoment, str]]:
    """Yield the first, the previous, the chosen, the next and the last moment, each once with all it is."""
    place = next(n for n, moment in enumerate(moments) if format_stamp(moment.date) == format_stamp(chosen.date))
    named = {"first": 0, "prev": place - 1, "": place, "next": place + 1, "last": len(moments) - 1}
    words: dict[int, list[str]] = defaultdict(list)
    for word, number in named.items():
        if 0 <= number < len(moments):
            words[number] += [word] if word else []
    for number in sorted(words):
        yield moments[number], " ".join([*words[number], "memento"])


def _memento_link(at: Addresses, moment: CaptureMoment, rel: str) -> str:
    return f'<{at.memento(moment)}>; rel="{rel}"; datetime="{http_date(moment.date)}"'


def http_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def link_timemap(at: Addresses, url: str, moments: Sequence[CaptureMoment], page: int) -> Iterator[str]:
    """Yield the lines of a TimeMap in link format: page *page* of it, and where the other pages are."""
    pages = [moments[n : n + MEMENTOS_A_PAGE] for n in range(0, len(moments), MEMENTOS_A_PAGE)]
    yield f'<{url}>; rel="original",\n'
    yield f'<{at.timegate(url)}>; rel="timegate",\n'
    for number, part in enumerate(pages, 1):
        rel = "self" if number == page else "timemap"
        span = f'from="{http_date(part[0].date)}"; until="{http_date(part[-1].date)}"'
        yield f'<{at.timemap(url, page=number)}>; rel="{rel}"; type="{LINK_FORMAT}"; {span},\n'
    chosen = pages[page - 1]
    for n, moment in enumerate(chosen):
        ends = ["first"] * (moment is moments[0]) + ["last"] * (moment is moments[-1])
        yield _memento_link(at, moment, " ".join([*ends, "memento"])) + (",\n" if n < len(chosen) - 1 else "\n")


def json_timemap(at: Addresses, url: str, moments: Sequence[CaptureMoment]) -> dict[str, Any]:
    """Return a TimeMap as timetravel.mementoweb.org and MemGator write it in JSON: of all mementos."""
    listed = [{"datetime": f"{one.date:%Y-%m-%dT%H:%M:%SZ}", "uri": at.memento(one)} for one in moments]
    return {
        "original_uri": url,
        "self": at.timemap(url, "json"),
        "mementos": {"list": listed, "first": listed[0], "last": listed[-1]},
        "timegate_uri": at.timegate(url),
        "timemap_uri": {f"{form}_format": at.timemap(url, form) for form in ("link", "json", "cdxj")},
    }
