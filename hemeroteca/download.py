"""One page asked for by a person, to be read and not archived: an honest request, bounded in bytes, hops and time."""

from __future__ import annotations

import socket
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import httpx

from hemeroteca.extraction.extractor import MAX_PAYLOAD_BYTES
from hemeroteca.extraction.frames import Page
from spiders.addresses import is_loopback, is_public
from spiders.settings import SOFTWARE_VERSION, user_agent
from storage.model.errors import NotArchivedError, SeedError

MOST_HOPS = 5
SECONDS = 30.0


def download(url: str, contact: str, now: datetime) -> Page:
    """Return the page at *url* as it is served now.

    Only the host that was typed may lie on a private network; a redirect never leads to another there, and each
    connection goes to the address that was checked. Raises SeedError for no web address or no *contact*,
    NotArchivedError when there is no page.
    """
    typed = urlsplit(url).hostname or ""
    if not contact.strip() and not is_loopback(typed):
        raise SeedError("HEMEROTECA_CONTACT: set an address at which publishers can reach you, to ask one for a page")
    headers = {
        "User-Agent": user_agent(SOFTWARE_VERSION, contact),
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.5",
    }
    with httpx.Client(timeout=SECONDS, trust_env=False, headers=headers) as client:
        for _ in range(MOST_HOPS + 1):
            try:
                response, body = _ask(client, url, typed)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise NotArchivedError(f"{url}: {error or type(error).__name__}") from error
            if not response.has_redirect_location:
                break
            url = urljoin(url, response.headers["location"])
        else:
            raise NotArchivedError(f"{url}: more than {MOST_HOPS} redirects")
    if response.status_code != httpx.codes.OK:
        raise NotArchivedError(f"{url}: answered {response.status_code}")
    return Page(body, response.headers.get("content-type"), url, now)


def _ask(client: httpx.Client, url: str, typed: str) -> tuple[httpx.Response, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SeedError(f"{url}: is no http or https address")
    address = _address(parts.hostname, private_allowed=parts.hostname == typed)
    asked = httpx.URL(url)
    request = client.build_request(
        "GET", asked.copy_with(host=address), headers={"Host": asked.netloc.decode()},
        extensions={"sni_hostname": asked.raw_host.decode()},
    )  # fmt: skip
    response = client.send(request, stream=True)
    try:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_PAYLOAD_BYTES:
                raise NotArchivedError(f"{url}: more than {MAX_PAYLOAD_BYTES} bytes")
        return response, bytes(body)
    finally:
        response.close()


def _address(host: str, *, private_allowed: bool) -> str:
    """Return the first address of *host* that may be asked. Raises NotArchivedError for none, OSError for no name."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    allowed = [address for address in found if private_allowed or is_public(address)]
    if not allowed:
        raise NotArchivedError(f"{host}: leads to {', '.join(sorted(set(found)))}, which is not public")
    return allowed[0]
