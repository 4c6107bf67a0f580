"""One page asked for by a person, to be read and not archived: an honest request, bounded in bytes, hops and time."""

from __future__ import annotations

import asyncio
import socket
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import httpx

from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from spiders.settings import SOFTWARE_VERSION, user_agent
from spiders.wire.addresses import is_loopback, is_public
from storage.model.errors import NotArchivedError, SeedError

MOST_HOPS = 5
SECONDS = 60.0
_QUIET_SECONDS = 30.0  # of which nothing comes


def download(url: str, contact: str, now: datetime, seconds: float = SECONDS) -> Page:
    """Return the page at *url* as it is served now, all of it and what leads there within so many *seconds*.

    Only the host that was typed may lie on a private network; a redirect never leads to another there, and each
    connection goes to the address that was checked. Raises SeedError for no web address or no *contact*,
    NotArchivedError when there is no page.
    """
    try:
        typed = _host(url)
    except ValueError as error:
        raise SeedError(f"{url}: {error}") from error
    if not contact.strip() and not is_loopback(typed):
        raise SeedError("HEMEROTECA_CONTACT: set an address at which publishers can reach you, to ask one for a page")
    return asyncio.run(_within(seconds, url, user_agent(SOFTWARE_VERSION, contact), now))


async def _within(seconds: float, url: str, agent: str, now: datetime) -> Page:
    try:
        async with asyncio.timeout(seconds):
            return await _follow(url, agent, now)
    except TimeoutError as error:
        raise NotArchivedError(f"{url}: not served within {seconds:g} s") from error


async def _follow(url: str, agent: str, now: datetime) -> Page:
    typed = _host(url)
    headers = {"User-Agent": agent, "Accept": "text/html,application/xhtml+xml,*/*;q=0.5"}
    async with httpx.AsyncClient(timeout=_QUIET_SECONDS, trust_env=False, headers=headers) as client:
        for _ in range(MOST_HOPS + 1):
            try:
                response, body = await _ask(client, url, typed)
                if not response.has_redirect_location:
                    break
                url = urljoin(url, response.headers["location"])
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                raise NotArchivedError(f"{url}: {error or type(error).__name__}") from error
        else:
            raise NotArchivedError(f"{url}: more than {MOST_HOPS} redirects")
    if response.status_code != httpx.codes.OK:
        raise NotArchivedError(f"{url}: answered {response.status_code}")
    return Page(body, response.headers.get("content-type"), url, now)


async def _ask(client: httpx.AsyncClient, url: str, typed: str) -> tuple[httpx.Response, bytes]:
    host = _host(url)
    address = _address(host, private_allowed=host == typed)
    asked = httpx.URL(url)
    request = client.build_request(
        "GET", asked.copy_with(host=address), headers={"Host": asked.netloc.decode()},
        extensions={"sni_hostname": asked.raw_host.decode()},
    )  # fmt: skip
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > MAX_PAGE_BYTES:
                raise NotArchivedError(f"{url}: more than {MAX_PAGE_BYTES} bytes")
        return response, bytes(body)
    finally:
        await response.aclose()


def _host(url: str) -> str:
    """Return the host of a web address. Raises ValueError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:  # or ValueError, by itself
        raise ValueError("is no http or https address")
    return parts.hostname


def _address(host: str, *, private_allowed: bool) -> str:
    """Return the first address of *host* that may be asked. Raises NotArchivedError for none, OSError for no name."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    allowed = [address for address in found if private_allowed or is_public(address)]
    if not allowed:
        raise NotArchivedError(f"{host}: leads to {', '.join(sorted(set(found)))}, which is not public")
    return allowed[0]
