"""Refreshes: pages that redirect by themselves, with the header Refresh or ``<meta http-equiv="refresh">``.

Within five seconds that is a redirect, as it is to browsers. A page that loads itself again leads nowhere, unless it
does so at once and sets a cookie. What stands in a comment or a script, or is for readers without scripts, is none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from spiders.policy.scope import resolve_redirect
from storage.warc.http import HttpHead

MOST_SECONDS = 5
_WORDS = (b"refresh", b"Refresh", b"REFRESH")
_MARK = b"http-equiv"
_TAG_BYTES = 4096
_MOST_MARKS = 50
_VALUE = re.compile(
    r"\s*(\d{1,4})(?:\.\d*)?(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?+(?:'([^']*)|\"([^\"]*)|(\S.*))", re.IGNORECASE
)
_ATTRIBUTE = re.compile(rb"(?<![a-z:-])([a-z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_OUTSIDE = ((b"<noscript", b"</noscript"), (b"<script", b"</script"), (b"<!--", b"-->"))


def find_refresh(head: HttpHead, top: bytes, url: str) -> str | None:
    """Return the address that the response leads on to, if it does; *top* is the beginning of its page."""
    if not 200 <= head.status < 300:
        return None
    header = head.value(b"refresh")
    for value in (header, *_in_page(top)) if header else _in_page(top):
        found = _VALUE.match(value)
        if found is None or (seconds := int(found[1])) > MOST_SECONDS:
            continue
        target = resolve_redirect((found[2] or found[3] or found[4] or "").strip(), url)
        if target and (target != url or (seconds == 0 and head.value(b"set-cookie"))):
            return target
    return None


def _in_page(top: bytes) -> Iterator[str]:
    """Yield what each refresh of a page says."""
    if not any(word in top for word in _WORDS):  # most pages: to lower them all takes longer
        return
    lowered = top.lower()
    place = lowered.find(_MARK)
    for _ in range(_MOST_MARKS):
        if place < 0:
            return
        start, end = (
            lowered.rfind(b"<", max(0, place - _TAG_BYTES), place),
            lowered.find(b">", place, place + _TAG_BYTES),
        )
        if end > 0 and lowered.startswith(b"<meta", start) and not _is_outside(lowered, start):
            attributes = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(top, start, end)}
            if attributes.get(_MARK, b"").strip().lower() == b"refresh":
                yield html.unescape(attributes.get(b"content", b"")[:_TAG_BYTES].decode("utf-8", "replace"))
        place = lowered.find(_MARK, place + 1)


def _is_outside(lowered: bytes, place: int) -> bool:
    return any(lowered.rfind(begin, 0, place) > lowered.rfind(end, 0, place) for begin, end in _OUTSIDE)
