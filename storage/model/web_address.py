"""Web addresses that may be fetched at all: http or https, a host, and a port that belongs to no other protocol."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import ada_url

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")

REFUSED_PORTS = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109}
    | {110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530}
    | {531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190}
    | {5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)
"""Those that the Fetch standard blocks: what listens there is no web server, and may take a request for a command."""


def check_web_address(url: str) -> str:
    """Return *url*, its host in ASCII. Raises ValueError for no absolute http or https address that may be asked."""
    try:
        parts = urlsplit(url)
        port, is_absolute = parts.port, bool(parts.hostname)
    except ValueError as error:
        fault = "its port is not a number from 1 to 65535" if "port" in str(error).lower() else "no web address"
        raise ValueError(f"{url[:200]}: {fault}") from error
    if parts.scheme not in ("http", "https") or not is_absolute:
        raise ValueError(f"{url[:200]}: must be an absolute http or https address")
    if "@" in parts.netloc:
        raise ValueError(f"{parts.hostname}: must not contain a user name or password: the archive would store them")
    if not _HOST.fullmatch(read_host(url)):
        raise ValueError(f"{url[:200]}: not a valid host name")
    if port in REFUSED_PORTS:
        raise ValueError(f"{url[:200]}: port {port} is not one for web servers, and is never used")
    return url.replace(parts.netloc, to_ascii_host(parts.netloc), 1)


def to_ascii_host(host: str) -> str:
    """Return a host that is written in letters of its language, or escapes them, as the ASCII name that is looked up
    (UTS #46), any other as it is; it may have a port. Raises ValueError when it is no name.
    """
    if host.isascii() and "%" not in host:
        return host
    try:
        return str(ada_url.URL(f"http://{host}/").host)
    except ValueError as error:
        raise ValueError(f"{host[:200]}: not a valid host name") from error


def read_host(url: str) -> str:
    """Return the host of *url* as it is looked up, without brackets; an empty string where it has none."""
    try:
        return str(ada_url.URL(url).hostname).strip("[]")
    except ValueError:
        return ""
