"""The blocks of a page: its visible text in page order, cut where a reader sees a new line, and where each stands.

One pass over the tree. What an element says of the blocks within it (its tags, class words, depth) is worked out once
an element, and only of those that hold text.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml.html import HtmlElement

from hemeroteca.extraction.page.class_words import HIDDEN_STYLE, NAME_BITS, TAG_BITS, read_class_bits

INLINE_TAGS = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "img", "ins", "kbd", "label", "mark", "nobr", "q", "rb", "ruby", "s", "samp", "small", "span", "strike",
        "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
INVISIBLE_TAGS = frozenset(
    {
        "applet", "area", "audio", "button", "canvas", "datalist", "dialog", "embed", "frameset", "iframe",
        "input", "map", "math", "noembed", "noframes", "noscript", "object", "option", "rp", "rt", "script",
        "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
BOLD_TAGS = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})

_MARKS = frozenset({"br", "hr", "img"})
_HIDING = frozenset({"hidden", "aria-hidden", "style"})


class ElementContext:
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
        "pair",
        "parent",
        "strong",
        "tag",
        "unseen",
    )

    def __init__(self, element: HtmlElement, parent: ElementContext | None) -> None:
        tag = element.tag
        self.element = element
        self.parent = parent
        self.tag: str = tag if isinstance(tag, str) else ""
        own, self.named = _said_by(element, self.tag)
        if parent is None:
            self.block: ElementContext = self
            self.depth, self.linked, self.strong = 0, False, False
            self.around: int = 0
            self.pair = self.named
            self.unseen, self.near, self.group = self.tag in INVISIBLE_TAGS, 0, ("", "", "", "")
            return
        self.block = parent.block if self.tag in INLINE_TAGS else self
        self.depth = parent.depth + 1
        self.linked = parent.linked or self.tag == "a"
        self.strong = parent.strong or self.tag in BOLD_TAGS
        self.unseen = parent.unseen or self.tag in INVISIBLE_TAGS
        # The body's own classes say what kind of page this is, not where in it a block stands.
        self.around = parent.around | self.named if parent.parent is not None else 0
        above = parent.parent
        self.pair = self.named | parent.named
        self.near = (parent.named | above.pair if above is not None else parent.named) & self.around
        self.group = (parent.group[2], parent.group[3], self.tag, own)


class Block(NamedTuple):
    """A line of the page as a reader sees it. ``text`` has single spaces and is never empty."""

    text: str
    place: ElementContext
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
    """The block that is being put together, and the elements around it with the places that are known of them."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._open: list[HtmlElement] = []
        self._places: list[ElementContext] = []
        self._blocks: list[Block] = []
        self._alts: set[str] = set()
        self._images = self._before = 0
        self._block: ElementContext | None = None
        self._broken = False
        self._parts: list[str] = []
        self._length = self._linked = self._links = self._strong = 0

    def layout(self) -> Layout:
        opened = self._open
        for element in self._tree.iter():
            above = element.getparent()
            while opened and opened[-1] is not above:
                self._close()
            tag = element.tag
            if tag in _MARKS:
                self._read_mark(tag, element)
            opened.append(element)
            text = element.text
            if text:
                self._read_text(text)
        while len(opened) > 1:
            self._close()
        self._end(broken=False)
        return Layout(tuple(self._blocks), frozenset(self._alts))

    def _close(self) -> None:
        """Leave the innermost element, and read what stands behind it."""
        tail = self._open.pop().tail
        del self._places[len(self._open) :]
        if tail:
            self._read_text(tail)

    def _read_mark(self, tag: str, element: HtmlElement) -> None:
        if tag == "img":
            self._images += 1
            alt = " ".join((element.get("alt") or "").split())
            if alt:
                self._alts.add(alt)
        else:
            self._end(broken=tag == "br")

    def _read_text(self, text: str) -> None:
        """Read *text* of the innermost element."""
        if text.isspace():
            self._parts.append(" ")
            return
        place = self._place()
        if place.unseen:
            return
        if place.block is not self._block:
            self._end(broken=False)
            self._block = place.block
        if not self._length:
            self._before, self._images = self._images, 0
        length = len(text)
        self._length += length
        self._parts.append(text)
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

    def _place(self) -> ElementContext:
        """Return the place of the innermost element."""
        places = self._places
        above = places[-1] if places else None
        for element in self._open[len(places) :]:
            above = ElementContext(element, above)
            places.append(above)
        assert above is not None
        return above


def _said_by(element: HtmlElement, tag: str) -> tuple[str, int]:
    """Return the class attribute of *element*, and what it says of the text within by its name and attributes."""
    bits = TAG_BITS.get(tag, 0)
    attributes = element.keys()
    if not attributes:
        return "", bits
    own = element.get("class", "")
    names = f"{own} {element.get('id', '')}"
    if len(names) > 1:
        bits |= read_class_bits(names)
    if not _HIDING.isdisjoint(attributes) and _is_hidden(element):
        bits |= NAME_BITS["hidden"]
    return own, bits


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return hidden or (style is not None and HIDDEN_STYLE.search(style) is not None)
