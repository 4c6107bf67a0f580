"""All metadata of an article in one record, each field with how it is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from hemeroteca.extraction.metadata.agencies import find_agency_in_text
from hemeroteca.extraction.metadata.authors import read_authors
from hemeroteca.extraction.metadata.date_sources import Announced
from hemeroteca.extraction.metadata.dates import read_dates
from hemeroteca.extraction.metadata.flags import read_canonical, read_kind, read_paywall, read_section, read_tags
from hemeroteca.extraction.metadata.images import read_images
from hemeroteca.extraction.metadata.language import read_language
from hemeroteca.extraction.metadata.title import Title
from hemeroteca.extraction.page.markup import Markup
from storage.model.document import Candidate, Image


class Metadata(NamedTuple):
    """Fields of ``CleanText``, under the same names. ``known`` has every field, also those without a value."""

    title: str | None
    authors: tuple[str, ...]
    agency: str | None
    published: str | None
    published_known: str
    published_confidence: float | None
    modified: str | None
    language: str | None
    language_claimed: str | None
    section: str | None
    tags: tuple[str, ...]
    canonical_url: str | None
    images: tuple[Image, ...]
    paywall: bool | None
    live: bool | None
    opinion: bool | None
    sponsored: bool | None
    candidates: tuple[Candidate, ...]
    known: dict[str, str]


def read_metadata(
    markup: Markup, title: Title, lines_of_text: list[str], fetched: datetime, announced: Announced = ()
) -> Metadata:
    """Return what the page says of its article, whose text is *lines_of_text*. Never raises.

    No date is after *fetched*. *announced* are the times that discoveries gave for the page.
    """
    authors = read_authors(markup)
    dates = read_dates(markup, fetched, announced)
    in_text = find_agency_in_text(lines_of_text) if authors.agency is None else None
    language, language_known, claimed = read_language("\n".join(lines_of_text), markup)
    found: dict[str, tuple[Any, str]] = {
        "title": (title.text, title.known),
        "authors": (authors.names, authors.known),
        "agency": (authors.agency or in_text, "text" if in_text else authors.agency_known),
        "published": (dates.published, dates.published_known),
        "modified": (dates.modified, dates.modified_known),
        "language": (language, language_known),
        "section": read_section(markup),
        "tags": read_tags(markup),
        "canonical_url": read_canonical(markup),
        "images": read_images(markup),
        **{kind: read_kind(markup, kind) for kind in ("live", "opinion", "sponsored")},
        "paywall": read_paywall(markup),
    }
    return Metadata(
        **{name: value for name, (value, _) in found.items()},
        published_known=dates.published_known.removeprefix("none: "),
        published_confidence=dates.confidence,
        language_claimed=claimed,
        candidates=(*title.candidates, *authors.candidates, *dates.candidates),
        known={name: known for name, (_, known) in found.items()},
    )
