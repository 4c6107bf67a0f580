"""What a page declares of its paywall: in its JSON-LD and metas, in the data of its scripts, in their code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml.html import HtmlElement

from hemeroteca.extraction.page.json_ld import Node, list_values

_LOCKED_KEYS = re.compile(r"(?:is)?(?:premium|paid|locked|paywalled?|subscriberonly|subscribersonly|haspaywall|plus)\Z")
_FREE_KEYS = re.compile(r"(?:is)?(?:accessibleforfree|free|freeaccess)\Z")
_LOCKED_TIERS = frozenset({"premium", "locked", "paid", "subscriber", "subscribers", "subscription", "plus"})
_TIER_KEYS = re.compile(r"(?:content|access)(?:tier|level|code|type)?\Z|paywall(?:type|status)?\Z")
_LOCKED_CODE = re.compile(
    r"isAccessibleForFree[\"']?\s?:\s?(?:[\"']?false|!1)|"
    r"(?<![a-zA-Z])(?:is_?)?(?:premium|paid|locked|paywalled|subscribers?_?only)[\"']?\s?:\s?(?:true|!0)",
    re.IGNORECASE,
)
_LOCKED_TIER = "locked"


def is_locked_page(tree: HtmlElement, nodes: Iterable[Node]) -> bool:
    """Say whether the page declares that its article is for those who pay."""
    values = [value for node in nodes for value in list_values(node.get("isAccessibleForFree"))]
    tiers = [meta.get("content") for meta in tree.iter("meta") if "content_tier" in (meta.get("property") or "")]
    is_paid = any(str(value).lower().rpartition("/")[2] in ("false", "no") for value in values)
    return is_paid or any((tier or "").strip().lower() == _LOCKED_TIER for tier in tiers)


def is_locked_script(text: str) -> bool:
    """Say whether the script *text*, which is no JSON, says so."""
    return _LOCKED_CODE.search(text) is not None


def is_locked_node(node: dict[str, Any]) -> bool:
    """Say whether *node* declares that its text is for those who pay."""
    return any(
        isinstance(value, bool | str) and _says_locked(_fold_key(key), str(value)[:20].lower())
        for key, value in node.items()
    )


def _fold_key(key: str) -> str:
    return key[:40].replace("_", "").replace("-", "").lower()


def _says_locked(key: str, value: str) -> bool:
    if value == "true":
        return _LOCKED_KEYS.match(key) is not None
    if value == "false":
        return _FREE_KEYS.match(key) is not None
    return value in _LOCKED_TIERS and _TIER_KEYS.match(key) is not None
