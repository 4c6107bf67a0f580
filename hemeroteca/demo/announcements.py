"""Feeds, sitemaps and robots.txt of the newspapers, which announce stories to machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from hemeroteca.demo.papers import Paper
from hemeroteca.demo.stories import Story, list_announced

FEED_DAYS = (0, 1)
ARCHIVE_DAYS = (2, 3, 4, 5, 6)
ELSEWHERE = "http://agency.hemeroteca.test/press/the-strait-seen-from-space"
"""An address of another site in every RSS feed, out of the scope of every card."""

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_NS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS_NS = "http://www.google.com/schemas/sitemap-news/0.9"


def render_rss(paper: Paper, night: date) -> str:
    """Return the RSS feed of *night*: two days of stories, one forbidden page, one page of another site."""
    stories = list_announced(paper, night, FEED_DAYS)
    morning = datetime(night.year, night.month, night.day, 6, 0, tzinfo=UTC)
    items = [_item(s.headline, s.url, s.standfirst, s.published, s.author) for s in stories]
    items.append(_item(paper.labels["private"], paper.url(paper.secret_path), paper.motto, morning, paper.title))
    items.append(_item(paper.wire.author, ELSEWHERE, paper.motto, morning, paper.wire.author))
    return (
        f'{_XML}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f"<channel>\n<title>{escape(paper.title)}</title>\n<link>{paper.url('/')}</link>\n"
        f'<atom:link href="{paper.url("/rss.xml")}" rel="self" type="application/rss+xml"/>\n'
        f"<description>{escape(paper.motto)}</description>\n<language>{paper.language}</language>\n"
        f"<lastBuildDate>{format_datetime(morning)}</lastBuildDate>\n" + "\n".join(items) + "\n</channel>\n</rss>\n"
    )


def render_atom(paper: Paper, night: date) -> str:
    """Return the Atom feed of *night*: tonight's stories, with a fragment that says where the reader comes from."""
    entries = "\n".join(
        f"<entry>\n<title>{escape(s.headline)}</title>\n<id>{s.url}</id>\n"
        f'<link rel="alternate" type="text/html" href="{s.url}#ref=atom"/>\n'
        f"<published>{s.published.isoformat()}</published>\n<updated>{s.published.isoformat()}</updated>\n"
        f"<author><name>{escape(s.author)}</name></author>\n<summary>{escape(s.standfirst)}</summary>\n</entry>"
        for s in list_announced(paper, night, [0])
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{paper.language}">\n'
        f"<title>{escape(paper.title)}</title>\n<id>{paper.url('/')}</id>\n<updated>{night}T06:00:00Z</updated>\n"
        f'<link rel="self" href="{paper.url("/atom.xml")}"/>\n<link href="{paper.url("/")}"/>\n{entries}\n</feed>\n'
    )


def render_sitemap_index(paper: Paper, night: date) -> str:
    children = "\n".join(
        f"<sitemap><loc>{paper.url(path)}</loc><lastmod>{night}</lastmod></sitemap>"
        for path in ("/sitemaps/news.xml", paper.archive_path)
    )
    return f'{_XML}<sitemapindex xmlns="{_SITEMAP_NS}">\n{children}\n</sitemapindex>\n'


def render_news_sitemap(paper: Paper, night: date) -> str:
    """Return the Google News sitemap: the stories of the last two days."""
    urls = "\n".join(
        f"<url><loc>{s.url}</loc><news:news><news:publication><news:name>{escape(paper.title)}</news:name>"
        f"<news:language>{paper.language}</news:language></news:publication>"
        f"<news:publication_date>{s.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(s.headline)}</news:title></news:news></url>"
        for s in list_announced(paper, night, FEED_DAYS)
    )
    return f'{_XML}<urlset xmlns="{_SITEMAP_NS}" xmlns:news="{_NEWS_NS}">\n{urls}\n</urlset>\n'


def render_archive_sitemap(paper: Paper, night: date) -> str:
    """Return the sitemap of the five days before those in the news sitemap."""
    urls = "\n".join(_dated_urls(list_announced(paper, night, ARCHIVE_DAYS)))
    return f'{_XML}<urlset xmlns="{_SITEMAP_NS}">\n{urls}\n</urlset>\n'


def render_robots_txt(paper: Paper) -> str:
    return f"User-agent: *\nDisallow: /{paper.private}/\n\nSitemap: {paper.url('/sitemap.xml')}\n"


def _dated_urls(stories: Iterable[Story]) -> Iterable[str]:
    return (f"<url><loc>{s.url}</loc><lastmod>{s.published.isoformat()}</lastmod></url>" for s in stories)


def _item(title: str, url: str, summary: str, published: datetime, author: str) -> str:
    return (
        f'<item>\n<title>{escape(title)}</title>\n<link>{url}</link>\n<guid isPermaLink="true">{url}</guid>\n'
        f"<pubDate>{format_datetime(published)}</pubDate>\n<dc:creator>{escape(author)}</dc:creator>\n"
        f"<description>{escape(summary)}</description>\n</item>"
    )
