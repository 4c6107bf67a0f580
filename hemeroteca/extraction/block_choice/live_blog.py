"""Live blogs: the posts of a page that says it is one, kept behind the lead, each with its time."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
from lxml.html import HtmlElement

from hemeroteca.extraction.block_choice.rules import PARAGRAPH_CHARS, BlockSelection, Decision
from hemeroteca.extraction.metadata.flags import read_kind
from hemeroteca.extraction.page.blocks import Block
from hemeroteca.extraction.page.json_ld import open_list, read_first_text
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.untrusted_strings import clean_line
from storage.model.document import Post

MIN_POSTS = 3
"""Posts: what has fewer is no live blog, whatever it calls itself."""

_LEVELS = 6
_PATH = re.compile(r"/live[/-]|live-?(?:blog|ticker)|-live(?:-|/|\Z)|minuto-a-minuto|en-direct|/liveuhr", re.IGNORECASE)
_LIKELY = 0.2
_HEADINGS = frozenset({"h2", "h3", "h4"})


class LiveBlog:
    """The posts of a page. ``keep_posts`` is a rule."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        live = read_kind(markup, "live")[0] is True or _PATH.search(urlsplit(markup.url).path) is not None
        self._times = _timed_elements(markup) if live else {}
        self._live = live

    def keep_posts(self, draft: BlockSelection) -> Iterator[Decision]:
        """Keep of each post its paragraphs and its heading, and what the model nearly took."""
        columns = draft.table.columns
        prose = (columns["chars"] >= PARAGRAPH_CHARS) & (columns["link_density"] < 0.5)
        for place, block in enumerate(draft.blocks):
            if draft.kept[place] or self._post_of(block) is None:
                continue
            if prose[place] or draft.scores[place] > _LIKELY or block.place.tag in _HEADINGS:
                yield place, True, "of a post of the live blog"

    def posts(self, draft: BlockSelection) -> tuple[Post, ...]:
        """Return what is kept of each post, in page order; else the posts that the JSON-LD has."""
        found: dict[HtmlElement, list[str]] = {}
        for place in np.flatnonzero(draft.kept) if self._times else ():
            post = self._post_of(draft.blocks[place])
            if post is not None:
                found.setdefault(post, []).append(draft.blocks[place].text)
        if found:
            return tuple(Post(time=self._times[post] or None, text="\n".join(lines)) for post, lines in found.items())
        return tuple(self._linked()) if self._live else ()

    def _post_of(self, block: Block) -> HtmlElement | None:
        place = block.place if self._times else None
        while place is not None:
            if place.element in self._times:
                return place.element
            place = place.parent
        return None

    def _linked(self) -> Iterator[Post]:
        for node in self._markup.nodes[:2]:
            for update in open_list(node.get("liveBlogUpdate")):
                if isinstance(update, dict):
                    lines = [read_first_text([update], key, 100_000) for key in ("headline", "articleBody")]
                    text = "\n".join(one for one in lines if one)
                    if text:
                        yield Post(time=read_first_text([update], "datePublished"), text=text)


def _timed_elements(markup: Markup) -> dict[HtmlElement, str]:
    """Return the elements that repeat under one parent, alike and each with a time of its own, with these times.

    Of several such sets the largest, and of sets of the same size the outermost: a post, not the line of its time.
    """
    sets: dict[tuple[HtmlElement, str, str], dict[HtmlElement, str]] = defaultdict(dict)
    levels: dict[tuple[HtmlElement, str, str], int] = {}
    for marked in markup.marked.get("time", ()):
        said = clean_line(marked.element.get("datetime")) or marked.text
        element = marked.element
        for level in range(_LEVELS):
            parent = element.getparent()
            if parent is None or element.tag == "body":
                break
            key = (parent, str(element.tag), " ".join((element.get("class") or "").split()[:1]))
            sets[key].setdefault(element, said)
            levels[key] = level
            element = parent
    fitting = [key for key, found in sets.items() if len(found) >= MIN_POSTS]
    return sets[max(fitting, key=lambda key: (len(sets[key]), levels[key]))] if fitting else {}
