"""Elements that a browser shows as something else than their names say, renamed in a tree that was just parsed.

An ``a`` that leads nowhere is a ``span``, so is the button of an accordion's heading. A declarative shadow root is
shown in the place of its host, with the host's children in its slots.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

_LEADS_SOMEWHERE = ("href", "onclick", "rel", "role", "tabindex")
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})
_PANELS = frozenset({"div", "section"})
_MENUS = frozenset({"nav", "header", "form"})
_NEAR = 30
"""So many elements within a panel and around its button are looked at."""
_ACCORDION = re.compile(r"accordion|collapsib|faq", re.IGNORECASE)
_MOST_WRAPPERS = 3
_MOST_SIBLINGS = 4
_MOST_SHADOW_ROOTS = 200


def rename_shown_elements(tree: HtmlElement) -> None:
    """Rename the elements of *tree*; it must not be in use yet."""
    shadow_roots = []
    for element in tree.iter("a", "button", "template"):
        if element.tag == "a":
            if not _leads_somewhere(element):
                element.tag = "span"
        elif element.tag == "button":
            if _is_title(element) or _opens_panel(element):
                element.tag = "span"
        elif element.get("shadowrootmode") in ("open", "closed"):
            shadow_roots.append(element)
    for root in shadow_roots[:_MOST_SHADOW_ROOTS]:
        _show_shadow_root(root)


def _leads_somewhere(link: HtmlElement) -> bool:
    """Say whether *link* has an address, or is a link for scripts."""
    names = link.keys()
    return any(name in _LEADS_SOMEWHERE or name.startswith(("data-", "ng-", "@", "v-")) for name in names)


def _is_title(button: HtmlElement) -> bool:
    """Say whether *button* is all that a heading consists of."""
    element, parent = button, button.getparent()
    for _ in range(_MOST_WRAPPERS):
        if parent is None or not _is_all_text_of(element, parent):
            return False
        if parent.tag in _TITLES:
            return True
        element, parent = parent, parent.getparent()
    return False


def _opens_panel(button: HtmlElement) -> bool:
    """Say whether *button* is the heading of paragraphs right after it, which it shows and hides."""
    panel = button.getnext()
    if panel is None or panel.tag not in _PANELS:
        return False
    named = _ACCORDION.search(button.get("class") or "") is not None
    controls = panel.get("id") is not None and panel.get("id") == button.get("aria-controls")
    if not (named or controls):
        return False
    within = (element.tag for element in islice(panel.iter(), _NEAR))
    around = (element.tag for element in islice(button.iterancestors(), _NEAR))
    return "p" in within and _MENUS.isdisjoint(around)


def _is_all_text_of(element: HtmlElement, parent: HtmlElement) -> bool:
    if len(parent) > _MOST_SIBLINGS or (parent.text or "").strip():
        return False
    return not any(
        (child.tail or "").strip() or (child is not element and child.tag != "svg" and (child.text or len(child)))
        for child in parent
    )


def _show_shadow_root(root: HtmlElement) -> None:
    """Make *root* a part of its host, with the host's other children in its slots."""
    root.tag = "div"
    host = root.getparent()
    slots = {slot.get("name") or "": slot for slot in reversed(list(root.iter("slot")))}
    if host is None or not slots:
        return
    unnamed = slots.get("")
    if unnamed is not None and (root.tail or "").strip():
        _empty(unnamed)
        unnamed.text, root.tail = root.tail, None
    filled = {unnamed} if unnamed is not None and unnamed.text else set()
    for child in list(host):
        slot = slots.get(child.get("slot") or "") if child is not root else None
        if slot is None:
            continue
        if slot not in filled:
            _empty(slot)
            filled.add(slot)
        slot.append(child)


def _empty(slot: HtmlElement) -> None:
    """Remove what a slot shows while nothing is put into it."""
    del slot[:]
    slot.text = None
