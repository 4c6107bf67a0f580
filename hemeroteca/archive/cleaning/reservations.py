"""Which pages publishers reserve: read from the signals of a capture, if a card says ``signals: honour``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from storage.model.page_facts import Signals

_RESERVING = ("noai", "noindex", "noarchive", "none")
_RESERVING_IMAGES = ("noimageai", "noimageindex")
_USES = ("search", "ai-input", "ai-train")
_OURS = "hemeroteca"
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def find_reservation(signals: Signals) -> str | None:
    """Return the first word of *signals* that reserves the text for its publisher; None when it is free to use.

    A robots directive for everybody or for us, TDMRep's reservation, or a Content-Signal that says no to a use.
    """
    if signals.tdm_reservation:
        return "tdm-reservation: 1"
    said = list(_directives(signals.robots_header or "")) + list(_directives(signals.robots_meta or ""))
    if word := next((word for word in _RESERVING if word in said), None):
        return f"robots: {word}"
    uses = dict(use.replace(" ", "").lower().split("=", 1) for use in _listed(signals.content_signal) if "=" in use)
    if refused := next((use for use in _USES if uses.get(use) == "no"), None):
        return f"content-signal: {refused}=no"
    return None


def are_images_reserved(signals: Signals) -> bool:
    said = [*_directives(signals.robots_header or ""), *_directives(signals.robots_meta or "")]
    return any(word in said for word in _RESERVING_IMAGES)


def _directives(text: str) -> Iterator[str]:
    """Yield the directives of X-Robots-Tag or a meta that are not for another crawler by name (``googlebot: noai``)."""
    ours = True
    for part in _listed(text):
        name, colon, value = (piece.strip().lower() for piece in part.partition(":"))
        if colon and name not in _WITH_VALUE:
            ours = name == _OURS
            name = value
        if ours:
            yield name


def _listed(text: str | None) -> list[str]:
    return [part for part in re.split(r"\s*,\s*", text or "") if part]
