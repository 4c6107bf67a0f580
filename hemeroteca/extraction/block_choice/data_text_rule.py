"""The rule for an article that its page has as data: all of it is the text, and nothing around it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Decision, Rule
from hemeroteca.extraction.page.blocks import ElementContext

_NO_TEXT_TAGS = frozenset({"figcaption", "figure"})
_LINK_SHARE = 0.9
_REASON = "the page has its article as data"


def build_data_text_rule(added: HtmlElement) -> Rule:
    """Return the rule for a page to which *added* was added, its article."""

    def keep_data_text(selection: BlockSelection) -> Iterator[Decision]:
        titles = selection.table.columns["is_title"] > 0
        for index, block in enumerate(selection.blocks):
            is_text = block.context.tag not in _NO_TEXT_TAGS and block.link_chars <= _LINK_SHARE * len(block.text)
            yield index, is_text and not titles[index] and _is_within(block.context, added), _REASON

    return keep_data_text


def _is_within(context: ElementContext | None, element: HtmlElement) -> bool:
    while context is not None:
        if context.element is element:
            return True
        context = context.parent
    return False
