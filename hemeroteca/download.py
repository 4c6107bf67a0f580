"""The download of one page for a person, which is not archived: by the limits and rules of a crawl.

robots.txt of each origin on the way is obeyed, and only public addresses are asked, save the one that was typed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpx

from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from spiders.parsing.limited_reader import LimitedReader
from spiders.parsing.parsers import ROBOTS
from spiders.policy.robots_txt import CrawlerRules
from spiders.policy.scope import clean_url
from spiders.settings import SOFTWARE_VERSION, user_agent
from spiders.wire.addresses import is_loopback, is_public
from spiders.wire.connect_rules import ConnectRule, find_target
from storage.captures.exchange import BodyLimits, Exchange, ExchangeFacts
from storage.model.errors import NotArchivedError, ParserLimitError, SeedError
from storage.model.outcome import says_no_rules
from storage.model.web_address import check_web_address, read_host
from storage.warc.received_limits import RECEIVED

MAX_REDIRECTS = 5
MAX_SECONDS = 60.0
_PORTS = {"http": 80, "https": 443}
_LIMITS = BodyLimits(received=RECEIVED._replace(payload_bytes=MAX_PAGE_BYTES), keep_decoded=True)
_FACTS = ExchangeFacts(kind="article", purpose="article")
_PIECE_BYTES = 64 * 1024
_NO_CONTACT = "HEMEROTECA_CONTACT: set it to an address where publishers can reach you, to fetch a page"


class NotAllowedError(NotArchivedError):
    """robots.txt forbids the page: nothing was asked for it."""


@dataclass
class Asker:
    """Who asks, and for whom: *contact* may be empty for loopback alone."""

    contact: str
    now: datetime
    ignore_robots: bool = False
    allow_private: bool | None = None
    """Whether private addresses are asked; None: only the one that a person typed."""
    connect_to: Sequence[ConnectRule] = ()
    """Where connections to private addresses go instead."""
    verify: bool = True
    """Whether only good certificates are taken."""
    typed: str = ""
    """The host that a person typed."""
    first: str | None = None
    """The address that it led to at first; it may be private, and no other may."""
    rules: dict[str, CrawlerRules] = field(default_factory=dict)
    """Of each origin that was asked."""
    unread: dict[str, str] = field(default_factory=dict)
    """Why an origin's robots.txt could not be read: it is not asked again."""


def download(url: str, asker: Asker, seconds: float = MAX_SECONDS) -> Page:
    """Return the page at *url* as it is served now, redirects followed, all within *seconds*.

    Raises SeedError for no web address or no contact, NotAllowedError when robots.txt says no, NotArchivedError when
    there is no page.
    """
    try:
        asker.typed = read_host(check_web_address(url))
    except ValueError as error:
        raise SeedError(str(error)) from error
    if not asker.contact.strip() and not asker.connect_to and not is_loopback(asker.typed):
        raise SeedError(_NO_CONTACT)
    return asyncio.run(_follow_within(seconds, url, asker))


async def _follow_within(seconds: float, url: str, asker: Asker) -> Page:
    try:
        async with asyncio.timeout(seconds):
            answer = await _follow(url, asker, for_robots=False)
    except TimeoutError as error:
        raise NotArchivedError(f"{url}: not served within {seconds:g} s") from error
    head = answer.framer.head
    if head is None or head.status != HTTPStatus.OK:
        raise NotArchivedError(f"{answer.url}: answered {head.status if head else 'nothing'}")
    if answer.failure:
        raise NotArchivedError(f"{answer.url}: {answer.failure.reason}: {answer.failure.detail}")
    if answer.body is None or len(answer.body) > MAX_PAGE_BYTES:
        why = "does not decode" if answer.body_error == "undecodable" else f"more than {MAX_PAGE_BYTES} bytes"
        raise NotArchivedError(f"{answer.url}: {why}")
    return Page(answer.body, head.value(b"content-type"), answer.url, asker.now)


async def _follow(url: str, asker: Asker, *, for_robots: bool) -> Exchange:
    """Return the last answer of the redirects of *url*. Raises NotArchivedError."""
    for _ in range(MAX_REDIRECTS + 1):
        try:
            url = clean_url(check_web_address(url)) or url
            if not for_robots:
                await _ask_leave(url, asker)
            answer = await _ask(url, asker)
            location = _find_location(answer)
            if location is None:
                return answer
            url = urljoin(url, location)
        except (OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise NotArchivedError(f"{url}: {_tell(error)}") from error
    raise NotArchivedError(f"{url}: more than {MAX_REDIRECTS} redirects")


def _tell(error: Exception) -> str:
    """Return in plain words why there was no answer."""
    if isinstance(error, socket.gaierror):
        return "its host's name has no address"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {getattr(error, 'verify_message', '') or error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "the connection was lost"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _find_location(answer: Exchange) -> str | None:
    head = answer.framer.head
    return head.value(b"location") if head and head.status in (301, 302, 303, 307, 308) else None


async def _ask_leave(url: str, asker: Asker) -> None:
    """Raise NotAllowedError when the robots.txt of *url*'s origin forbids it; it is read the first time."""
    if asker.ignore_robots:
        return
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin in asker.unread:
        raise NotAllowedError(asker.unread[origin])
    if origin not in asker.rules:
        try:
            asker.rules[origin] = await _read_rules(f"{origin}/robots.txt", asker)
        except NotArchivedError as error:
            asker.unread[origin] = str(error)
            raise
    if not asker.rules[origin].allow(url):
        raise NotAllowedError(f"{url}: robots.txt forbids it")


async def _read_rules(address: str, asker: Asker) -> CrawlerRules:
    """Return what a robots.txt allows us (RFC 9309). Raises NotAllowedError when that cannot be known."""
    answer = await _follow(address, asker, for_robots=True)
    status = answer.framer.head.status if answer.framer.head else 0
    if says_no_rules("robots", status):
        return CrawlerRules()
    if 200 <= status < 300 and answer.body is not None:
        try:
            with LimitedReader() as reader:
                return await asyncio.to_thread(reader.read, ROBOTS, answer.body, address)
        except ParserLimitError:
            pass
    why = f"answered {status}" if status else "gave no answer"
    raise NotAllowedError(f"{address}: {why}, so nothing is allowed")


async def _ask(url: str, asker: Asker) -> Exchange:
    """Return the answer to a request for *url*, as far as it is taken. Raises OSError, NotArchivedError, SeedError."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    exchange = Exchange(url, "GET", _FACTS, lambda: asker.now, _LIMITS)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {user_agent(SOFTWARE_VERSION, asker.contact)}\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.5\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    ).encode()
    reader, writer = await _connect(url, asker)
    try:
        exchange.begin(writer.get_extra_info("peername")[0])
        writer.write(request)
        framer = exchange.framer
        while not (framer.done or framer.over or (framer.broken and framer.head is None)):
            async with asyncio.timeout(RECEIVED.silent_seconds):
                data = await reader.read(_PIECE_BYTES)
            if not data:
                break
            exchange.received(data)
    finally:
        writer.transport.abort()
        exchange.end()
    if framer.head is None:
        raise NotArchivedError(f"{url}: {exchange.failure.detail if exchange.failure else 'no HTTP response'}")
    return exchange


async def _connect(url: str, asker: Asker) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first allowed address of *url*'s host that answers."""
    parts, host = urlsplit(url), read_host(url)
    tls = httpx.create_ssl_context(verify=asker.verify) if parts.scheme == "https" else None
    failed: OSError | None = None
    name, port = find_target(asker.connect_to, host, parts.port or _PORTS[parts.scheme])
    for address in await _find_addresses(name, asker):
        try:
            opened = await asyncio.open_connection(address, port, ssl=tls, server_hostname=host if tls else None)
        except OSError as error:
            failed = error
            continue
        asker.first = asker.first or address
        return opened
    raise failed or OSError("no address")


async def _find_addresses(host: str, asker: Asker) -> list[str]:
    """Return the addresses of *host* that may be asked. Raises NotArchivedError for none, SeedError for no contact."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    typed = [one for one in addresses if host == asker.typed and asker.first in (None, one)]
    private = {None: typed, True: addresses, False: []}[asker.allow_private]
    allowed = [one for one in addresses if one in private or is_public(one)]
    if not allowed:
        raise NotArchivedError(f"{host}: resolves to {', '.join(sorted(addresses))}, which is not public")
    if not asker.contact.strip() and not all(is_loopback(one) for one in allowed):
        raise SeedError(_NO_CONTACT)
    return allowed
