"""The three newspapers: who they are and what they know how to say, read from words/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Lead:
    """How a story begins: templates with the slots of ``stories.slots``."""

    headline: str
    standfirst: str
    opening: str


@dataclass(frozen=True)
class Section:
    """One section and its bank of sentences."""

    slug: str
    name: str
    caption: str
    leads: tuple[Lead, ...]
    sentences: tuple[str, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Wire:
    """The agency's story of the day in this paper's language: the same facts in all three."""

    headline: str
    standfirst: str
    author: str
    caption: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Paper:
    """One newspaper. ``features`` and ``private`` are first folders of addresses without a date.

    ``pages`` names the addresses of the odd pages (``moved``, ``missing``, …); ``gone_status`` is what a story that
    disappeared answers.
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
        """The address that robots.txt forbids, and that feed and front page link all the same."""
        return f"/{self.private}/{self.features}/{self.pages['secret']}"

    @property
    def archive_path(self) -> str:
        """The sitemap of older stories; one paper serves it as a gzip file."""
        return "/sitemaps/archive.xml.gz" if self.language == "de" else "/sitemaps/archive.xml"

    def section(self, slug: str) -> Section | None:
        return next((section for section in self.sections if section.slug == slug), None)


def read_paper(path: Path) -> Paper:
    """Read one paper's words. Raises TypeError when a field is missing or unknown."""
    fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    sections = tuple(
        Section(**(_frozen(section) | {"leads": tuple(Lead(*lead) for lead in section["leads"])}))
        for section in fields["sections"]
    )
    made = {
        "fill": _frozen(fields["fill"]),
        "evergreen": {page["slug"]: page["headline"] for page in fields["evergreen"]},
        "wire": Wire(**_frozen(fields["wire"])),
        "sections": sections,
    }
    return Paper(**(_frozen(fields) | made))


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


PAPERS: tuple[Paper, ...] = tuple(
    read_paper(Path(__file__).parent / "words" / f"{name}.toml") for name in ("faro", "courier", "anzeiger")
)
