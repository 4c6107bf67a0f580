"""Selectors of a card: CSS, or XPath if they begin with ``/``, ``./`` or ``(``."""

from __future__ import annotations

import functools

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import XPath, XPathError
from lxml.html import HtmlElement, fragment_fromstring

_XPATH = ("/", "./", "(")


@functools.lru_cache(maxsize=1_000)
def compile_selector(text: str) -> XPath:
    """Return what *text* selects. Raises ValueError, which says what is wrong with it."""
    try:
        selector = XPath(text) if text.startswith(_XPATH) else CSSSelector(text, translator="html")
        found = selector(fragment_fromstring("<p></p>"))
    except (SelectorError, XPathError) as error:
        kind = "an XPath" if text.startswith(_XPATH) else "a CSS selector"
        raise ValueError(f"not {kind}: {error}") from error
    if not isinstance(found, list):
        raise ValueError("selects no elements")
    return selector


def find_elements(tree: HtmlElement, text: str) -> list[HtmlElement]:
    """Return the elements of *tree* that the selector *text* selects, in page order."""
    found = compile_selector(text)(tree)
    return [one for one in found if isinstance(one, HtmlElement)] if isinstance(found, list) else []
