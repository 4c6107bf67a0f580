"""A generated newspaper, the same bytes every time: gzipped pages of 30–200 KB with about 190 links each.

{place}/www/news/2026/03/{slug}-{number}.html.gz   the articles
{place}/www/sitemap.xml.gz, robots.txt.gz          lists all articles; forbids none
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any, NamedTuple

_VOCABULARY = (
    "the a of and to in on for with that as by from at this which after before under over between against council "
    "minister market bridge harbour winter summer election budget report hospital school teacher river museum train "
    "station region city village farmer factory engine energy water price court judge trial witness player season "
    "match league coach theatre novel concert painter music science study climate storm forest island border treaty "
    "parliament vote debate reform strike union worker salary pension bank credit loan export import customs police "
    "said told wrote asked found opened closed built moved called announced expected remained became lost won began "
    "new old early late small large public private local national quiet heavy long short former current final first"
)
_WORDS = _VOCABULARY.split()
_PARAGRAPHS = 4000
_LINKS_IN_MENU, _LINKS_IN_TEASERS, _LINKS_IN_FOOT = 60, 100, 30
IMPRINT = "/about/imprint"
"""Every page links to it."""
_SMALLEST_BYTES, _LARGEST_BYTES = 30_000, 200_000


class Site(NamedTuple):
    """The folder that a web server serves, and the paths of its articles."""

    root: Path
    paths: list[str]

    def urls(self, base: str) -> list[str]:
        return [base + path for path in self.paths]


def build_card(base: str, **changes: Any) -> dict[str, Any]:
    """Return the card of the site at *base*, which finds all articles by the sitemap."""
    return {
        "id": "bench",
        "title": "The Bench",
        "homepage": f"{base}/",
        "language": "en",
        "discoveries": [{"kind": "sitemap", "url": f"{base}/sitemap.xml"}],
        "delay_seconds": 0,
        "nightly_budget": 1_000_000,
        "recent_days": 3650,  # each round is another night, and all articles have one date
        "allow_private": True,
        **changes,
    }


def write_site(place: Path, pages: int, base: str, fixed_bytes: int | None = None) -> Site:
    """Write a site of *pages* articles of one date below *place*; its sitemap lists them under *base*.

    With *fixed_bytes* the pages have that size, and two links.
    """
    root = place / "www"
    chance = random.Random("hemeroteca")
    stock = [_sentence(chance, 60) for _ in range(_PARAGRAPHS)]
    paths = [f"/news/2026/03/{_slug(chance)}-{number:06d}.html" for number in range(pages)]
    (root / "news/2026/03").mkdir(parents=True)
    for number, path in enumerate(paths):
        _write(root, path, _page(number, paths, stock, fixed_bytes))
    addresses = "".join(f"<url><loc>{base}{path}</loc><lastmod>2026-03-01</lastmod></url>\n" for path in paths)
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{addresses}</urlset>\n'
    _write(root, "/sitemap.xml", sitemap)
    _write(root, "/robots.txt", "User-agent: *\nDisallow: /private/\n")
    return Site(root, paths)


def _write(root: Path, path: str, text: str) -> None:
    (root / f"{path[1:]}.gz").write_bytes(gzip.compress(text.encode(), 6, mtime=0))


def _slug(chance: random.Random) -> str:
    return "-".join(chance.choices(_WORDS, k=5))


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize() + "."


def _page(number: int, paths: list[str], stock: list[str], fixed_bytes: int | None) -> str:
    chance = random.Random(number)
    title = _sentence(chance, 9)
    if fixed_bytes:
        return _small_page(title, chance.choice(paths), chance.choices(stock, k=20), fixed_bytes)
    head = _head(title, paths[number], chance)
    menu = "".join(
        f'<li><a href="/section/{_slug(chance)}/">{_sentence(chance, 2)}</a></li>' for _ in range(_LINKS_IN_MENU)
    )
    teasers = "".join(
        f'<article class="teaser teaser--small"><a class="teaser__link" href="{chance.choice(paths)}"><h3>'
        f'{_sentence(chance, 8)}</h3></a><p class="teaser__text">{_sentence(chance, 12)}</p></article>\n'
        for _ in range(_LINKS_IN_TEASERS)
    )
    foot = "".join(f'<a href="/about/{_slug(chance)}">{_sentence(chance, 2)}</a> ' for _ in range(_LINKS_IN_FOOT))
    frame = len(head) + len(menu) + len(teasers) + len(foot)
    wanted = chance.randint(_SMALLEST_BYTES, _LARGEST_BYTES)
    text: list[str] = []
    size = frame
    while size < wanted or not text:
        paragraph = f"<p>{chance.choice(stock)}</p>\n"
        text.append(paragraph)
        size += len(paragraph)
    return (
        f"<!DOCTYPE html>\n<html lang=en>\n{head}<body><header><nav><ul>{menu}</ul></nav></header>\n<main><article>"
        f"<h1>{title}</h1>\n{''.join(text)}</article>\n{teasers}</main><footer>{foot}<a href={IMPRINT}>Imprint</a>"
        "</footer></body></html>\n"
    )


def _small_page(title: str, link: str, text: list[str], size: int) -> str:
    head = f"<!DOCTYPE html>\n<html lang=en><title>{title}</title>\n<h1>{title}</h1><a href={IMPRINT}></a>"
    return f"{head}<a href={link}></a><p>{' '.join(text)}"[:size]


def _head(title: str, path: str, chance: random.Random) -> str:
    named = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "isAccessibleForFree": True}
    settings = {_slug(chance): chance.random() for _ in range(40)}
    icons = "".join(f'<link rel="icon" sizes="{n}x{n}" href="/static/icon-{n}.png">\n' for n in range(16, 200, 16))
    metas = "".join(f'<meta property="og:{_slug(chance)}" content="{_sentence(chance, 8)}">\n' for _ in range(15))
    return (
        f'<head><meta charset="utf-8"><title>{title}</title>\n<link rel="canonical" href="{path}">\n{icons}{metas}'
        f'<meta name="robots" content="index, follow, max-image-preview:large">\n'
        f'<script type="application/ld+json">{json.dumps(named)}</script>\n'
        f"<script>window.settings = {json.dumps(settings)};</script></head>\n"
    )
