"""Elements that a browser shows as something else than their names say, renamed in a tree that was just parsed.

An ``a`` that leads nowhere is a ``span``, so is the button of an accordion's heading. A declarative shadow root is
shown in the place of its host, with the host's children in its slots.
"""

from __future__ import annotations

from lxml.html import HtmlElement

_LEADS_SOMEWHERE = ("href", "onclick", "rel", "role", "tabindex")
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})
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
            if _is_title(element):
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
