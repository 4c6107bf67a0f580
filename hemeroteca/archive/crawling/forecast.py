"""Forecasts: what a night will fetch from a source, judging by its archived articles and its last crawls.

The forecast of a nightly crawl is noted when the crawl begins, so that the next plan can say how far off it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median

from pydantic import ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.known_of_source import refresh_known
from spiders.policy.conditional_requests import make_conditions
from spiders.policy.pending_articles import find_due, share_budget
from spiders.policy.scope import make_host_key
from storage.catalog import CrawlRow
from storage.known import Known, KnownCapture
from storage.model.base import StoredRecord
from storage.model.crawl import nightly_id
from storage.model.night import Night
from storage.model.outcome import STORED
from storage.model.source import Source

LOOKED_BACK = 7
"""How many of a source's newest crawls a forecast is made from."""
_ASKED = STORED | {"failed"}


class Forecast(StoredRecord):
    """What one night will ask of one source: requests by reason and by host, minutes, bytes on the wire.

    ``again`` counts the articles that are due by how often they were looked at; ``new`` is None before the first
    nightly crawl, as is ``wire_bytes``. ``pending`` were announced before and not got. ``put_off`` are due, and beyond
    the night's budget. ``checks`` is how many answers at most are asked for a second time to hold validators to their
    word (spiders.crawl.validators); ``hosts`` leaves them out.
    """

    source_id: str
    night: Night
    discovery: int
    new: int | None
    again: dict[int, int]
    put_off: int
    hosts: dict[str, int]
    minutes: float
    wire_bytes: int | None
    checks: int = 0
    pending: int = 0

    @property
    def requests(self) -> int:
        return sum(self.hosts.values())


class PastForecast(StoredRecord):
    """A forecast and what came of it."""

    forecast: Forecast
    requests: int
    minutes: float
    wire_bytes: int

    @property
    def error(self) -> float | None:
        """Requests that were forecast, divided by those made, less one: 0.1 is a tenth too many.

        None for a first night: nothing was known of it.
        """
        if self.forecast.new is None or not self.requests:
            return None
        return self.forecast.requests / self.requests - 1


def forecast_source(archive: Archive, source: Source, night: Night) -> tuple[Forecast, list[str]]:
    """Return the forecast for *source*, and the addresses that are due: what is pending, then looks, newest first."""
    with closing(Known(refresh_known(archive, source.id))) as known:
        due = list(known.find_due(night, source.looks))
        pending = [one.url for one in find_due(known, source, night)]
        return make_forecast(archive, source, night, known, due), pending + [one.url for one in due]


def make_forecast(
    archive: Archive, source: Source, night: Night, known: Known, all_due: Iterable[KnownCapture]
) -> Forecast:
    past = _last_crawls(archive, source, night)
    new = round(median(crawl.new_articles for crawl in past)) if past else None
    pending = list(find_due(known, source, night))
    of_new, of_pending = share_budget(source.nightly_budget, new or 0, len(pending))
    due = iter(all_due)
    asked = list(islice(due, source.nightly_budget - of_new - of_pending))
    hosts = Counter(make_host_key(one.url) for one in asked)
    hosts.update(make_host_key(one.url) for one in pending[:of_pending])
    hosts[make_host_key(source.homepage)] += new or 0
    for discovery in source.discoveries:
        hosts[make_host_key(discovery.url)] += 1
    hosts.update(list(hosts))  # each host's robots.txt
    requests = hosts.total()
    return Forecast(
        source_id=source.id,
        night=night,
        discovery=len(source.discoveries) + len(hosts),
        new=new,
        again=dict(sorted(Counter(one.looks for one in asked).items())),
        put_off=len(pending) - of_pending + sum(1 for _ in due),
        hosts=dict(hosts.most_common()),
        minutes=round(_seconds(source, hosts, past) / 60, 2),
        wire_bytes=round(requests * _bytes_a_request(past)) if past else None,
        checks=_count_checks(source, night, known, asked),
        pending=of_pending,
    )


def _count_checks(source: Source, night: Night, known: Known, asked: Iterable[KnownCapture]) -> int:
    """Return how many answers are asked for a second time, to hold validators to their word: of each document that
    announces articles, and of one article.
    """
    distrust = known.find_distrusted(night)
    documents = sum(
        bool(make_conditions(one.kind, known.find(one.url), distrust.get(one.kind)))
        for one in source.discoveries
        if one.kind != "archive" and not known.has_pending_of(one.url)
    )
    return documents + any(make_conditions("article", one, distrust.get("article")) for one in asked)


def note_forecast(archive: Archive, source: Source, night: Night, known_file: Path) -> None:
    """Keep the forecast of the nightly crawl that begins now, to be compared with what comes of it."""
    with closing(Known(known_file)) as known:
        forecast = make_forecast(archive, source, night, known, known.find_due(night, source.looks))
    archive.coordination.write_note(_note(source.id), forecast.model_dump_json())


def find_last_forecast(archive: Archive, source: Source, before: Night) -> PastForecast | None:
    """Return the newest forecast that was noted before a night, and what came of it; None when there is none."""
    noted = archive.coordination.read_note(_note(source.id))
    try:
        forecast = Forecast.model_validate_json(noted or "")
    except ValidationError:
        return None
    name = nightly_id(source.id, forecast.night)
    done = [c for c in archive.catalog.find_crawls(forecast.night, source.id) if c.crawl_id == name and c.discovered]
    if forecast.night >= before or not done:
        return None
    (crawl, *_) = done
    return PastForecast(
        forecast=forecast, requests=count_requests(crawl), minutes=crawl.seconds / 60, wire_bytes=crawl.wire_bytes
    )


def count_requests(crawl: CrawlRow) -> int:
    return sum(count.urls for count in crawl.counts if count.state in _ASKED)


def _note(source_id: str) -> str:
    return f"forecast/{source_id}"


def _last_crawls(archive: Archive, source: Source, before: Night) -> list[CrawlRow]:
    """Return the newest nightly crawls of *source* before a night, its first one only when there is no other."""
    found = archive.catalog.last_crawls(source.id, LOOKED_BACK + 1, "nightly", before)
    return found[1:] or found


def _bytes_a_request(past: Sequence[CrawlRow]) -> float:
    return sum(crawl.wire_bytes for crawl in past) / max(1, sum(map(count_requests, past)))


def _seconds(source: Source, hosts: Counter[str], past: Sequence[CrawlRow]) -> float:
    """Return how long the busiest host takes: each request its pause, or what one took in the past if that is more."""
    took = list(_seconds_a_request(past))
    return max(hosts.values(), default=0) * max(source.delay_seconds, *took, 0.0)


def _seconds_a_request(past: Sequence[CrawlRow]) -> Iterator[float]:
    for crawl in past:
        if requests := count_requests(crawl):
            yield crawl.seconds / requests
