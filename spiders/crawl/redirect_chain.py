"""A chain of redirects: the addresses it requested, and the cookies its responses set, forgotten afterwards.

A page that redirects to itself, or to a check that leads back, so that the reader has a cookie, is asked for again with
it. Where nothing was set since, the chain is a loop.
"""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

from scrapy import Request
from scrapy.http import Response
from scrapy.http.cookies import CookieJar

MAX_REDIRECTS = 5
_POLICY = DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)
"""A cookie that names no domain is for its own host alone (RFC 6265), not for those below it."""
_MOST_COOKIES = 20
_MOST_COOKIE_BYTES = 8192
"""Of all cookies that one answer sets; what comes after them is passed over."""
_SET_COOKIE = "Set-Cookie"


class RedirectChain:
    """One chain, from the address that somebody wanted."""

    def __init__(self) -> None:
        self._sent: dict[str, bytes] = {}
        """The cookies that each address was last asked with, in the order of the chain."""
        self._jar: CookieJar | None = None
        self._redirects = 0

    def ask(self, request: Request) -> None:
        """Note *request*, and give it the cookies that are for it."""
        self._sent[request.url] = self._add_cookies(request)

    def _add_cookies(self, request: Request) -> bytes:
        if self._jar is not None:
            self._jar.add_cookie_header(request)
        return bytes(request.headers.get("Cookie") or b"")

    def note_redirect(self, response: Response) -> None:
        """Keep the cookies that *response*, a redirect, sets."""
        self._redirects += 1
        room = _MOST_COOKIES - (len(self._jar) if self._jar is not None else 0)
        cookies = response.headers.getlist(_SET_COOKIE)[:room]
        while sum(map(len, cookies)) > _MOST_COOKIE_BYTES:
            cookies.pop()
        if cookies and response.request is not None:
            self._jar = self._jar or CookieJar(_POLICY)
            self._jar.extract_cookies(response.replace(headers={_SET_COOKIE: cookies}), response.request)

    def __contains__(self, url: str) -> bool:
        return url in self._sent

    def may_ask_again(self, url: str) -> bool:
        """Say whether *url*, which was asked for, has new cookies to be asked with."""
        return self._redirects <= MAX_REDIRECTS and self._add_cookies(Request(url)) != self._sent[url]

    def since(self, url: str) -> list[str]:
        """Return the addresses that were asked for from *url* on."""
        asked = list(self._sent)
        return asked[asked.index(url) :]
