"""URL keys: the Sort-friendly URI Reordering Transform that CDX indexes are sorted by.

As the Internet Archive's canonicaliser does it: the address is unescaped and escaped again minimally, its host, path
and query lowercased, ``www.``, the default port, session ids and empty parts dropped, the query's parameters
sorted; then the host's labels are reversed.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_SPLIT = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):/*([^/?#]*)([^?#]*)(\?[^#]*)?", re.DOTALL)
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_WWW = re.compile(r"^www\d*\.")
_OCTAL_OR_HEX = re.compile(r"^(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}$")
_ASPX = ".aspx"
_ASPX_SESSIONS = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/", re.IGNORECASE),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/", re.IGNORECASE),
)
_PATH_SESSION = re.compile(r";jsessionid=[0-9a-z$]{32}$", re.IGNORECASE)
_QUERY_SESSIONS = (
    re.compile(r"^(.*)(?:jsessionid=[0-9a-z$]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:phpsessid=[0-9a-z]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:sid=[0-9a-z]{32})(?:&(.*))?$", re.IGNORECASE),
    re.compile(r"^(.*)(?:aspsessionid[a-z]{8}=[a-z]{24})(?:&(.*))?$", re.IGNORECASE),
)
_OPAQUE = ("filedesc:", "warcinfo:")
_DEFAULT_PORT = {"http": "80", "https": "443"}
_HEX = frozenset(b"0123456789abcdefABCDEF")
_KEPT = frozenset(range(0x21, 0x7F)) - {ord("#"), ord("%")}
_PLAIN = re.compile(rb"[!-\"$&-~]*")  # what _KEPT has alone


@lru_cache(maxsize=256)  # capture and outcome ask for the same
def urlkey(url: str) -> str:
    """Return the CDX key of *url*: ``http://www.Example.com/A?b`` gives ``com,example)/a?b``.

    Never raises: text that is no address becomes its own lowercase. A key is printable ASCII without spaces, so that
    a CDX line can be taken apart.
    """
    url = re.sub(r"[\t\r\n]", "", url.strip())
    if not url:
        return "-"
    if url.startswith(_OPAQUE):
        return _escape(_unescape(url))
    if not _SCHEME.match(url) or re.match(r"^[^/:]+:\d+(/|$)", url):
        url = f"http://{url}"
    parts = _SPLIT.match(url)
    if parts is None or not parts[2]:
        return _escape(_unescape(url)).lower()
    scheme, authority, path, query = parts[1].lower(), parts[2], parts[3], (parts[4] or "")[1:]
    return f"{_host_key(scheme, authority)}){_path_key(path)}{_query_key(query)}"


@lru_cache(maxsize=1024)  # a crawl has a million addresses on few hosts
def _host_key(scheme: str, authority: str) -> str:
    host, colon, port = authority.rpartition("@")[2].partition(":")
    if host.startswith("["):
        host, _, rest = authority.rpartition("@")[2].partition("]")
        colon, port = rest[:1], rest[1:]
        host += "]"
    host = _WWW.sub("", _plain_host(host))
    if not host.startswith("["):
        host = ",".join(reversed(host.split(".")))
    port = _escape(_unescape(port))
    return f"{host}:{port}" if colon and port and port != _DEFAULT_PORT.get(scheme) else host


def _plain_host(host: str) -> str:
    raw = _unescape(host)
    try:
        host = raw.decode().lower()
        host = _escape(host.encode() if host.isascii() else host.encode("idna"))
    except UnicodeError:
        host = _escape(raw).lower()
    host = re.sub(r"\.{2,}", ".", host).strip(".")
    return _ipv4(host) or host


def _ipv4(host: str) -> str | None:
    """Return the dotted form of an IPv4 address written as one number, or with octal or hexadecimal parts."""
    if not _OCTAL_OR_HEX.match(host):
        return None
    try:
        numbers = [
            int(part, 16 if part[:2] == "0x" else 8 if part[0] == "0" and part != "0" else 10)
            for part in host.split(".")
        ]
        last = numbers.pop()
        if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
            return None
        return str(ipaddress.IPv4Address(sum(n << 8 * (3 - i) for i, n in enumerate(numbers)) + last))
    except ValueError:
        return None


def _path_key(path: str) -> str:
    path = _normal_path(_escape(_unescape(path)))
    if "(" in path or ";" in path:
        for pattern in _ASPX_SESSIONS:
            last = path.lower().rfind(_ASPX) - 1  # a page's name has a letter at least
            if last > 0 and (found := pattern.match(path[:last])):
                path = found[1] + path[found.end() :]
        path = _PATH_SESSION.sub("", path)
    path = path.lower()
    return path.rstrip("/") if len(path) > 1 and path.rstrip("/") else "/"


def _normal_path(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)


def _query_key(query: str) -> str:
    if not query:
        return ""
    query = _escape(_unescape(query))
    for pattern in _QUERY_SESSIONS:
        if found := pattern.match(query):
            query = found[1] + (found[2] or "")
    query = _drop_cold_fusion(query).strip("&")
    return "?" + "&".join(_sort_parameters(query.lower().split("&"))) if query else ""


def _drop_cold_fusion(query: str) -> str:
    """Return *query* without its last ``cfid=…&cftoken=…``."""
    parameters = query.split("&")
    for place in range(len(parameters) - 2, -1, -1):
        start = parameters[place][:-1].lower().rfind("cfid=")
        token = parameters[place + 1]
        if start >= 0 and token[:8].lower() == "cftoken=" and len(token) > 8:
            rest = parameters[place + 2 :]
            return "&".join([*parameters[:place], parameters[place][:start] + "&".join(rest)])
    return query


def _sort_parameters(parameters: list[str]) -> list[str]:
    """Sort by the whole text, as in every key that is stored; those of a request URL by name, as pywb does.

    The orders differ where one name begins with another, as JSON has it: ``a=1`` and ``a.2_=1``.
    """
    is_request = any(one.startswith("__wb_method=") for one in parameters)
    return sorted(parameters, key=lambda one: one.split("=", 1)) if is_request else sorted(parameters)


def _unescape(text: str) -> bytes:
    """Undo percent-escapes until none is left, as Google's canonicaliser does."""
    raw = text.encode("utf-8", "surrogatepass")
    if b"%" not in raw:
        return raw
    first, *others = unquote_to_bytes(raw).split(b"%")
    plain = bytearray(first)
    for piece in others:  # each may end what an earlier one began: %2%35 is %25
        plain += b"%"
        for byte in piece:
            plain.append(byte)
            while plain[-3:-2] == b"%" and _HEX.issuperset(plain[-2:]):
                plain[-3:] = bytes([int(plain[-2:], 16)])
    return bytes(plain)


def _escape(raw: bytes) -> str:
    if _PLAIN.fullmatch(raw):
        return raw.decode()
    return "".join(chr(byte) if byte in _KEPT else f"%{byte:02X}" for byte in raw)
