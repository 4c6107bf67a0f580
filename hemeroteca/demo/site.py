"""The site: what an address of a newspaper answers on a night. A pure function; nothing here listens.

/  /{section}/  /{features}/        pages that announce       /rss.xml  /atom.xml  /sitemap.xml  /sitemaps/…
/{yyyy}/{mm}/{dd}/{section}/….html  stories                   /{features}/…  features, redirects, errors
/{private}/…                        forbidden by robots.txt   /img/…  /robots.txt  /legal
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from hemeroteca.demo import agency, announcements, pages, pictures
from hemeroteca.demo.papers import Paper
from hemeroteca.demo.stories import FEATURES_SINCE, Story, build_features, find_story

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class SiteResponse:
    """What a page says, before HTTP is applied to it.

    ``gzip``, ``chunked``: how the body travels; ``etag``, ``modified``: the validators it has and answers to.
    """

    status: int
    media_type: str
    body: bytes
    location: str | None = None
    etag: bool = False
    modified: datetime | None = None
    gzip: bool = False
    chunked: bool = False


Route = Callable[[Paper, date], SiteResponse]


def respond(paper: Paper, path: str, night: date) -> SiteResponse:
    """Return what *path* (without its query) answers on *night*."""
    route = _routes(paper).get(path)
    if route:
        return route(paper, night)
    story = find_story(paper, path, night)
    if story:
        return _story(story, night)
    if path.startswith("/img/") and path.endswith(".png"):
        return SiteResponse(200, "image/png", pictures.render_png(path), etag=True)
    return _notice(404, "not_found")(paper, night)


@functools.lru_cache(maxsize=8)
def _routes(paper: Paper) -> dict[str, Route]:
    odd = {name: paper.feature_path(slug) for name, slug in paper.pages.items()}
    routes: dict[str, Route] = {
        "/": lambda paper, night: _html(pages.render_front_page(paper, night), gzip=True),
        "/robots.txt": lambda paper, night: _text("text/plain", announcements.render_robots_txt(paper)),
        "/legal": lambda paper, night: _html(pages.render_notice(paper, "legal", paper.labels["legal_text"])),
        "/img/logo.svg": lambda paper, night: _text("image/svg+xml", pictures.render_logo(paper.title)),
        f"/{paper.features}/": lambda paper, night: _html(
            pages.render_features(paper), etag=True, modified=_midnight(FEATURES_SINCE)
        ),
        paper.secret_path: _notice(200, "private"),
        odd["moved"]: _redirect(301, odd["moved_again"]),
        odd["moved_again"]: _redirect(301, odd["moved_to"]),
        odd["tonight"]: _redirect(302, odd["tonight_to"]),
        odd["missing"]: _notice(404, "not_found"),
        odd["withdrawn"]: _notice(410, "gone"),
        odd["faulty"]: _notice(500, "broken"),
    }
    routes |= _announcements(paper)
    routes |= {f"/{section.slug}/": _section(section.slug) for section in paper.sections}
    routes |= {story.path: _feature(story) for story in build_features(paper).values()}
    carried = agency.find_path(paper)
    if carried:
        routes[carried] = lambda paper, night: _html(agency.render_agency_page(paper, night))
    return routes


def _announcements(paper: Paper) -> dict[str, Route]:
    """Feeds and sitemaps: the RSS has both validators, the index an ETag, the archive may be a gzip file."""
    return {
        "/rss.xml": lambda paper, night: replace(
            _text("application/rss+xml", announcements.render_rss(paper, night)),
            etag=True,
            modified=_midnight(night),
            gzip=True,
        ),
        "/atom.xml": lambda paper, night: _text("application/atom+xml", announcements.render_atom(paper, night)),
        "/sitemap.xml": lambda paper, night: replace(
            _text("application/xml", announcements.render_sitemap_index(paper, night)), etag=True
        ),
        "/sitemaps/news.xml": lambda paper, night: replace(
            _text("application/xml", announcements.render_news_sitemap(paper, night)), gzip=True, chunked=True
        ),
        paper.archive_path: _archive,
    }


def _archive(paper: Paper, night: date) -> SiteResponse:
    xml = announcements.render_archive_sitemap(paper, night)
    if not paper.archive_path.endswith(".gz"):
        return _text("application/xml", xml)
    return SiteResponse(200, "application/gzip", gzip.compress(xml.encode(), mtime=0))


def _story(story: Story, night: date) -> SiteResponse:
    paper = story.paper
    if story.gone_on(night):
        label = "gone" if paper.gone_status == 410 else "not_found"
        return _notice(paper.gone_status, label)(paper, night)
    page = pages.render_article(story, night)
    if pages.serves_old_charset(story):
        return SiteResponse(200, "text/html; charset=windows-1252", page.encode("windows-1252"))
    plain = _html(page)
    match story.treatment:
        case "etag":
            return replace(plain, etag=True, gzip=True)
        case "dated":
            return replace(plain, modified=story.published)
        case "chunked":
            return replace(plain, chunked=True)
        case "chunked_gzip":
            return replace(plain, chunked=True, gzip=True)
    return plain


def _section(slug: str) -> Route:
    return lambda paper, night: _html(pages.render_section(paper, slug, night) or "", gzip=True)


def _feature(story: Story) -> Route:
    return lambda paper, night: _html(pages.render_article(story, FEATURES_SINCE))


def _redirect(status: int, location: str) -> Route:
    return lambda paper, night: replace(
        _html(pages.render_notice(paper, "moved", paper.url(location))), status=status, location=location
    )


def _notice(status: int, label: str) -> Route:
    return lambda paper, night: replace(_html(pages.render_notice(paper, label)), status=status)


def _html(page: str, *, gzip: bool = False, etag: bool = False, modified: datetime | None = None) -> SiteResponse:
    return SiteResponse(200, HTML, page.encode(), gzip=gzip, etag=etag, modified=modified)


def _text(media_type: str, text: str) -> SiteResponse:
    return SiteResponse(200, f"{media_type}; charset=utf-8", text.encode())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
