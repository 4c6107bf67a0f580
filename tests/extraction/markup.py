"""Builders of small pages for the tests of metadata."""

from __future__ import annotations

import json
from typing import Any

from hemeroteca.extraction.page.markup import Markup, read_markup
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import URL, page


def markup(body: str, head: str = "", url: str = URL, language: str = "en") -> Markup:
    html = f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>'
    return read_markup(parse_page(page(html, url=url)).tree, url)


def meta(**contents: str) -> str:
    """Return metas: ``og_title`` stands for og:title, ``article_published_time`` for article:published_time."""
    named = ((name.replace("_", ":", 1), content) for name, content in contents.items())
    return "".join(f'<meta property="{name}" content="{content}">' for name, content in named)


def json_ld(*nodes: dict[str, Any]) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


def news(**said: Any) -> str:
    return json_ld({"@context": "https://schema.org", "@type": "NewsArticle", **said})
