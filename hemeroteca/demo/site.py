"""The site: the response of each address of a newspaper on a night, as a pure function.

/  /{section}/  /{features}/        pages that list stories   /rss.xml  /atom.xml  /sitemap.xml  /sitemaps/…
/{yyyy}/{mm}/{dd}/{section}/….html  stories                   /{features}/…  features, redirects, errors
/{private}/…                        forbidden by robots.txt   /img/…  /robots.txt  /legal
/search                             a form, and what is found once it is posted with q=…
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
    """A response before HTTP is applied to it.

    ``gzip`` and ``chunked`` say how the body is sent, ``etag`` and ``modified`` which validators it has.
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
    """Return the response of *path* (without its query) on *night*."""
    route = _build_routes(paper).get(path)
    if route:
        return route(paper, night)
    story = find_story(paper, path, night)
    if story:
        return _respond_story(story, night)
    if path.startswith("/img/") and path.endswith(".png"):
        return SiteResponse(200, "image/png", pictures.render_png(path), etag=True)
    return _route_notice(404, "not_found")(paper, night)


@functools.lru_cache(maxsize=8)
def _build_routes(paper: Paper) -> dict[str, Route]:
    odd = {name: paper.feature_path(slug) for name, slug in paper.pages.items()}
    routes: dict[str, Route] = {
        "/": lambda paper, night: _respond_html(pages.render_front_page(paper, night), gzip=True),
        "/robots.txt": lambda paper, night: _respond_text("text/plain", announcements.render_robots_txt(paper)),
        "/search": lambda paper, night: _respond_html(pages.render_search(paper, night, None)),
        "/legal": lambda paper, night: _respond_html(pages.render_notice(paper, "legal", paper.labels["legal_text"])),
        "/img/logo.svg": lambda paper, night: _respond_text("image/svg+xml", pictures.render_logo(paper.title)),
        f"/{paper.features}/": lambda paper, night: _respond_html(
            pages.render_features(paper), etag=True, modified=_midnight(FEATURES_SINCE)
        ),
        paper.secret_path: _route_notice(200, "private"),
        odd["moved"]: _route_redirect(301, odd["moved_again"]),
        odd["moved_again"]: _route_redirect(301, odd["moved_to"]),
        odd["tonight"]: _route_redirect(302, odd["tonight_to"]),
        odd["missing"]: _route_notice(404, "not_found"),
        odd["withdrawn"]: _route_notice(410, "gone"),
        odd["faulty"]: _route_notice(500, "broken"),
    }
    routes |= _build_announcements(paper)
    routes |= {f"/{section.slug}/": _route_section(section.slug) for section in paper.sections}
    routes |= {story.path: _route_feature(story) for story in build_features(paper).values()}
    carried = agency.find_path(paper)
    if carried:
        routes[carried] = lambda paper, night: _respond_html(agency.render_agency_page(paper, night))
    return routes


def _build_announcements(paper: Paper) -> dict[str, Route]:
    """Return the routes of feeds and sitemaps: RSS has both validators, the index an ETag; the archive may be gzip."""
    return {
        "/rss.xml": lambda paper, night: replace(
            _respond_text("application/rss+xml", announcements.render_rss(paper, night)),
            etag=True,
            modified=_midnight(night),
            gzip=True,
        ),
        "/atom.xml": lambda paper, night: _respond_text(
            "application/atom+xml", announcements.render_atom(paper, night)
        ),
        "/sitemap.xml": lambda paper, night: replace(
            _respond_text("application/xml", announcements.render_sitemap_index(paper, night)), etag=True
        ),
        "/sitemaps/news.xml": lambda paper, night: replace(
            _respond_text("application/xml", announcements.render_news_sitemap(paper, night)), gzip=True, chunked=True
        ),
        paper.archive_path: _respond_archive,
    }


def respond_search(paper: Paper, words: str, night: date) -> SiteResponse:
    """Return the response to the search form, sent with *words*."""
    return _respond_html(pages.render_search(paper, night, words))


def _respond_archive(paper: Paper, night: date) -> SiteResponse:
    xml = announcements.render_archive_sitemap(paper, night)
    if not paper.archive_path.endswith(".gz"):
        return _respond_text("application/xml", xml)
    return SiteResponse(200, "application/gzip", gzip.compress(xml.encode(), mtime=0))


def _respond_story(story: Story, night: date) -> SiteResponse:
    paper = story.paper
    if story.is_gone_on(night):
        label = "gone" if paper.gone_status == 410 else "not_found"
        return _route_notice(paper.gone_status, label)(paper, night)
    page = pages.render_article(story, night)
    if pages.serves_old_charset(story):
        return SiteResponse(200, "text/html; charset=windows-1252", page.encode("windows-1252"))
    plain = _respond_html(page)
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


def _route_section(slug: str) -> Route:
    return lambda paper, night: _respond_html(pages.render_section(paper, slug, night) or "", gzip=True)


def _route_feature(story: Story) -> Route:
    return lambda paper, night: _respond_html(pages.render_article(story, FEATURES_SINCE))


def _route_redirect(status: int, location: str) -> Route:
    return lambda paper, night: replace(
        _respond_html(pages.render_notice(paper, "moved", paper.url(location))), status=status, location=location
    )


def _route_notice(status: int, label: str) -> Route:
    return lambda paper, night: replace(_respond_html(pages.render_notice(paper, label)), status=status)


def _respond_html(
    page: str, *, gzip: bool = False, etag: bool = False, modified: datetime | None = None
) -> SiteResponse:
    return SiteResponse(200, HTML, page.encode(), gzip=gzip, etag=etag, modified=modified)


def _respond_text(media_type: str, text: str) -> SiteResponse:
    return SiteResponse(200, f"{media_type}; charset=utf-8", text.encode())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
