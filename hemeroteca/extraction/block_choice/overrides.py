"""The text overrides of a source's card, as rules that are applied last, so that the card has the last word."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lxml.html import HtmlElement

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision, Rule
from hemeroteca.extraction.page.blocks import BLOCK_TAGS, ElementContext
from storage.model.selector import find_elements
from storage.model.source import TextOverrides

CARD_REASON = "card "
"""How the reasons of these rules begin."""


def build_override_rules(tree: HtmlElement, overrides: TextOverrides) -> tuple[Rule, ...]:
    """Return a rule for each selector of *overrides*: those that keep, then those that drop."""
    keep = [functools.partial(_decide, tree, selector, True) for selector in overrides.keep]
    drop = [functools.partial(_decide, tree, selector, False) for selector in overrides.drop]
    return (*keep, *drop)


def _decide(tree: HtmlElement, selector: str, keep: bool, selection: BlockSelection) -> Iterator[Decision]:
    chosen = {_find_whole_line(element) for element in find_elements(tree, selector)}
    reason = f"{CARD_REASON}{'keeps' if keep else 'drops'}: {selector}"
    for index, block in enumerate(selection.blocks) if chosen else ():
        if _is_within(block.context, chosen):
            yield index, keep, reason


def _is_within(context: ElementContext | None, chosen: set[HtmlElement]) -> bool:
    while context is not None:
        if context.element in chosen:
            return True
        context = context.parent
    return False


def _find_whole_line(element: HtmlElement) -> HtmlElement:
    """Return the element whose whole text *element* is, such as the paragraph around a link; else *element* itself.

    Lines are kept or dropped as a whole, so an inline element that is only a part of a line decides nothing.
    """
    line, parent = element, element.getparent()
    words = element.text_content().split() if line.tag not in BLOCK_TAGS else []
    while line.tag not in BLOCK_TAGS and parent is not None and parent.text_content().split() == words:
        line, parent = parent, parent.getparent()
    return line
