"""The request URL, which tells requests to one address apart, as replay tools write it.

    POST https://example.org/search, body ``q=peace``   →   https://example.org/search?__wb_method=POST&q=peace

That of a GET is its address. Of any other request, its method and its body are appended as a query. pywb 2.10 and
https://iipc.github.io/warc-specifications/guidelines/cdx-non-get-requests/ say how; a key made of it (``surt.urlkey``)
is pywb's, except where pywb gives different requests one key:

- It cuts a query after 4,096 characters. Here the body's SHA-256 replaces a longer one.
- It leaves out the body of PATCH, DELETE and other methods, JSON in which no value has a name, and what is not JSON.
- It takes what follows a ``#`` in a form for a fragment.

``application/x-amf`` (Flash) is encoded like any other binary body.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

MAX_QUERY_CHARACTERS = 4096
MAX_PARSED_BYTES = 1024 * 1024
"""A longer body is not parsed: it gets a digest, which nearly any of that length would get."""

_METHOD = "__wb_method="
_KEPT = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Characters of a form that stand for themselves in a key: printable ASCII but for space, ``#`` and ``%``."""
_DROPPED = str.maketrans("", "", "\t\r\n")
_WHITESPACE = " \x0b\x0c"
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^";,\s]+))', re.IGNORECASE)
_FIELD_NAME = re.compile(rb'[;\s]name=(?:"([^"]*)"|([^";\s]+))', re.IGNORECASE)


def make_request_url(url: str, method: str, content_type: str | None, body: bytes) -> str:
    """Return the request URL of a request: *url* for GET, else with its method and body. Never raises."""
    return join_request_url(url, method, make_request_query(content_type, body))


def join_request_url(url: str, method: str | None, query: str | None) -> str:
    """Return *url* with a *method* (None or GET: none) and what ``make_request_query`` gave."""
    if method is None or method.upper() == "GET":
        return url
    parts = (url, "&" if "?" in url else "?", _METHOD, quote(method.upper(), safe=""))
    return "".join(parts) + (f"&{query}" if query else "")


def is_request_url(url: str) -> bool:
    """Say whether *url* is that of a request which was not GET. An address with that parameter counts as one."""
    return f"?{_METHOD}" in url or f"&{_METHOD}" in url


def make_request_query(content_type: str | None, body: bytes) -> str:
    """Return what *body* adds to the address it is sent to: printable ASCII without spaces, "" for an empty body.

    Takes time and memory in proportion to the body, and never raises, whatever the body is.
    """
    if not body:
        return ""
    query = _encode(content_type or "", body) if len(body) <= MAX_PARSED_BYTES else ""
    if query and len(query) <= MAX_QUERY_CHARACTERS:
        return query
    return f"__wb_post_digest=sha256:{hashlib.sha256(body).hexdigest()}"


def _encode(content_type: str, body: bytes) -> str:
    """Return *body* as its media type says, or in Base64 where it is not what that says, or says nothing."""
    named = content_type.strip().lower()
    encode = next((encode for media_type, encode in _ENCODINGS.items() if named.startswith(media_type)), None)
    try:
        query = encode(content_type, body) if encode else ""
    except ValueError:
        query = ""
    return query or f"__wb_post_data={base64.b64encode(body).decode()}"


def _encode_form(content_type: str, body: bytes) -> str:
    """Drop tabs, line ends and spaces at the end, which no key has. Raises ValueError when *body* is not UTF-8."""
    text = unquote_plus(body.decode()).translate(_DROPPED).rstrip(_WHITESPACE)
    return quote(text, safe=_KEPT)


def _encode_multipart(content_type: str, body: bytes) -> str:
    """Raises ValueError when there is no boundary."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("no boundary")
    boundary = (found[1] or found[2]).encode("latin-1")
    fields: list[tuple[bytes, bytes]] = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            break
        head, _, value = part.partition(b"\r\n\r\n")
        name = _read_field_name(head)
        if name is not None:
            fields.append((name, value))
    return urlencode(fields)


def _read_field_name(head: bytes) -> bytes | None:
    for line in head.split(b"\r\n"):
        header, _, value = line.partition(b":")
        if header.strip().lower() == b"content-disposition" and (found := _FIELD_NAME.search(value)):
            return found[1] if found[1] is not None else found[2]
    return None


def _encode_json(content_type: str, body: bytes) -> str:
    """Return the values that have a name, whatever they are within. Raises ValueError when *body* is no JSON."""
    try:
        left: list[tuple[str, Any]] = [("", json.loads(body))]
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    pairs: dict[str, str] = {}
    counts: Counter[str] = Counter()
    while left:
        name, value = left.pop()
        if isinstance(value, dict):
            left += reversed(value.items())
        elif isinstance(value, list):
            left += [(name, one) for one in reversed(value)]
        elif name:
            pairs[_number(name, pairs, counts)] = _write_scalar(value)
    return urlencode(pairs)


def _number(name: str, pairs: dict[str, str], counts: Counter[str]) -> str:
    """Return *name*, or ``name.2_`` and so on where it is taken."""
    if name not in pairs:
        return name
    counts[name] += 1
    return f"{name}.{counts[name] + 1}_"


def _write_scalar(value: Any) -> str:
    """Return *value* as JavaScript would write it. Raises ValueError for a number without an end."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("no number")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_ENCODINGS = {
    "application/x-www-form-urlencoded": _encode_form,
    "multipart/": _encode_multipart,
    "application/json": _encode_json,
    "text/plain": _encode_json,
}
