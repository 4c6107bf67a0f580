"""A source: one newspaper and how its articles are found."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from storage.model.base import Record


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"{url[:200]}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url[:200]}: must be an absolute http or https address")
    if "@" in parts.netloc:
        raise ValueError(f"{parts.hostname}: must have no user name or password: the archive would keep them")
    return url


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


def _selector(text: str) -> str:
    from storage.model.selector import compile_selector  # most cards have none: lxml is not loaded for them

    compile_selector(text)
    return text


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_selector)]
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=64)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]+$|^\[?[0-9a-f:.]+\]?$")]

TlsPolicy = Literal["verify", "record"]
ReadKind = Literal["feed", "sitemap", "section"]
DiscoveryKind = Literal["feed", "sitemap", "section", "archive"]


class Discovery(Record):
    """A document that announces articles; an ``archive`` is read in backfills alone, for each night asked for.

    In the address of an ``archive`` ``{yyyy}``, ``{mm}`` and ``{dd}`` stand for the night.
    """

    kind: DiscoveryKind
    url: HttpUrl


class TextOverrides(Record):
    """What is text on a newspaper's pages, whatever the extractor thinks: CSS selectors or XPaths.

    The lines within an element that ``keep`` selects are kept, those within one of ``drop`` are not, and it wins.
    """

    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()


class Source(Record):
    """One newspaper. ``hosts`` are ASCII names without a port; an article lies on one of them."""

    id: SourceId
    title: str = Field(min_length=1)
    homepage: HttpUrl
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1")
    discoveries: tuple[Discovery, ...] = Field(default=(), description="empty only for the source `adhoc`")
    hosts: tuple[Host, ...] = ()
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    delay_seconds: float = Field(default=2.0, ge=0, le=3600)
    recent_days: int | None = Field(default=3, ge=0, description="older dated announcements are too_old; null: all")
    looks: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = Field(
        default=(1, 2, 4, 8, 16, 32),
        min_length=1,
        description="an article is looked at again so many nights after its first capture, after that look, and so on",
    )
    visits: int = Field(
        default=1, ge=1, le=24, description="how often a day it is looked at, by `daytime_crawl` beside the nightly one"
    )
    nightly_budget: int = Field(default=2000, ge=1, description="articles fetched a night at most")
    time_budget_seconds: float = Field(default=4 * 3600, gt=0)
    spider: str = Field(default="newspaper", pattern=r"^[a-z_][a-z0-9_]*$")
    allow_private: bool = False
    tls: TlsPolicy = Field(default="verify", description="record: fetch in spite of a bad certificate, and say so")
    rights: str | None = None
    signals: Literal["record", "honour"] = Field(
        default="record",
        description="what publishers say of the use of a page is recorded; honour: what they reserve gives no document",
    )
    text: TextOverrides = Field(
        default=TextOverrides(), description="for pages that the extractor keeps reading wrongly"
    )
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _host_of_homepage(cls, fields: object) -> object:
        if isinstance(fields, dict) and not fields.get("hosts") and isinstance(fields.get("homepage"), str):
            host = urlsplit(fields["homepage"]).hostname
            if host:
                return {**fields, "hosts": (host,)}
        return fields
