"""Content-Range (RFC 9110 section 14.4): whether a partial response that nobody asked for has the whole page."""

from __future__ import annotations

import re
from http import HTTPStatus

from storage.warc.http import HttpHead

_RANGE = re.compile(r"[ \t]*bytes[ \t]+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)[ \t]*", re.IGNORECASE)


def find_missing_part(head: HttpHead, payload_bytes: int) -> str | None:
    """Say what a response with *head* and so long a payload is of its page, when that is not all of it.

    A 200 has all of its page, whatever range it names, unless its body is shorter than that.
    """
    said, is_part = head.value(b"content-range") or "", head.status == HTTPStatus.PARTIAL_CONTENT
    found = _RANGE.fullmatch(said)
    if found is None or head.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return f"a part that nobody asked for: {said[:100] or 'no Content-Range'}" if is_part else None
    first, last, whole = int(found[1]), int(found[2]), found[3]
    if is_part and (first or whole == "*" or last + 1 != int(whole)):
        return f"a part that nobody asked for: {said[:100].strip()}"
    named = last + 1 - first
    if payload_bytes < named and not head.values(b"content-encoding"):
        return f"{payload_bytes} bytes of {named}"
    return None
