"""The blocks of a page: its visible text in page order, one block a line that a reader sees, each with its context.

One pass over the tree. What an element says of the blocks within it (tags, class words, depth) is worked out once per
element, and only for elements that hold text.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml.html import HtmlElement

from hemeroteca.extraction.page.class_words import HIDDEN_STYLE, NAME_BITS, TAG_BITS, read_class_bits

BLOCK_TAGS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "marquee", "menu", "nav", "ol",
        "optgroup", "option", "p", "plaintext", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot",
        "th", "thead", "tr", "ul", "xmp",
    }
)  # fmt: skip
"""What HTML's own style sheet begins a line for; all else is inline, the elements that a site invents too."""
INVISIBLE_TAGS = frozenset(
    {
        "annotation", "annotation-xml", "applet", "area", "audio", "button", "canvas", "datalist", "dialog", "embed",
        "frameset", "iframe", "input", "map", "noembed", "noframes", "noscript", "object", "option", "rp", "rt",
        "script", "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
NEVER_TEXT = frozenset({"script", "style", "title"})
BOLD_TAGS = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})

_LINE_BREAKS_AND_IMAGES = frozenset({"br", "hr", "img"})
_HIDING_ATTRIBUTES = frozenset({"hidden", "aria-hidden", "style"})


class ElementContext:
    """An element, and what it and the elements around it say of the text within.

    ``…_names`` are bits of ``NAME_BITS``: ``own_names`` of the element, ``pair_names`` of it and its parent,
    ``near_names`` of the three elements around it, ``around_names`` of it and all around it up to the body.
    ``hider`` is the outermost element around the text that hides it, if one does. ``block_context`` is that of the
    nearest element around it that is not inline; None where it is no inline element itself.
    """

    __slots__ = (
        "around_names",
        "block_context",
        "depth",
        "element",
        "hider",
        "in_bold",
        "in_link",
        "near_names",
        "own_names",
        "pair_names",
        "parent",
        "signature",
        "tag",
    )

    def __init__(self, element: HtmlElement, parent: ElementContext | None) -> None:
        tag = element.tag
        self.element = element
        self.parent = parent
        self.tag: str = tag if isinstance(tag, str) else ""
        own_class, self.own_names = _read_attributes(element, self.tag)
        if parent is None:
            self.block_context: ElementContext | None = None
            self.depth, self.in_link, self.in_bold = 0, False, False
            self.around_names: int = 0
            self.pair_names = self.own_names
            self.hider = element if self.tag in INVISIBLE_TAGS else None
            self.near_names, self.signature = 0, ("", "", "", "")
            return
        self.block_context = None if self.tag in BLOCK_TAGS else parent.block_context or parent
        self.depth = parent.depth + 1
        self.in_link = parent.in_link or self.tag == "a"
        self.in_bold = parent.in_bold or self.tag in BOLD_TAGS
        self.hider = parent.hider if parent.hider is not None or self.tag not in INVISIBLE_TAGS else element
        # The body's own classes say what kind of page this is, not where on it a block stands.
        self.around_names = parent.around_names | self.own_names if parent.parent is not None else 0
        above = parent.parent
        self.pair_names = self.own_names | parent.own_names
        near_names = parent.own_names | above.pair_names if above is not None else parent.own_names
        self.near_names = near_names & self.around_names
        self.signature = (parent.signature[2], parent.signature[3], self.tag, own_class)


class Block(NamedTuple):
    """A line of the page as a reader sees it. ``text`` has single spaces and is never empty."""

    text: str
    context: ElementContext
    """That of the nearest element that is not inline."""
    link_chars: int
    """Characters within links."""
    link_count: int
    bold_chars: int
    """Characters in bold type or in a heading."""
    after_break: bool
    """It begins after a ``<br>``, in the same element as the block before it."""
    images_before: int
    """Pictures between it and the block before."""


class Layout(NamedTuple):
    """The blocks of a page, the alternative texts of its pictures, and by element that hides text, its characters."""

    blocks: tuple[Block, ...]
    alt_texts: frozenset[str]
    hidden_chars: dict[HtmlElement, int]


def read_layout(tree: HtmlElement) -> Layout:
    """Return the blocks of *tree*, in page order. The tree is not changed."""
    return _LayoutReader(tree).read()


class _LayoutReader:
    """The block that is being put together, and the open elements around it with the contexts known so far."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._open: list[HtmlElement] = []
        self._contexts: list[ElementContext] = []
        self._blocks: list[Block] = []
        self._alt_texts: set[str] = set()
        self._hidden_chars: dict[HtmlElement, int] = {}
        self._images = self._images_before = 0
        self._block_context: ElementContext | None = None
        self._after_break = False
        self._parts: list[str] = []
        self._chars = self._link_chars = self._link_count = self._bold_chars = 0

    def read(self) -> Layout:
        opened = self._open
        for element in self._tree.iter():
            above = element.getparent()
            while opened and opened[-1] is not above:
                self._close_element()
            tag = element.tag
            if tag in _LINE_BREAKS_AND_IMAGES:
                self._read_break_or_image(tag, element)
            opened.append(element)
            text = element.text
            if text:
                self._read_text(text)
        while len(opened) > 1:
            self._close_element()
        self._end_block(after_break=False)
        return Layout(tuple(self._blocks), frozenset(self._alt_texts), self._hidden_chars)

    def _close_element(self) -> None:
        """Leave the innermost element, and read the text behind it."""
        tail = self._open.pop().tail
        del self._contexts[len(self._open) :]
        if tail:
            self._read_text(tail)

    def _read_break_or_image(self, tag: str, element: HtmlElement) -> None:
        if tag == "img":
            self._images += 1
            alt = " ".join((element.get("alt") or "").split())
            if alt:
                self._alt_texts.add(alt)
        else:
            self._end_block(after_break=tag == "br")

    def _read_text(self, text: str) -> None:
        """Read *text* of the innermost element."""
        if text.isspace():
            self._parts.append(" ")
            return
        context = self._find_context()
        if context.hider is not None:
            if context.tag not in NEVER_TEXT:
                self._hidden_chars[context.hider] = self._hidden_chars.get(context.hider, 0) + len(text)
            return
        block_context = context.block_context or context
        if block_context is not self._block_context:
            self._end_block(after_break=False)
            self._block_context = block_context
        if not self._chars:
            self._images_before, self._images = self._images, 0
        chars = len(text)
        self._chars += chars
        self._parts.append(text)
        if context.in_link:
            self._link_chars += chars
            self._link_count += context.tag == "a" or not self._link_count
        if context.in_bold:
            self._bold_chars += chars

    def _end_block(self, after_break: bool) -> None:
        if self._chars and self._block_context is not None:
            text = " ".join("".join(self._parts).split())
            share = len(text) / self._chars
            self._blocks.append(
                Block(
                    text, self._block_context, min(len(text), int(self._link_chars * share)), self._link_count,
                    min(len(text), int(self._bold_chars * share)), self._after_break, self._images_before,
                )
            )  # fmt: skip
        self._after_break = after_break
        self._parts = []
        self._chars = self._link_chars = self._link_count = self._bold_chars = 0

    def _find_context(self) -> ElementContext:
        """Return the context of the innermost element."""
        contexts = self._contexts
        above = contexts[-1] if contexts else None
        for element in self._open[len(contexts) :]:
            above = ElementContext(element, above)
            contexts.append(above)
        assert above is not None
        return above


def _read_attributes(element: HtmlElement, tag: str) -> tuple[str, int]:
    """Return the class attribute of *element*, and the bits of what its tag and attributes say of its text."""
    bits = TAG_BITS.get(tag, 0)
    attributes = element.keys()
    if not attributes:
        return "", bits
    own_class = element.get("class", "")
    names = f"{own_class} {element.get('id', '')}"
    if len(names) > 1:
        bits |= read_class_bits(names)
    if not _HIDING_ATTRIBUTES.isdisjoint(attributes) and _is_hidden(element):
        bits |= NAME_BITS["hidden"]
    return own_class, bits


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return hidden or (style is not None and HIDDEN_STYLE.search(style) is not None)
