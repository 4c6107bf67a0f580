"""The three newspapers: their names, sections, authors and stock of sentences, read from words/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Lead:
    """How a story begins: templates, with the slots that ``stories`` fills."""

    headline: str
    standfirst: str
    opening: str


@dataclass(frozen=True)
class Section:
    """One section and its stock of sentences."""

    slug: str
    name: str
    caption: str
    leads: tuple[Lead, ...]
    sentences: tuple[str, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Wire:
    """The agency's story of the day in the paper's language: the same facts in all three papers."""

    headline: str
    standfirst: str
    author: str
    caption: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Paper:
    """One newspaper. ``features`` and ``private`` are the first folders of addresses without a date.

    ``pages`` has the addresses of special pages (``moved``, ``missing``, …); ``gone_status`` is the status of a story
    that disappeared.
    """

    id: str
    host: str
    title: str
    motto: str
    language: str
    utc_offset_hours: int
    stories_a_day: int
    gone_status: int
    features: str
    private: str
    wire_slug: str
    authors: tuple[str, ...]
    months: tuple[str, ...]
    date_format: str
    amendment: str
    labels: Mapping[str, str]
    fill: Mapping[str, tuple[str, ...]]
    pages: Mapping[str, str]
    evergreen: Mapping[str, str]
    wire: Wire
    sections: tuple[Section, ...]

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def feature_path(self, slug: str) -> str:
        return f"/{self.features}/{slug}"

    @property
    def secret_path(self) -> str:
        """The path that robots.txt forbids; feed and front page link to it all the same."""
        return f"/{self.private}/{self.features}/{self.pages['secret']}"

    @property
    def archive_path(self) -> str:
        """The sitemap of older stories; one paper serves it as a gzip file."""
        return "/sitemaps/archive.xml.gz" if self.language == "de" else "/sitemaps/archive.xml"

    def section(self, slug: str) -> Section | None:
        return next((section for section in self.sections if section.slug == slug), None)


def read_paper(path: Path) -> Paper:
    """Return the newspaper in *path*. Raises TypeError when a field is missing or unknown."""
    fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    sections = tuple(
        Section(**(_freeze_lists(section) | {"leads": tuple(Lead(*lead) for lead in section["leads"])}))
        for section in fields["sections"]
    )
    made = {
        "fill": _freeze_lists(fields["fill"]),
        "evergreen": {page["slug"]: page["headline"] for page in fields["evergreen"]},
        "wire": Wire(**_freeze_lists(fields["wire"])),
        "sections": sections,
    }
    return Paper(**(_freeze_lists(fields) | made))


def _freeze_lists(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


PAPERS: tuple[Paper, ...] = tuple(
    read_paper(Path(__file__).parent / "words" / f"{name}.toml") for name in ("faro", "courier", "anzeiger")
)
