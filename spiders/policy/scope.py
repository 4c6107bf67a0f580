"""Which URLs the crawl of a source may fetch, and which of them tonight.

The rules for an article, in this order; the first that applies decides:
    trap       longer than 2,000 characters, one path segment four times, or some of them three times in a row
    scope      its host is none of the card's (with or without ``www.``), a pattern of ``exclude`` fits, or none of
               ``include`` does
    other_night  a backfill asks for other nights (spiders.policy.backfill)
    not_due    the archive has it, and by the card's `looks` its next look is on a later night; or it was asked for in
               vain, and is asked for again on a later night (storage.pending)
    too_old    the archive does not have it, and it is dated more than ``recent_days`` before the night; not what was
               asked for in vain. What was put off until it is that old is given up
    trap       the archive does not have it, and there were too many like it (spiders.policy.traps)
    duplicate  a URL that differs only in tracking parameters (spiders.policy.url_variants) is fetched tonight

For what a person asked for, only the first trap rule, the host and ``exclude`` count. Discoveries and robots.txt may
be on any host, and so may what they redirect to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import ada_url
from w3lib.url import safe_url_string

from spiders.job import CrawlTask
from spiders.policy.backfill import NightRange, belongs_to
from spiders.policy.pending_articles import find_oldest, is_expired
from storage.captures.exchange import ExchangeFacts
from storage.known import KnownCapture, KnownPending
from storage.model.outcome import ROBOTS_UNREAD, State
from storage.model.pattern import fits_any
from storage.model.source import Source, site_name

REQUEST, CARD, KNOWN, SPIDER = "request", "card", "known", "spider"
"""Values of ``via`` that are no URL: a person asked for it, the card names it, it is due for another look, a Scrapy
spider starts with it.
"""

_LONGEST_URL = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(
    r"https?://[a-z0-9.-]+(?::\d+)?/[\w./=&;,+~-]*(?:\?[\w./?=&;,+~-]+)?", re.ASCII
)  # what safe_url_string leaves alone
_ASSET = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|atom|gz|zip|pdf|mp[34]|m4a|webm|txt)$", re.IGNORECASE
)
_DATED = re.compile(r"/(?:19|20)\d\d[/-]?[01]\d(?:[/-]?[0-3]\d)?(?:[/-]|$)")
_SLUG_WORDS = 4
_NUMBERED = re.compile(r"\d{5,}")


class Verdict(NamedTuple):
    """Why a URL is not fetched tonight."""

    state: State
    reason: str
    detail: str | None = None


OVER_BUDGET = Verdict("skipped", "budget")
_NOT_DUE = Verdict("skipped", "not_due")
_OTHER_NIGHT = Verdict("skipped", "other_night")
ROBOTS_NOT_READ = Verdict("refused", "robots", ROBOTS_UNREAD)
_VERDICTS = {
    "host_busy": Verdict("skipped", "host_busy"),
    "host_blocked": Verdict("skipped", "host_blocked"),
    "interrupted": Verdict("failed", "interrupted"),
    "robots": ROBOTS_NOT_READ,
}
"""By why it was put off, how what is given up ends."""


def clean_url(url: str, base: str | None = None) -> str | None:
    """Return *url* as it is fetched: absolute, in WHATWG form, no fragment, no password. None when it is no URL.

    A URL of another scheme than http and https is returned too: the caller must refuse it.
    """
    try:
        parts = ada_url.URL(url.strip(), base) if base else ada_url.URL(url.strip())
        parts.hash = ""
        if parts.protocol not in ("http:", "https:"):
            return str(parts.href)
        if "@" in parts.href:
            parts.username = parts.password = ""
        href = str(parts.href)
        return href if _PLAIN.fullmatch(href) else str(safe_url_string(href))
    except ValueError:
        return None


def resolve_redirect(location: str, url: str) -> str | None:
    """Return the URL that the Location header *location* of *url* leads to (octets as latin-1), or None."""
    with suppress(UnicodeDecodeError):
        location = location.encode("latin-1").decode()
    return clean_url(location, url) if location else None


def is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def read_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def make_host_key(url: str) -> str:
    """Return the key of the host that *url* asks: ``name:port``, ASCII, the port always given."""
    return _key_at(_beginning(url))


def is_own_host(source: Source, url: str) -> bool:
    """Say whether *url* is on a host of the card, or on its twin: the same name with or without ``www.``."""
    return _site_at(_beginning(url)) in _sites(source.hosts)


def is_one_site(one: str, other: str) -> bool:
    """Say whether two URLs are on one host, or on one below the other: ``paper.test`` and ``es.paper.test``."""
    short, long = sorted((_site_at(_beginning(url)) for url in (one, other)), key=len)
    return short == long or long.endswith(f".{short}")


def read_host(url: str) -> str:
    return _host_at(_beginning(url))


def _beginning(url: str) -> str:
    """Return *url* up to its path, so that it is parsed once a host, not several times a page."""
    end = url.find("/", len("https://"))
    return url if end < 0 else url[:end]


@lru_cache(maxsize=1024)
def _key_at(beginning: str) -> str:
    parts = urlsplit(beginning)
    return f"{parts.hostname}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


@lru_cache(maxsize=1024)
def _host_at(beginning: str) -> str:
    return urlsplit(beginning).hostname or ""


@lru_cache(maxsize=1024)
def _site_at(beginning: str) -> str:
    return site_name(_host_at(beginning))


@lru_cache(maxsize=256)
def _sites(hosts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(site_name, hosts))


def refuse(source: Source, url: str, facts: ExchangeFacts, asked: bool = False) -> Verdict | None:
    """Say why policy forbids *url*, if it does; *asked*: a person wants it."""
    if not is_web(url):
        return Verdict("refused", "scheme")
    if _is_trap(url):
        return Verdict("refused", "trap")
    if facts.purpose == "article" and not _in_scope(source, url, asked):
        return Verdict("refused", "scope")
    return None


def postpone(
    task: CrawlTask, url: str, known: KnownCapture | None, pending: KnownPending | None, facts: ExchangeFacts
) -> Verdict | None:
    """Say why *url* is not wanted tonight, if so; *known* is what the archive holds of it, else it may be *pending*."""
    night = task.crawl.night
    if task.crawl.for_nights and not belongs_to(NightRange(*task.crawl.for_nights), url, facts):
        return _OTHER_NIGHT
    if known is not None:
        is_wanted = task.fresh or (not task.crawl.for_nights and is_due(known, pending, night, task.source.looks))
        return None if is_wanted else _NOT_DUE
    if pending is not None and not task.fresh:
        if not task.crawl.for_nights and is_expired(pending, find_oldest(task.source, night)):
            return _VERDICTS.get(pending.reason or "", OVER_BUDGET)
        if str(night) < pending.due:
            return _NOT_DUE
    if (pending and not pending.given_up) or task.crawl.for_nights:
        return None
    return Verdict("refused", "too_old") if _is_too_old(task, facts) else None


def _is_too_old(task: CrawlTask, facts: ExchangeFacts) -> bool:
    oldest = find_oldest(task.source, task.crawl.night)
    return oldest is not None and facts.announced is not None and facts.announced.date() < oldest


def is_due(known: KnownCapture, pending: KnownPending | None, night: date, ladder: Sequence[int]) -> bool:
    """Say whether an announced article is due for another look on *night*; the last of *ladder* repeats for ever.

    A look that failed for a passing reason is *pending*: it is made again, and when it is given up that was a look.
    """
    if pending and not pending.given_up:
        return pending.due <= str(night)
    last = (pending and pending.last_asked) or known.last_night
    nights = ladder[min(max(known.looks, 1), len(ladder)) - 1]
    return (night - date.fromisoformat(last)).days >= nights


def is_article_link(source: Source, url: str) -> bool:
    """Say whether a link on a section or home page is meant as an article, so that it must have an outcome.

    It is on a host of the card and matches one of its ``include`` patterns, if there are any; else its path has a date,
    a number of five digits or a slug of four words. Other links (menus, tags, other hosts, images) are not discovered.
    """
    if not is_web(url) or not is_own_host(source, url):
        return False
    if source.include:
        return _in_scope(source, url, asked=False)
    return looks_like_article(url)


def looks_like_article(url: str) -> bool:
    """Say whether the path of *url* has a date, a number of five digits or a slug of four words."""
    parts = urlsplit(url)
    if _ASSET.search(parts.path):
        return False
    slug = parts.path.rstrip("/").rpartition("/")[2]
    words = [word for word in re.split("[-_]", slug) if word]
    numbered = _NUMBERED.search(f"{parts.path}?{parts.query}")
    return bool(numbered or _DATED.search(parts.path) or len(words) >= _SLUG_WORDS)


def tell_other_host(source: Source, urls: Iterable[str]) -> str | None:
    """Say on which other host most of those *urls* are that could be articles, and what to write into the card."""
    foreign = [url for url in urls if is_web(url) and looks_like_article(url) and not is_own_host(source, url)]
    hosts = Counter(urlsplit(url).hostname or "" for url in foreign)
    if not hosts:
        return None
    ((host, count),) = hosts.most_common(1)
    return f"{count} of its links are on {host}: add it to `hosts` if they are its own"


def _in_scope(source: Source, url: str, asked: bool) -> bool:
    if not is_own_host(source, url) or fits_any(source.exclude, url):
        return False
    return asked or not source.include or fits_any(source.include, url)


def _is_trap(url: str) -> bool:
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    often = len(segments) >= 4 and max(Counter(segments).values()) >= 4
    return len(url) > _LONGEST_URL or often or any(_runs(segments, length) for length in (2, 3))


def _runs(segments: list[str], length: int) -> bool:
    """Say whether *length* segments occur three times in a row."""
    starts = range(len(segments) - 3 * length + 1)
    return any(segments[at : at + 2 * length] == segments[at + length : at + 3 * length] for at in starts)
