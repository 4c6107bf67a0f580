"""The cookies of a chain of redirects: to whom they are sent, and how many are kept."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.http import Response

from spiders.crawl.redirect_chain import MAX_REDIRECTS, RedirectChain


def answer(chain: RedirectChain, url: str, *cookies: str) -> str | None:
    """Ask for *url* in *chain*, let it redirect and set *cookies*; return the cookies that were sent."""
    request = Request(url)
    chain.ask(request)
    headers = {"Set-Cookie": [cookie.encode() for cookie in cookies]} if cookies else {}
    chain.note_redirect(Response(url, status=302, headers=headers, request=request))
    sent = request.headers.get("Cookie")
    return sent.decode() if sent else None


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("a=1", "http://paper.test/x", "a=1"),
        ("a=1; Path=/x", "http://paper.test/y", None),
        ("a=1; Domain=paper.test", "http://www.paper.test/", "a=1"),
        ("a=1", "http://www.paper.test/", None),
        ("a=1; Domain=other.test", "http://other.test/", None),
        ("a=1; Secure", "http://paper.test/x", None),
        ("a=1; Max-Age=0", "http://paper.test/x", None),
    ],
)
def test_a_cookie_goes_to_whom_it_is_for(cookie: str, url: str, sent: str | None) -> None:
    chain = RedirectChain()
    assert answer(chain, "http://paper.test/", cookie) is None
    assert answer(chain, url) == sent


def test_an_address_may_be_asked_again_only_with_other_cookies() -> None:
    chain, url = RedirectChain(), "http://paper.test/"
    answer(chain, url)
    assert not chain.may_ask_again(url)
    answer(chain, f"{url}check", "a=1; Path=/")
    assert url in chain and chain.may_ask_again(url)
    assert chain.since(url) == [url, f"{url}check"]
    answer(chain, url, "a=1; Path=/")
    assert not chain.may_ask_again(url), "the same cookie again"
    for number in range(MAX_REDIRECTS):
        answer(chain, url, f"a={number + 2}")
    assert not chain.may_ask_again(url), "too many redirects"


def test_cookies_are_bounded() -> None:
    chain, url = RedirectChain(), "http://paper.test/"
    for start in (0, 15, 30):
        answer(chain, url, *(f"c{start + n}=1" for n in range(15)))
    sent = answer(chain, url) or ""
    assert len(sent.split("; ")) == 20
    long = RedirectChain()
    answer(long, url, "a=1", "b=" + "x" * 9000, "c=1")
    assert answer(long, url) == "a=1"
