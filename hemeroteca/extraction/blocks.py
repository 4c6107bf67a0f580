"""The blocks of a page: its visible text in page order, cut where a reader sees a new line, and where each stands.

One pass over the text nodes of the tree. What an element says of the blocks within it (its tags, class words, depth)
is worked out once an element and remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from lxml.etree import XPath
from lxml.html import HtmlElement

from hemeroteca.extraction.markup import HIDDEN_STYLE, NAMED, TAG_BITS, class_bits

INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "img", "ins", "kbd", "label", "mark", "nobr", "q", "rb", "ruby", "s", "samp", "small", "span", "strike",
        "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
UNSEEN = frozenset(
    {
        "applet", "area", "audio", "button", "canvas", "datalist", "dialog", "embed", "frameset", "iframe",
        "input", "map", "math", "noembed", "noframes", "noscript", "object", "option", "rp", "rt", "script",
        "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
STRONG = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})

_NODES = XPath("descendant::node()[self::text() or self::br or self::hr or self::img]", smart_strings=True)


class Place:
    """Where an element stands: what it and the elements around it say of the text within."""

    __slots__ = (
        "around",
        "block",
        "depth",
        "element",
        "group",
        "linked",
        "named",
        "near",
        "parent",
        "strong",
        "tag",
        "unseen",
    )

    def __init__(self, element: HtmlElement, parent: Place | None) -> None:
        tag = element.tag
        self.element = element
        self.parent = parent
        self.tag: str = tag if isinstance(tag, str) else ""
        inline = self.tag in INLINE and parent is not None
        attributes = element.attrib
        names = f"{attributes.get('class', '')} {attributes.get('id', '')}" if attributes else ""
        self.named = (class_bits(names) if len(names) > 1 else 0) | TAG_BITS.get(self.tag, 0)
        if attributes and _is_hidden(attributes):
            self.named |= NAMED["hidden"]
        if parent is None:
            self.block: Place = self
            self.depth, self.linked, self.strong = 0, False, False
            self.around: int = 0
            self.unseen, self.near, self.group = self.tag in UNSEEN, 0, ("", "", "", "")
            return
        self.depth = parent.depth + 1
        self.block = parent.block if inline else self
        self.linked = parent.linked or self.tag == "a"
        self.strong = parent.strong or self.tag in STRONG
        self.unseen = parent.unseen or self.tag in UNSEEN
        # The body's own classes say what kind of page this is, not where in it a block stands.
        self.around = parent.around | self.named if parent.parent is not None else 0
        self.near = self._above(3) & self.around
        own = attributes.get("class", "") if attributes else ""
        self.group = (parent.group[2], parent.group[3], self.tag, own)

    def _above(self, steps: int) -> int:
        """Return what the elements around say, *steps* up."""
        bits, above = 0, self.parent
        while above is not None and steps:
            bits |= above.named
            above, steps = above.parent, steps - 1
        return bits


class Block(NamedTuple):
    """A line of the page as a reader sees it. ``text`` has single spaces and is never empty."""

    text: str
    place: Place
    """Of the nearest element that is not inline."""
    linked: int
    """Characters within links."""
    links: int
    strong: int
    """Characters within bold type or a heading."""
    broken: bool
    """It begins after a ``<br>``, in the same element as the block before it."""
    images: int
    """Pictures between it and the block before."""


class Layout(NamedTuple):
    """The blocks of a page, and the alternative texts of its pictures."""

    blocks: tuple[Block, ...]
    alts: frozenset[str]


def read_layout(tree: HtmlElement) -> Layout:
    """Return the blocks of *tree*, in page order. The tree is not changed."""
    return _Reader(tree).layout()


class _Reader:
    """The block that is being put together, and the places that are known."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._places: dict[Any, Place] = {}
        self._blocks: list[Block] = []
        self._alts: set[str] = set()
        self._images = self._before = 0
        self._block: Place | None = None
        self._broken = False
        self._parts: list[str] = []
        self._length = self._linked = self._links = self._strong = 0

    def layout(self) -> Layout:
        nodes: Iterable[Any] = _NODES(self._tree)  # type: ignore[assignment]  # this one gives nodes, and nothing else
        for node in nodes:
            if isinstance(node, str):
                self._read_text(node)
            elif node.tag == "img":
                self._images += 1
                alt = " ".join((node.get("alt") or "").split())
                if alt:
                    self._alts.add(alt)
            else:
                self._end(broken=node.tag == "br")
        self._end(broken=False)
        return Layout(tuple(self._blocks), frozenset(self._alts))

    def _read_text(self, node: Any) -> None:
        if node.isspace():
            self._parts.append(" ")
            return
        holder = node.getparent()
        place = self._place(holder.getparent() if node.is_tail else holder)
        if place.unseen:
            return
        if place.block is not self._block:
            self._end(broken=False)
            self._block = place.block
        if not self._length:
            self._before, self._images = self._images, 0
        length = len(node)
        self._length += length
        self._parts.append(node)
        if place.linked:
            self._linked += length
            self._links += place.tag == "a" or not self._links
        if place.strong:
            self._strong += length

    def _end(self, broken: bool) -> None:
        if self._length and self._block is not None:
            text = " ".join("".join(self._parts).split())
            share = len(text) / self._length
            self._blocks.append(
                Block(
                    text, self._block, min(len(text), int(self._linked * share)), self._links,
                    min(len(text), int(self._strong * share)), self._broken, self._before,
                )
            )  # fmt: skip
        self._broken = broken
        self._parts = []
        self._length = self._linked = self._links = self._strong = 0

    def _place(self, element: HtmlElement) -> Place:
        """Return the place of *element*; no recursion, for pages as deep as the parser lets them be."""
        places = self._places
        found = places.get(element)
        if found is not None:
            return found
        path = [element]
        above = element.getparent()
        while above is not None and above not in places:
            path.append(above)
            above = above.getparent()
        place = places[above] if above is not None else None
        for one in reversed(path):
            place = places[one] = Place(one, place)
        assert place is not None
        return place


def _is_hidden(attributes: Any) -> bool:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style) and HIDDEN_STYLE.search(style) is not None
