"""Live blogs: the posts of a page that says it is one, each with its time."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
from lxml.html import HtmlElement

from hemeroteca.extraction.block_choice.block_selection import PARAGRAPH_CHARS, BlockSelection, Decision
from hemeroteca.extraction.block_choice.picture_lines import is_marked_caption
from hemeroteca.extraction.metadata.flags import read_kind
from hemeroteca.extraction.page.blocks import Block
from hemeroteca.extraction.page.json_ld import list_values, read_first_text
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.untrusted_strings import clean_line
from storage.model.document import Post

MIN_POSTS = 3
"""A page with fewer posts is no live blog, whatever it calls itself."""

_MAX_LEVELS = 6
_LIVE_PATH = re.compile(
    r"/live/|live-?(?:blog|ticker)|live-updates?\b|minuto-a-minuto|/en-direct|/liveuhr",
    re.IGNORECASE,
)
"""Addresses of live blogs. The word alone is none: "how-islanders-live-longer", "live-music"."""
_LIVE_WORD = re.compile(r"[/-]live(?:[/-]|\Z)", re.IGNORECASE)
_LIVE_TITLE = re.compile(
    r"\A\W*(live|liveblog|liveticker|ticker|en direct|en vivo|en directo|ao vivo|diretta|onlajn|онлайн)\b\s*[:|–—-]|"
    r"\b(live (updates?|blog)|liveblog|liveticker|[:|–—-] live\W*\Z|as it happened|minuto a minuto)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"comment|disqus|respond|kommentar|related|teaser|recommend|most-?(?:read|popular)|more-?(?:stories|news)|side-?bar",
    re.IGNORECASE,
)
"""Class names and ids of comments and of lists of other articles."""
_OTHERS_TAGS = frozenset({"aside", "nav", "footer"})
_OTHERS_LEVELS = 4
_LIKELY = 0.2
_HEADINGS = frozenset({"h2", "h3", "h4"})


class LiveBlog:
    """The posts of a page; none where it is no live blog. ``keep_posts`` is a rule."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self._is_live = read_kind(markup, "live")[0] is True or _seems_live(markup)
        self._times = _find_timed_elements(markup) if self._is_live else {}

    def keep_posts(self, selection: BlockSelection) -> Iterator[Decision]:
        """Keep the paragraphs and the heading of each post, and blocks that the model nearly kept."""
        columns = selection.table.columns
        prose = (columns["chars"] >= PARAGRAPH_CHARS) & (columns["link_density"] < 0.5)
        for index, block in enumerate(selection.blocks):
            if selection.kept[index] or self._find_post(block) is None:
                continue
            if is_marked_caption(block):
                continue
            if prose[index] or selection.scores[index] > _LIKELY or block.context.tag in _HEADINGS:
                yield index, True, "in a post of the live blog"

    def collect_posts(self, selection: BlockSelection) -> tuple[Post, ...]:
        """Return what is kept of each post, in page order; where nothing is, the posts in the JSON-LD."""
        found: dict[HtmlElement, list[str]] = {}
        for index in np.flatnonzero(selection.kept) if self._times else ():
            post = self._find_post(selection.blocks[index])
            if post is not None:
                found.setdefault(post, []).append(selection.blocks[index].text)
        if found:
            return tuple(Post(time=self._times[post] or None, text="\n".join(lines)) for post, lines in found.items())
        return tuple(self._read_declared_posts()) if self._is_live else ()

    def _find_post(self, block: Block) -> HtmlElement | None:
        context = block.context if self._times else None
        while context is not None:
            if context.element in self._times:
                return context.element
            context = context.parent
        return None

    def _read_declared_posts(self) -> Iterator[Post]:
        for node in self._markup.nodes[:2]:
            for update in list_values(node.get("liveBlogUpdate")):
                if isinstance(update, dict):
                    lines = [read_first_text([update], key, 100_000) for key in ("headline", "articleBody")]
                    text = "\n".join(one for one in lines if one)
                    if text:
                        yield Post(time=read_first_text([update], "datePublished"), text=text)


def _seems_live(markup: Markup) -> bool:
    """Say whether the address is a live blog's; where it only has the word, the title must say so too."""
    path = urlsplit(markup.url).path
    titles = (markup.title, *markup.metas.get("og:title", ()))
    said = any(_LIVE_TITLE.search(title) for title in titles)
    return _LIVE_PATH.search(path) is not None or (_LIVE_WORD.search(path) is not None and said)


def _find_timed_elements(markup: Markup) -> dict[HtmlElement, str]:
    """Return the similar elements under one parent that each have a time, with these times.

    Of several such sets it is the largest, and of sets of one size the outermost: the posts, not the lines with times.
    Comments and lists of other articles are none.
    """
    sets: dict[tuple[HtmlElement, str, str], dict[HtmlElement, str]] = defaultdict(dict)
    levels: dict[tuple[HtmlElement, str, str], int] = {}
    for marked in markup.marked.get("time", ()):
        time = clean_line(marked.element.get("datetime")) or marked.text
        element = marked.element
        for level in range(_MAX_LEVELS):
            parent = element.getparent()
            if parent is None or element.tag == "body":
                break
            key = (parent, str(element.tag), " ".join((element.get("class") or "").split()[:1]))
            sets[key].setdefault(element, time)
            levels[key] = level
            element = parent
    fitting = [key for key, found in sets.items() if len(found) >= MIN_POSTS and not _are_of_others([*found])]
    return sets[max(fitting, key=lambda key: (len(sets[key]), levels[key]))] if fitting else {}


def _are_of_others(elements: list[HtmlElement]) -> bool:
    """Say whether *elements* are comments or teasers: by names and tags, or because most headings are links."""
    around = [elements[0], *itertools.islice(elements[0].iterancestors(), _OTHERS_LEVELS)]
    names = (f"{one.get('class') or ''} {one.get('id') or ''}" for one in around if one.tag not in ("body", "html"))
    if any(map(_OTHERS.search, names)) or not _OTHERS_TAGS.isdisjoint(one.tag for one in around):
        return True
    headings = [heading for element in elements for heading in element.iter("h2", "h3", "h4")]
    return sum(map(_leads_elsewhere, headings)) > len(elements) / 2


def _leads_elsewhere(heading: HtmlElement) -> bool:
    parent = heading.getparent()
    links = [*heading.iter("a"), *([parent] if parent is not None and parent.tag == "a" else [])]
    return any(not (link.get("href") or "#").startswith("#") for link in links)
