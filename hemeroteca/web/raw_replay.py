"""An archived response as a memento: its payload exactly, its headers under other names, and nothing that can act.

The sandbox is in the answer itself, for a memento may be opened without any page around it.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urljoin

from storage.captures.stored_records import Response
from storage.model.capture import Capture
from storage.model.errors import NoMainTextError
from storage.warc.http import DECODE_LIMIT_BYTES

SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "media-src 'self'; form-action 'none'; base-uri 'none'"
)
_MOST_HEADERS = 80  # Python's http.client takes no answer with more than 100
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SHOWN = re.compile(r"(text/(html|plain|css)|application/(pdf|xhtml\+xml)|image/(?!svg)[a-z0-9.+-]+)(;.*)?", re.DOTALL)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_GZIP = b"\x1f\x8b"
_WITHOUT_BODY = (204, 304)
_REDIRECTS = range(300, 400)
_NO_STATUS = 502


class Replay(NamedTuple):
    """What is answered: status, headers in their order, and the body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def make_replay(capture: Capture, response: Response, accepted: str, range_: str | None, web: str) -> Replay:
    """Return the answer for *capture*: *accepted* is Accept-Encoding, *range_* Range, *web* where mementos lie.

    A body is sent in its content coding where the reader takes that, else decoded; one that cannot be decoded as it is.
    """
    head = response.head
    headers = [_one("content-type", head.value(b"content-type") or "application/octet-stream")]
    body, coding = _choose_body(capture, response, accepted)
    if coding:
        headers.append(_one("content-encoding", coding))
    status = head.status if 200 <= head.status < 600 else _NO_STATUS
    location = head.value(b"location")
    if status in _REDIRECTS and location:
        headers.append(_one("location", web + urljoin(capture.target_uri, location)))
    if not _SHOWN.fullmatch((head.value(b"content-type") or "").strip().lower()):
        headers.append(_one("content-disposition", "attachment"))
    status, body, more = _cut_range(status, body, range_)
    if status not in _WITHOUT_BODY:
        more.append(_one("content-length", str(len(body))))
    return Replay(status, headers + more + _protection() + _originals(response), body)


def _choose_body(capture: Capture, response: Response, accepted: str) -> tuple[bytes, str]:
    """Return the body to send, and its content coding; none where it is sent decoded."""
    coding = ", ".join(value.decode("latin-1").strip().lower() for value in response.head.values(b"content-encoding"))
    if coding in ("", "identity"):
        return response.payload, ""
    is_gzip = coding in ("gzip", "x-gzip") and response.payload.startswith(_GZIP) and not capture.truncated
    if is_gzip and "gzip" in accepted.lower():
        return response.payload, "gzip"
    try:
        return response.body(DECODE_LIMIT_BYTES), ""
    except NoMainTextError:
        return response.payload, ""


def _cut_range(status: int, body: bytes, range_: str | None) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """Return status, body and headers of one range of a whole answer (RFC 9110, section 14)."""
    if status != 200:
        return status, body, []
    headers = [_one("accept-ranges", "bytes")]
    found = _RANGE.fullmatch((range_ or "").strip())
    if not found or not (found[1] or found[2]):
        return status, body, headers
    size = len(body)
    first = int(found[1]) if found[1] else max(0, size - int(found[2]))
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if first > last:
        return 416, b"", [*headers, _one("content-range", f"bytes */{size}")]
    return 206, body[first : last + 1], [*headers, _one("content-range", f"bytes {first}-{last}/{size}")]


def _protection() -> list[tuple[bytes, bytes]]:
    return [
        _one("content-security-policy", SANDBOX),
        _one("x-content-type-options", "nosniff"),
        _one("referrer-policy", "no-referrer"),
        _one("cross-origin-opener-policy", "same-origin"),
    ]


def _originals(response: Response) -> list[tuple[bytes, bytes]]:
    """Return the archived headers as ``X-Archive-Orig-*``; lines that no answer can have are left out."""
    usable = [(name, value) for name, value in response.head.headers if _TOKEN.fullmatch(name)]
    return [(b"x-archive-orig-" + name.lower(), _printable(value)) for name, value in usable[:_MOST_HEADERS]]


def _one(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), _printable(value.encode("utf-8"))


def _printable(value: bytes) -> bytes:
    return re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", b"", value)
