"""The first look at a newspaper: which feeds and sitemaps announce its articles, and a card drafted from them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unicodedata import combining, normalize
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.lookup import read_body
from hemeroteca.configuration import Settings
from spiders.discovery.entries import Entry
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.sections import FrontPage
from spiders.parsing.limited_reader import LimitedReader
from spiders.parsing.parsers import FEED, FRONT_PAGE, SITEMAP
from storage.model.capture import Capture
from storage.model.errors import NoMainTextError, ParserLimitError, SeedError
from storage.model.source import Discovery, Source
from storage.model.unfit_characters import escape_unfit
from storage.model.wrong_values import place_of, reason_of

_GENERIC = frozenset({"tv", "io", "me", "co", "ai", "fm", "cc", "ws", "to", "eu", "nu"})
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "or", "ne", "edu"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TITLE_END = re.compile(r"(?:\s*[|·–—:]|\s-)\s.*")
_NOT_READ = (NotAFeedError, NoMainTextError, ParserLimitError)
_FRESH = timedelta(days=3)
PRIVATE_HOSTS = "allow_private: its hosts are on this machine or network; leave this out for a newspaper on the web."
_OWN_SHARE = 20  # a host that has one of so many entries is one of the newspaper's


@dataclass
class Listing:
    """A feed or sitemap that was asked for: what it announces, or why it was not read."""

    kind: str
    url: str
    via: str | None
    found: list[Entry] = field(default_factory=list)
    fault: str | None = None

    @property
    def newest(self) -> datetime | None:
        return max((one.announced for one in self.found if one.announced), default=None)


@dataclass
class SurveyFindings:
    """What a survey found: the front page and what it says, and the feeds and sitemaps in the order they were read."""

    homepage: str
    page: FrontPage
    listings: list[Listing]


def make_survey_card(
    settings: Settings, homepage: str, source_id: str | None = None, allow_private: bool = False
) -> Source:
    """Return the card that a newspaper is surveyed with. Raises SeedError for what is no address of one."""
    try:
        parts = urlsplit(homepage)
    except ValueError as error:
        raise SeedError(f"homepage: {homepage}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SeedError(f"homepage: {homepage}: must be an absolute http or https address")
    address = homepage if parts.path else f"{homepage}/"
    try:
        return Source(
            id=source_id or _make_id(parts.hostname),
            title=parts.hostname,
            homepage=address,
            language="und",
            country=_guess_country(parts.hostname),
            discoveries=(Discovery(kind="section", url=address),),
            spider="survey",
            delay_seconds=0.05 if settings.demo else 2.0,
            allow_private=settings.demo or allow_private,
            enabled=False,
        )
    except ValidationError as error:
        first = error.errors()[0]
        hint = "; give one with --id" if first["loc"] == ("id",) else ""
        place = place_of(first["loc"]) or "homepage"
        raise SeedError(f"{place}: {reason_of(first)}{hint}") from None


def read_findings(archive: Archive, source: Source, crawl_id: str) -> SurveyFindings:
    """Return what the captures of a survey hold. Raises SeedError when there is no front page among them."""
    page, homepage, why = None, source.homepage, ""
    listings = []
    with LimitedReader() as reader:
        for capture in sorted(archive.catalog.find_captures(crawl_id=crawl_id), key=lambda one: one.date):
            if capture.purpose == "section" and capture.status == 200:
                homepage = capture.target_uri
                try:
                    page = reader.read(FRONT_PAGE, read_body(archive, capture), homepage)
                except _NOT_READ as error:
                    why = f": {error}"
            elif capture.purpose in ("feed", "sitemap") and not 300 <= capture.status < 400:
                listings.append(_read_listing(archive, capture, reader))
    if page is None:
        why = why or _tell_refusal(archive, source, crawl_id)
        raise SeedError(f"homepage: {source.homepage}: could not be read{why}")
    return SurveyFindings(homepage, page, listings)


def _tell_refusal(archive: Archive, source: Source, crawl_id: str) -> str:
    """Say which of our rules kept a survey from the front page, if one did."""
    rows = [row for row in archive.catalog.find_crawls(None, source.id) if row.crawl_id == crawl_id]
    reasons = {one.reason for row in rows for one in row.counts if one.purpose == "section" and one.state == "refused"}
    if "robots" in reasons:
        return ": robots.txt forbids it (`--ignore-robots` fetches it anyway)"
    if "private_address" in reasons:
        return ": its host has no public address (`--allow-private` fetches it anyway)"
    return f": refused ({', '.join(sorted(filter(None, reasons)))})" if reasons else ""


def draft_card(found: SurveyFindings, source: Source, now: datetime) -> str:
    """Return a card as YAML, disabled, for a person to finish; its comments say what was found."""
    language = (found.page.language or "").replace("_", "-")
    is_language = bool(_LANGUAGE.fullmatch(language))
    fields = {
        "id": source.id,
        "title": _TITLE_END.sub("", found.page.title or "") or source.title,
        "homepage": found.homepage,
        "language": language if is_language else "und",
        **({"country": source.country} if source.country else {}),
        "hosts": _find_hosts(found, source),
        **({"allow_private": True, "delay_seconds": source.delay_seconds} if source.allow_private else {}),
        "enabled": False,
    }
    notes = [f"Found by `hemeroteca sources add` on {now:%Y-%m-%d}. `hemeroteca sources enable {source.id}` starts it."]
    if not is_language:
        notes.append("The front page does not say its language (BCP 47): write it below.")
    if source.allow_private:
        notes.append(PRIVATE_HOSTS)
    notes += [_describe_listing(listing) for listing in found.listings]
    comments = "".join(f"# {escape_unfit(' '.join(note.split()))}\n" for note in notes)
    chosen = [*_choose_discoveries(found, now), Discovery(kind="section", url=found.homepage)]
    lines = "".join(f"  - {{kind: {one.kind}, url: {json.dumps(one.url)}}}\n" for one in chosen)
    return f"{comments}{write_yaml(fields)}discoveries:\n{lines}"


def write_yaml(fields: dict[str, object]) -> str:
    """Return *fields* as lines of a card."""
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=1000, default_flow_style=None)


def _read_listing(archive: Archive, capture: Capture, reader: LimitedReader) -> Listing:
    listing = Listing(capture.purpose, capture.target_uri, capture.via)
    if capture.status != 200:
        listing.fault = f"answered {capture.status}"
        return listing
    parser = FEED if capture.purpose == "feed" else SITEMAP
    try:
        listing.found = reader.read(parser, read_body(archive, capture), capture.target_uri)
    except _NOT_READ as error:
        listing.fault = f"is not a {capture.purpose}: {error}"
    return listing


def _choose_discoveries(found: SurveyFindings, now: datetime) -> Iterator[Discovery]:
    """Yield the feeds, then the sitemaps of fresh news; where there are none, the sitemaps that no other lists."""
    read = [listing for listing in found.listings if listing.found]
    yield from (Discovery(kind="feed", url=listing.url) for listing in read if listing.kind == "feed")
    sitemaps = [listing for listing in read if listing.kind == "sitemap"]
    news = [one for one in sitemaps if "news" in one.url.lower() and one.newest and one.newest > now - _FRESH]
    listed = {entry.url for one in sitemaps for entry in one.found if entry.is_sitemap}
    for one in news or [one for one in sitemaps if one.url not in listed]:
        yield Discovery(kind="sitemap", url=one.url)


def _find_hosts(found: SurveyFindings, source: Source) -> list[str]:
    """Return the hosts of the front page, and those of its domain that have many entries."""
    front = [urlsplit(url).hostname or "" for url in (found.homepage, source.homepage)]
    domain = front[0].removeprefix("www.")
    seen = Counter(urlsplit(one.url).hostname or "" for listing in found.listings for one in listing.found)
    own = [host for host, times in seen.most_common() if times * _OWN_SHARE >= seen.total()]
    return list(dict.fromkeys([*front, *(host for host in own if host == domain or host.endswith(f".{domain}"))]))


def _describe_listing(listing: Listing) -> str:
    if listing.fault:
        return f"{listing.kind} {listing.url}: {listing.fault}"
    newest = f", newest {listing.newest:%Y-%m-%dT%H:%MZ}" if listing.newest else ", no dates"
    return f"{listing.kind} {listing.url}: {len(listing.found)} entries{newest}, named in {listing.via}"


def _make_id(host: str) -> str:
    """Return an id for the newspaper at *host*: its country, if the name ends with one, and its name."""
    labels = [label for label in host.removeprefix("www.").split(".") if label]
    country = _guess_country(host)
    names = labels[:-1] if len(labels) > 1 and not host.replace(".", "").isdigit() else labels
    if country and len(names) > 1 and names[-1] in _SECOND_LEVEL:
        names = names[:-1]
    plain = "".join(one for one in normalize("NFKD", "-".join(names)) if not combining(one)).lower()
    name = re.sub(r"[^a-z0-9]+", "-", "-".join([*([country.lower()] if country else []), plain])).strip("-")
    return name[:64].strip("-")


def _guess_country(host: str) -> str | None:
    last = host.rpartition(".")[2]
    is_country = len(last) == 2 and last.isascii() and last.isalpha() and last not in _GENERIC
    return {"uk": "GB"}.get(last, last.upper()) if is_country else None
