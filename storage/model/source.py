"""A source: one newspaper and how its articles are found."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from storage.model.base import Record
from storage.model.web_address import check_web_address, to_ascii_host
from storage.model.wrong_values import written_as


def site_name(host: str) -> str:
    """Return the ASCII name of *host* without ``www.``: a newspaper has its twin with or without that."""
    return to_ascii_host(host.strip("[]")).removeprefix("www.")


def _in_ascii(host: object) -> object:
    return to_ascii_host(host) if isinstance(host, str) else host


def _pattern(text: str) -> str:
    from storage.model.pattern import compile_pattern  # many cards have none

    compile_pattern(text)
    return text


def _selector(text: str) -> str:
    from storage.model.selector import compile_selector  # most cards have none: lxml is not loaded for them

    compile_selector(text)
    return text


HttpUrl = Annotated[str, AfterValidator(check_web_address)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_selector)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
SourceId = Annotated[
    str,
    StringConstraints(min_length=2, max_length=64),
    AfterValidator(
        written_as(r"[a-z0-9]+(-[a-z0-9]+)*", "lower-case letters a-z, digits and single hyphens, such as es-elpais")
    ),
]
Host = Annotated[
    str,
    BeforeValidator(_in_ascii),
    AfterValidator(written_as(r"[a-z0-9._-]+|\[?[0-9a-f:.]+\]?", "a host in lower case, such as www.example.org")),
]

LanguageCode = Annotated[
    str, AfterValidator(written_as(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language code, such as es or pt-BR"))
]
CountryCode = Annotated[str, AfterValidator(written_as(r"[A-Z]{2}", "a code of two capital letters, such as ES"))]
SpiderName = Annotated[
    str,
    AfterValidator(
        written_as(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", "a module name, such as newspaper or mypress.spiders.daily")
    ),
]

TlsPolicy = Literal["verify", "record"]
ReadKind = Literal["feed", "sitemap", "section"]
DiscoveryKind = Literal[ReadKind, "archive"]


ADHOC = "adhoc"
"""The id of the source of addresses that belong to no newspaper: it has no card."""


class DiscoveryTraits(NamedTuple):
    """How documents of one kind of discovery are treated, once they are parsed."""

    dates_count_as: ReadKind
    """How a document names the origin of a date that it took from here: ``feed`` where nothing else is known."""
    can_have_gap: bool
    """Whether it lists only the newest articles, so that some can come and go between two crawls."""
    bridges_gaps: bool
    """Whether it shows that there was no gap, when it lists articles that the archive has."""
    asked_conditionally: bool
    """Whether it is requested with validators. An index of sitemaps may stay the same while its sitemaps change."""


DISCOVERY_TRAITS: dict[ReadKind, DiscoveryTraits] = {
    "feed": DiscoveryTraits("feed", can_have_gap=True, bridges_gaps=True, asked_conditionally=True),
    "sitemap": DiscoveryTraits("sitemap", can_have_gap=False, bridges_gaps=True, asked_conditionally=False),
    "section": DiscoveryTraits("feed", can_have_gap=False, bridges_gaps=False, asked_conditionally=True),
}
"""A source is red when nothing of these kinds could be read. An ``archive`` is read as a ``section``."""


class Discovery(Record):
    """A document that announces articles. An ``archive`` is read only in backfills, once for each night they cover.

    In the address of an ``archive``, ``{yyyy}``, ``{mm}`` and ``{dd}`` stand for the night.
    """

    kind: DiscoveryKind
    url: HttpUrl


class TextOverrides(Record):
    """CSS selectors or XPaths that say what is text on a newspaper's pages, whatever the extractor decides.

    Lines within elements that ``keep`` selects are kept, those within ``drop`` are not; ``drop`` wins.
    """

    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()


class ItemFields(Record):
    """Which fields of the items that its spider scrapes replace what extraction finds on a page."""

    title: FieldName | None = None
    published: FieldName | None = None
    authors: FieldName | None = None


class Source(Record):
    """One newspaper. ``hosts`` are ASCII names without a port; an article is on one of them."""

    id: SourceId
    """Its name in keys, tables and commands: lower-case letters, digits, hyphens."""
    title: str = Field(min_length=1)
    """The newspaper's name."""
    homepage: HttpUrl
    """Its front page."""
    language: LanguageCode
    """The language of its articles, as BCP 47: ``es``, ``pt-BR``."""
    country: CountryCode | None = None
    """Its country, as ISO 3166-1: ``ES``."""
    discoveries: tuple[Discovery, ...] = ()
    """Where it announces articles: ``feed`` (RSS, Atom, JSON), ``sitemap``, ``section`` (a page of links), ``archive``
    (a page for each day, read in backfills: ``…/{yyyy}/{mm}/{dd}/``). If no sitemap is given, those named in robots.txt
    are read; if no feed is given, those named in its sections.
    """
    hosts: tuple[Host, ...] = ()
    """The hosts of its articles, by default the homepage's; any other host is out of scope."""
    include: tuple[Pattern, ...] = ()
    """Regular expressions (RE2's syntax: no look-around, no backreferences). An article's address must match one."""
    exclude: tuple[Pattern, ...] = ()
    """Regular expressions. An article's address must match none of them."""
    delay_seconds: float = Field(default=2.0, ge=0, le=3600)
    """Seconds between two requests to one host; a longer Crawl-delay wins."""
    recent_days: int | None = Field(default=3, ge=0)
    """Articles announced with a date older than this many days are not fetched; ``null`` fetches all."""
    looks: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = Field(default=(1, 2, 4, 8, 16, 32), min_length=1)
    """Nights from an article's capture to its next look, from that look to the one after it, and so on."""
    visits: int = Field(default=1, ge=1, le=24)
    """Crawls a day, including the nightly one; needs the DAG ``daytime_crawl`` to be unpaused."""
    nightly_budget: int = Field(default=2000, ge=1)
    """The most articles to fetch in a night."""
    time_budget_seconds: float = Field(default=4 * 3600, gt=0)
    """How long its crawl may take; what is left over waits for another night."""
    spider: SpiderName = "newspaper"
    """The spider that crawls it: a module in ``spiders/``, the name of a Scrapy spider there, or any module that can be
    imported (``mypress.spiders.daily``).
    """
    spider_arguments: dict[str, str] = {}
    """Arguments for a Scrapy spider, as after ``scrapy crawl -a``."""
    article: tuple[Pattern, ...] = ()
    """For a Scrapy spider: regular expressions. A page whose address matches one becomes a document."""
    allow_private: bool = False
    """Whether its hosts may have private addresses."""
    tls: TlsPolicy = "verify"
    """``verify``: fetch no page without a valid certificate; ``record``: fetch despite a bad one, and record it."""
    rights: str | None = None
    """The legal basis for archiving it."""
    signals: Literal["record", "honour"] = "record"
    """``record``: store what its publisher says about the use of a page; ``honour``: also make no document of a page
    whose rights are reserved.
    """
    text: TextOverrides = TextOverrides()
    """Selectors for what is text on its pages and what is not, if the extractor keeps getting them wrong."""
    item_fields: ItemFields = ItemFields()
    """Which fields of its spider's items hold a page's ``title``, ``published`` and ``authors``."""
    enabled: bool = True
    """Whether it is crawled every night."""

    @model_validator(mode="before")
    @classmethod
    def _host_of_homepage(cls, fields: object) -> object:
        if isinstance(fields, dict) and not fields.get("hosts") and isinstance(fields.get("homepage"), str):
            host = urlsplit(fields["homepage"]).hostname
            if host:
                return {**fields, "hosts": (host,)}
        return fields
