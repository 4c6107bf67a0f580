"""The stories that a newspaper prints on a day: always the same for the same day."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

from hemeroteca.demo.papers import Paper

T = TypeVar("T")

TREATMENTS = {
    0: "wire",  # the agency's story, carried by all three papers
    1: "amended",  # other text from the next night on; same address, same date
    2: "vanishing",  # gone from the next night on
    3: "etag",  # gzip, ETag, answers If-None-Match
    4: "dated",  # Last-Modified, answers If-Modified-Since
    5: "chunked",
    6: "chunked_gzip",
    7: "old_charset",  # windows-1252 in the German paper, UTF-8 in the others
    8: "restored",  # gone the next night, back from the one after
    9: "reverted",  # other text the next night, the first one again from the one after
    10: "film",  # a picture that moves, and no text
}
"""What is special about a story, by its number in the day's edition; the stories after these are plain."""

STORY_PATH = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/[a-z]+/[a-z0-9-]+\.html")
STRAITS = ("Orsund", "Kalmor", "Vestra", "Tervala")
FEATURES_SINCE = date(2025, 1, 15)
SENTENCES_A_BODY = 8
SLUG_CHARS = 60


@dataclass(frozen=True)
class Story:
    """One article as first printed. ``amended`` is its other body, for the night after or from then on."""

    paper: Paper
    day: date
    path: str
    section: str
    headline: str
    standfirst: str
    author: str
    published: datetime
    paragraphs: tuple[str, ...]
    caption: str
    image: str
    treatment: str = "plain"
    amended: tuple[str, ...] | None = None

    @property
    def url(self) -> str:
        return self.paper.url(self.path)

    def body_on(self, night: date) -> tuple[str, ...]:
        return self.amended if self.amended and self._is_other_on(night) else self.paragraphs

    def is_gone_on(self, night: date) -> bool:
        return self.treatment in ("vanishing", "restored") and self._is_other_on(night)

    def _is_other_on(self, night: date) -> bool:
        """Say whether the story is changed on *night*: from the night after on, or only then if it changes back."""
        nights = (night - self.day).days
        return nights == 1 if self.treatment in ("restored", "reverted") else nights > 0


@functools.lru_cache(maxsize=256)
def build_edition(paper: Paper, day: date) -> tuple[Story, ...]:
    """Return every story that *paper* printed on *day*, the agency's first."""
    return (
        _build_wire_story(paper, day),
        *(_build_story(paper, day, place) for place in range(1, paper.stories_a_day)),
    )


def list_announced(paper: Paper, night: date, days_back: Sequence[int]) -> list[Story]:
    """Return the stories of the days *days_back* before *night* that can still be read that night."""
    printed = (story for back in days_back for story in build_edition(paper, night - timedelta(days=back)))
    return [story for story in printed if not story.is_gone_on(night)]


def find_story(paper: Paper, path: str, night: date) -> Story | None:
    """Return the story printed at *path* on or before *night*, even if it is gone."""
    found = STORY_PATH.fullmatch(path)
    if not found:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    return next((story for story in build_edition(paper, day) if story.path == path), None) if day <= night else None


def build_feature(paper: Paper, slug: str, headline: str) -> Story:
    """Return a long read, with an address without a date and the same text every night."""
    salt = f"{paper.id}:{slug}"
    section = _pick(paper.sections, salt)
    slots = _fill_slots(paper, salt)
    return Story(
        paper=paper,
        day=FEATURES_SINCE,
        path=paper.feature_path(slug),
        section=section.slug,
        headline=headline,
        standfirst=_shuffle(section.sentences, salt)[SENTENCES_A_BODY].format(**slots),
        author=_pick(paper.authors, salt),
        published=_choose_time(paper, FEATURES_SINCE, 0),
        paragraphs=_build_body(paper, section.slug, salt, slots)[1:],
        caption=section.caption.format(**slots),
        image=f"/img/{slug}.png",
    )


def build_features(paper: Paper) -> dict[str, Story]:
    """Return every feature of *paper* by its slug: the evergreen ones and the targets of redirects."""
    pages = paper.pages
    headlines = dict(paper.evergreen) | {
        pages["moved_to"]: pages["moved_headline"],
        pages["tonight_to"]: pages["tonight_headline"],
    }
    return {slug: build_feature(paper, slug, headline) for slug, headline in headlines.items()}


def _build_story(paper: Paper, day: date, place: int) -> Story:
    sections = paper.sections
    section = sections[place % len(sections)]
    salt = f"{paper.id}:{day}:{place}"
    slots = _fill_slots(paper, salt)
    # one order of leads a day, so that two stories of a section never have the same
    lead = _shuffle(section.leads, f"{paper.id}:{day}:{section.slug}")[place // len(sections)]
    headline = lead.headline.format(**slots)
    body = _build_body(paper, section.slug, salt, slots)
    treatment = TREATMENTS.get(place, "plain")
    return Story(
        paper=paper,
        day=day,
        path=f"/{day:%Y/%m/%d}/{section.slug}/{build_slug(headline)}-{place}.html",
        section=section.slug,
        headline=headline,
        standfirst=lead.standfirst.format(**slots),
        author=_pick(paper.authors, salt),
        published=_choose_time(paper, day, place),
        paragraphs=(lead.opening.format(**slots), *body),
        caption=section.caption.format(**slots),
        image=f"/img/{day:%Y%m%d}-{place}.png",
        treatment=treatment,
        amended=(paper.amendment.format(**slots), *body) if treatment in ("amended", "reverted") else None,
    )


def _build_wire_story(paper: Paper, day: date) -> Story:
    salt = f"wire:{day}"
    facts = {
        "strait": _pick(STRAITS, salt),
        "ships": _draw_number(12, 60, salt + ":ships"),
        "tonnes": _draw_number(20, 95, salt + ":tonnes") * 1000,
        "percent": _draw_number(3, 19, salt + ":percent"),
    }
    wire = paper.wire
    headline = wire.headline.format(**facts)
    return Story(
        paper=paper,
        day=day,
        path=f"/{day:%Y/%m/%d}/{paper.wire_slug}/{build_slug(headline)}-0.html",
        section=paper.wire_slug,
        headline=headline,
        standfirst=wire.standfirst.format(**facts),
        author=wire.author,
        published=datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC),
        paragraphs=tuple(paragraph.format(**facts) for paragraph in wire.paragraphs),
        caption=wire.caption.format(**facts),
        image=f"/img/wire-{day:%Y%m%d}.png",
        treatment="wire",
    )


def _build_body(paper: Paper, section_slug: str, salt: str, slots: dict[str, str | int]) -> tuple[str, ...]:
    """Return six paragraphs: four of two sentences each, and two quotes."""
    section = next(section for section in paper.sections if section.slug == section_slug)
    sentences = [text.format(**slots) for text in _shuffle(section.sentences, salt)]
    quotes = [text.format(**slots) for text in _shuffle(section.quotes, salt)]
    pairs = [f"{sentences[i]} {sentences[i + 1]}" for i in range(0, SENTENCES_A_BODY, 2)]
    return (pairs[0], quotes[0], pairs[1], pairs[2], quotes[1], pairs[3])


def _fill_slots(paper: Paper, salt: str) -> dict[str, str | int]:
    place, town = _shuffle(paper.fill["place"], salt)[:2]
    return {
        "place": place,
        "town": town,
        "woman": _pick(paper.fill["woman"], salt),
        "man": _pick(paper.fill["man"], salt),
        "n": _draw_number(11, 89, salt + ":n"),
        "hundreds": _draw_number(120, 980, salt + ":hundreds"),
        "percent": _draw_number(3, 38, salt + ":percent"),
        "year": _draw_number(1998, 2021, salt + ":year"),
    }


def _choose_time(paper: Paper, day: date, place: int) -> datetime:
    """Return a time in the morning (UTC), which is the same day in every newspaper's time zone."""
    zone = timezone(timedelta(hours=paper.utc_offset_hours))
    return datetime(day.year, day.month, day.day, 6 + place // 4, place % 4 * 15, tzinfo=UTC).astimezone(zone)


def build_slug(headline: str) -> str:
    """Return *headline* as ASCII words and hyphens, cut at a word to at most 60 characters."""
    plain = unicodedata.normalize("NFKD", headline.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words if len(words) <= SLUG_CHARS else words[: SLUG_CHARS + 1].rpartition("-")[0]


def _draw(salt: str) -> int:
    return int.from_bytes(hashlib.sha256(salt.encode()).digest()[:8])


def _draw_number(low: int, high: int, salt: str) -> int:
    return low + _draw(salt) % (high - low + 1)


def _pick(options: Sequence[T], salt: str) -> T:
    return options[_draw(salt) % len(options)]


def _shuffle(options: Sequence[T], salt: str) -> list[T]:
    return sorted(options, key=lambda option: _draw(f"{salt}:{option}"))
