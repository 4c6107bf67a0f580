"""The pages of the newspapers as HTML: articles, front page, sections and notices, with everything around a text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from html import escape

from hemeroteca.demo.agency import HEADLINE as AGENCY_HEADLINE
from hemeroteca.demo.agency import find_path as agency_path
from hemeroteca.demo.papers import Paper
from hemeroteca.demo.stories import Story, build_edition, build_features, list_announced

_FRAME = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="{charset}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss.xml">
<link rel="alternate" type="application/atom+xml" title="Atom" href="/atom.xml">
</head>
<body>
<header class="masthead"><a href="/"><img src="/img/logo.svg" alt="{paper}"></a><p class="motto">{motto}</p>
<nav><ul>
{nav}
</ul></nav></header>
<main>
{main}
{newsletter}
</main>
<footer><p>{paper}</p><a href="/legal">{legal}</a></footer>
</body>
</html>
"""


def render_article(story: Story, night: date) -> str:
    """Return the page of *story* as it is on *night*. Its links depend on the story's day alone."""
    paper = story.paper
    charset = "windows-1252" if serves_old_charset(story) else "utf-8"
    if story.treatment == "film":
        return _render_film(story)
    main = (
        f'<article class="story">\n<h1>{escape(story.headline)}</h1>\n'
        f'<p class="standfirst">{escape(story.standfirst)}</p>\n{_render_byline(story)}\n{_render_figure(story)}\n'
        f'<div class="story-body">\n{_render_body(story, night)}\n</div>\n</article>\n'
        f"{_render_related(story)}\n{_render_comments(paper)}"
    )
    return _fill_frame(paper, f"{story.headline} | {paper.title}", main, head=_render_metadata(story), charset=charset)


def _render_film(story: Story) -> str:
    """Return the page of a film: a headline, who made it and when, and nothing to read."""
    film = f'<figure><video src="{story.image}.webm" poster="{story.image}" controls></video></figure>'
    main = f'<article class="story">\n<h1>{escape(story.headline)}</h1>\n{_render_byline(story)}\n{film}\n</article>\n'
    head = _render_metadata(story)
    return _fill_frame(story.paper, f"{story.headline} | {story.paper.title}", main, head=head)


def render_front_page(paper: Paper, night: date) -> str:
    """Return the front page: tonight's stories, one of each section from the day before, and the most read."""
    today = list_announced(paper, night, [0])
    before = {story.section: story for story in reversed(list_announced(paper, night, [1]))}
    blocks = [_render_teasers(today), _render_teasers(before.values()), _render_most_read(paper)]
    return _fill_frame(paper, f"{paper.title}: {paper.motto}", "\n".join(blocks))


def render_section(paper: Paper, slug: str, night: date) -> str | None:
    """Return a section's page with its stories of the last two days; None when there is no such section."""
    section = paper.section(slug)
    if section is None:
        return None
    stories = [story for story in list_announced(paper, night, [0, 1]) if story.section == slug]
    main = f"<h1>{escape(section.name)}</h1>\n{_render_teasers(stories)}"
    return _fill_frame(paper, f"{section.name} | {paper.title}", main)


def render_features(paper: Paper) -> str:
    """Return the list of evergreen features: the same every night."""
    stories = build_features(paper)
    main = f"<h1>{paper.features.capitalize()}</h1>\n{_render_teasers(stories[slug] for slug in paper.evergreen)}"
    return _fill_frame(paper, f"{paper.features.capitalize()} | {paper.title}", main)


def render_search(paper: Paper, night: date, words: str | None) -> str:
    """Return the page of the search form; sent with *words*, with the stories of two nights that have them."""
    form = '<form id="search" method="post" action="/search"><input name="q" value=""><button>OK</button></form>'
    found = list_announced(paper, night, [0, 1]) if words else []
    stories = [story for story in found if (words or "").lower() in story.headline.lower()]
    main = f"<h1>{escape(words or paper.labels['home'])}</h1>\n{form}\n{_render_teasers(stories)}"
    return _fill_frame(paper, paper.title, f"{main}\n{_render_most_read(paper)}" if words else main)


def render_notice(paper: Paper, label: str, text: str = "") -> str:
    """Return a page with only the words of *label*: an error, a new address, the members' edition."""
    words = escape(paper.labels[label])
    return _fill_frame(paper, f"{words} | {paper.title}", f"<h1>{words}</h1>\n<p>{escape(text or paper.motto)}</p>")


def serves_old_charset(story: Story) -> bool:
    return story.treatment == "old_charset" and story.paper.language == "de"


def _fill_frame(paper: Paper, title: str, main: str, head: str = "", charset: str = "utf-8") -> str:
    labels = paper.labels
    links = [("/", labels["home"]), *((f"/{section.slug}/", section.name) for section in paper.sections)]
    links.append((f"/{paper.features}/", paper.features.capitalize()))
    return _FRAME.format(
        language=paper.language,
        charset=charset,
        title=escape(title),
        head=head,
        paper=escape(paper.title),
        motto=escape(paper.motto),
        nav="\n".join(f'<li><a href="{path}">{escape(name)}</a></li>' for path, name in links),
        main=main,
        newsletter=(
            f'<section class="newsletter"><h2>{escape(labels["newsletter"])}</h2>'
            '<form method="post" action="/newsletter"><input type="email" name="email">'
            f"<button>{escape(labels['newsletter_button'])}</button></form></section>"
        ),
        legal=escape(labels["legal"]),
    )


def _render_metadata(story: Story) -> str:
    paper = story.paper
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": story.url,
        "headline": story.headline,
        "description": story.standfirst,
        "datePublished": story.published.isoformat(),
        "inLanguage": paper.language,
        "author": [{"@type": "Person", "name": story.author}],
        "image": [paper.url(story.image)],
        "publisher": {"@type": "NewsMediaOrganization", "name": paper.title, "url": paper.url("/")},
    }
    properties = {
        "og:type": "article",
        "og:title": story.headline,
        "og:description": story.standfirst,
        "og:url": story.url,
        "og:image": paper.url(story.image),
        "og:site_name": paper.title,
        "og:locale": paper.language,
        "article:published_time": story.published.isoformat(),
        "article:section": story.section,
    }
    lines = [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
    lines += [
        f'<meta name="description" content="{escape(story.standfirst)}">',
        f'<meta name="author" content="{escape(story.author)}">',
        f'<link rel="canonical" href="{story.url}">',
        # "<" inside a script would end it early in a careless parser
        '<script type="application/ld+json">'
        + json.dumps(article, ensure_ascii=False).replace("<", "\\u003c")
        + "</script>",
    ]
    return "\n".join(lines) + "\n"


def _render_byline(story: Story) -> str:
    paper, day = story.paper, story.published
    printed = paper.date_format.format(day=day.day, month=paper.months[day.month - 1], year=day.year)
    return (
        f'<p class="byline">{escape(paper.labels["by"])} <a rel="author" href="/legal">{escape(story.author)}</a> '
        f'<time datetime="{day.isoformat()}">{escape(printed)}</time></p>'
    )


def _render_figure(story: Story) -> str:
    caption = escape(story.caption)
    credit = f"{escape(story.paper.labels['photo'])}: {escape(story.author)}"
    return (
        f'<figure><img src="{story.image}" width="480" height="320" alt="{caption}">'
        f'<figcaption>{caption} <span class="credit">{credit}</span></figcaption></figure>'
    )


def _render_body(story: Story, night: date) -> str:
    paragraphs = [f"<p>{escape(text)}</p>" for text in story.body_on(night)]
    neighbour = _find_neighbours(story)[0]
    label = escape(story.paper.labels["also_read"])
    also_read = f'<p class="also-read">{label}: <a href="{neighbour.path}">{escape(neighbour.headline)}</a></p>'
    return "\n".join([*paragraphs[:2], also_read, *paragraphs[2:]])


def _render_related(story: Story) -> str:
    heading = escape(story.paper.labels["related"])
    return f'<aside class="related"><h2>{heading}</h2>\n{_render_links(_find_neighbours(story)[1:])}\n</aside>'


def _find_neighbours(story: Story) -> list[Story]:
    """Return four other stories of the same day that never disappear, so that the links stay the same every night."""
    stories = [
        other for other in build_edition(story.paper, story.day) if other.treatment not in ("vanishing", "restored")
    ]
    paths = [other.path for other in stories]
    place = paths.index(story.path) if story.path in paths else 0
    return [stories[(place + step) % len(stories)] for step in (1, 2, 3, 4)]


def _render_teasers(stories: Iterable[Story]) -> str:
    return "\n".join(
        f'<div class="teaser"><h2><a href="{story.path}">{escape(story.headline)}</a></h2>'
        f"<p>{escape(story.standfirst)}</p></div>"
        for story in stories
    )


def _render_most_read(paper: Paper) -> str:
    """Return the links that go wrong: redirects, missing and broken pages, one that robots.txt forbids."""
    odd = [paper.feature_path(paper.pages[name]) for name in ("moved", "tonight", "missing", "withdrawn", "faulty")]
    items = [(path, path.rsplit("/", 1)[1].replace("-", " ").capitalize()) for path in [*odd, paper.secret_path]]
    carried = agency_path(paper)
    if carried:
        items.append((carried, AGENCY_HEADLINE))
    links = "\n".join(f'<li><a href="{path}">{escape(text)}</a></li>' for path, text in items)
    return f'<aside class="most-read"><h2>{escape(paper.labels["most_read"])}</h2>\n<ol>\n{links}\n</ol></aside>'


def _render_links(stories: Iterable[Story]) -> str:
    items = (f'<li><a href="{story.path}">{escape(story.headline)}</a></li>' for story in stories)
    return "<ul>\n" + "\n".join(items) + "\n</ul>"


def _render_comments(paper: Paper) -> str:
    labels = paper.labels
    return (
        f'<section id="respond" class="comments"><h3>{escape(labels["comments"])}</h3>'
        f'<form method="post" action="/comments"><p>{escape(labels["comments_note"])}</p>'
        f'<textarea name="comment"></textarea><button>{escape(labels["comments_button"])}</button></form></section>'
    )
