"""The download of one page for a person, which is not archived: limited in bytes, redirects and time."""

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
from storage.model.errors import NoMainTextError, NotArchivedError, SeedError
from storage.warc.http import make_decoder

MAX_REDIRECTS = 5
MAX_SECONDS = 60.0
_MAX_SILENT_SECONDS = 30.0


def download(url: str, contact: str, now: datetime, seconds: float = MAX_SECONDS) -> Page:
    """Return the page at *url* as it is served now, redirects followed, all within *seconds*.

    Only the host in *url* may be on a private network, never that of a redirect. Each connection goes to the address
    that was checked. Raises SeedError for no web address or no *contact*, NotArchivedError when there is no page.
    """
    try:
        typed = _read_host(url)
    except ValueError as error:
        raise SeedError(f"{url}: {error}") from error
    if not contact.strip() and not is_loopback(typed):
        raise SeedError("HEMEROTECA_CONTACT: set an address at which publishers can reach you, to ask one for a page")
    return asyncio.run(_follow_within(seconds, url, user_agent(SOFTWARE_VERSION, contact), now))


async def _follow_within(seconds: float, url: str, agent: str, now: datetime) -> Page:
    try:
        async with asyncio.timeout(seconds):
            return await _follow(url, agent, now)
    except TimeoutError as error:
        raise NotArchivedError(f"{url}: not served within {seconds:g} s") from error


async def _follow(url: str, agent: str, now: datetime) -> Page:
    typed = _read_host(url)
    headers = {"User-Agent": agent, "Accept": "text/html,application/xhtml+xml,*/*;q=0.5"}
    async with httpx.AsyncClient(timeout=_MAX_SILENT_SECONDS, trust_env=False, headers=headers) as client:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                response, body = await _fetch(client, url, typed)
                if not response.has_redirect_location:
                    break
                url = urljoin(url, response.headers["location"])
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                raise NotArchivedError(f"{url}: {error or type(error).__name__}") from error
        else:
            raise NotArchivedError(f"{url}: more than {MAX_REDIRECTS} redirects")
    if response.status_code != httpx.codes.OK:
        raise NotArchivedError(f"{url}: answered {response.status_code}")
    return Page(body, response.headers.get("content-type"), url, now)


async def _fetch(client: httpx.AsyncClient, url: str, typed: str) -> tuple[httpx.Response, bytes]:
    host = _read_host(url)
    address = _find_address(host, private_allowed=host == typed)
    asked = httpx.URL(url)
    request = client.build_request(
        "GET", asked.copy_with(host=address), headers={"Host": asked.netloc.decode()},
        extensions={"sni_hostname": asked.raw_host.decode()},
    )  # fmt: skip
    response = await client.send(request, stream=True)
    try:
        decoder = make_decoder(response.headers.raw, MAX_PAGE_BYTES)
        body = bytearray()
        async for piece in response.aiter_raw():
            body += b"".join(decoder.feed(piece))
        return response, bytes(body) + b"".join(decoder.end())
    except NoMainTextError as error:
        raise NotArchivedError(f"{url}: {error}") from error
    finally:
        await response.aclose()


def _read_host(url: str) -> str:
    """Return the host of a web address. Raises ValueError for anything else."""
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    ):  # reading ``port`` may raise it too
        raise ValueError("is no http or https address")
    return parts.hostname


def _find_address(host: str, *, private_allowed: bool) -> str:
    """Return the first allowed address of *host*. Raises NotArchivedError for none, OSError when it has no address."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    allowed = [address for address in found if private_allowed or is_public(address)]
    if not allowed:
        raise NotArchivedError(f"{host}: leads to {', '.join(sorted(set(found)))}, which is not public")
    return allowed[0]
