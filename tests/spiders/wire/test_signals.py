"""What a response says of itself, read from its bytes as they crossed the wire."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from spiders.wire.signals import find_page_facts
from storage.captures.exchange import Exchange, ExchangeFacts
from storage.model.outcome import Kind
from storage.model.page_facts import PageFacts, Signals

NOTHING = Signals()
URL = "https://paper.test/news/a?x=1"


def page(
    body: str = "", *headers: str, status: int = 200, elsewhere: Signals = NOTHING, purpose: Kind = "article"
) -> PageFacts:
    facts = ExchangeFacts(kind=purpose, purpose=purpose, signals=elsewhere)
    exchange = Exchange(URL, "GET", facts, lambda: datetime(2026, 11, 25, tzinfo=UTC))
    lines = (f"HTTP/1.1 {status} OK", "Content-Type: text/html; charset=utf-8", "Content-Encoding: gzip", *headers)
    packed = gzip.compress(body.encode())
    exchange.received("\r\n".join((*lines, f"Content-Length: {len(packed)}", "", "")).encode() + packed)
    exchange.end()
    return find_page_facts(exchange)


def test_a_plain_page_says_nothing() -> None:
    assert page("<html><head><title>Mayor opens bridge</title></head><p>It is open.") == PageFacts()


def test_headers_and_metas_are_recorded_as_they_are() -> None:
    found = page(
        '<head><meta name="robots" content="noai, noimageai"><META content=noarchive NAME=robots>'
        "<meta name='hemeroteca' content='noindex'><meta name=googlebot content=nosnippet>",
        "X-Robots-Tag: googlebot: noindex",
        "x-robots-tag: noarchive",
        "Content-Signal: search=yes, ai-train=no",
    )
    assert found.robots_header == "noarchive, googlebot: noindex"
    assert found.robots_meta == "noai, noimageai, noarchive, noindex"
    assert found.content_signal == "search=yes, ai-train=no"


def test_a_bracket_in_an_attribute_hides_no_meta() -> None:
    assert page('<head><meta content="1 < 2 < 3, noindex" name="robots">').robots_meta == "1 < 2 < 3, noindex"
    assert page('<head><meta name="description" content="on <robots> and men">').robots_meta is None


def test_the_page_speaks_before_the_header_and_that_before_the_origins_file() -> None:
    elsewhere = Signals(tdm_reservation=True, tdm_policy="https://paper.test/file", content_signal="ai-train=no")
    header = ("TDM-Reservation: 1", "TDM-Policy: /header")
    meta = '<meta name="tdm-reservation" content="0"><meta name="tdm-policy" content="/meta">'
    assert page(elsewhere=elsewhere).tdm_policy == "https://paper.test/file"
    assert page(elsewhere=elsewhere).content_signal == "ai-train=no"
    by_header = page("", *header, "Content-Signal: ai-train=yes", elsewhere=elsewhere)
    assert (by_header.tdm_reservation, by_header.tdm_policy) == (True, "https://paper.test/header")
    assert by_header.content_signal == "ai-train=yes"
    by_meta = page(meta, *header, elsewhere=elsewhere)
    assert (by_meta.tdm_reservation, by_meta.tdm_policy) == (False, "https://paper.test/meta")
    assert page("", "TDM-Reservation: 2").tdm_reservation is None


def test_links_to_its_own_address_are_absolute_and_those_in_comments_are_none() -> None:
    found = page(
        "<head><!-- <link rel=canonical href=/wrong> --><link href='/news/a?b&amp;c' rel='nofollow canonical'>"
        "<link rel=amphtml href='//amp.paper.test/a'>"
    )
    assert (found.canonical, found.amphtml) == ("https://paper.test/news/a?b&c", "https://amp.paper.test/a")
    assert page("", 'Link: </x>; rel="preload", </c>; rel="canonical"').canonical == "https://paper.test/c"
    assert page("<link rel=canonical href='http://[x'>").canonical is None


@pytest.mark.parametrize(
    ("facts", "evidence"),
    [
        (page(status=403), "blocked: status 403"),
        (page(status=451), "blocked: status 451"),
        (page(status=401), "login_wall: status 401"),
        (page(status=402), "paywall: status 402"),
        (page("<title>Page not found - Paper</title>"), "soft_404: title Page not found - Paper"),
        (page("<title>404 | Diario</title>"), "soft_404: title 404 | Diario"),
        (page("<title>Log in to continue</title>"), "login_wall: title Log in to continue"),
        (page("<title>Iniciar sesión | Diario</title>"), "login_wall: title Iniciar sesión | Diario"),
        (page("<title>Before you continue</title>"), "consent_wall: title Before you continue"),
        (page("", "Location: /", status=302), "soft_404: redirects to the home page https://paper.test/"),
        (
            page("", "Location: http://www.paper.test/?404", status=302),
            "soft_404: redirects to the home page http://www",
        ),
        (page("", "Location: https://es.paper.test", status=302), "soft_404: redirects to the home page https://es"),
        (page('<meta http-equiv="refresh" content="0;url=/">'), "soft_404: redirects to the home page https://paper"),
        (page('<meta http-equiv=refresh content="0;url=/login">'), "login_wall: redirects to https://paper.test/login"),
        (page("", "Location: /login?to=a", status=302), "login_wall: redirects to https://paper.test/login?to=a"),
        (page("", "Location: //consent.x.test/", status=302), "consent_wall: redirects to https://consent.x.test/"),
        (page("", "cf-mitigated: challenge", status=403), "captcha: cf-mitigated challenge"),
        (page("<title>Just a moment...</title>", status=503), "captcha: title Just a moment..."),
        (page("<script>window._cf_chl_opt={}</script>", status=403), "captcha: _cf_chl_opt"),
        (page('<script>{"isAccessibleForFree" : "False"}'), "paywall: json-ld isAccessibleForFree=false"),
        (
            page('{"isAccessibleForFree":true,"isAccessibleForFree":false}'),
            "paywall: json-ld isAccessibleForFree=false",
        ),
        (page('<meta property="article:content_tier" content="locked">'), "paywall: meta article:content_tier=locked"),
    ],
)
def test_a_flag_has_its_evidence(facts: PageFacts, evidence: str) -> None:
    assert any(line.startswith(evidence) for line in facts.evidence), facts.evidence
    assert evidence.partition(":")[0] in facts.flags


@pytest.mark.parametrize(
    "facts",
    [
        page("<title>Not found: the lost city of gold</title>"),
        page("<title>404 homes burned</title>"),
        page("<title>Connexion rétablie entre Paris et Lyon</title>"),
        page("<title>Page not found</title>", status=404),
        page('<form class="g-recaptcha">Comment</form>'),
        page('{"isAccessibleForFree":true}<meta property="article:content_tier" content="free">'),
        page("", "Location: /news/b", status=301),
        page("", "Location: http://shop.test/?ref=paper", status=302),
        page("", "Location: http://newspaper.test/", status=302),
        page("", "Location: https://paper.test/", status=301, purpose="section"),
    ],
)
def test_a_headline_a_form_or_a_free_page_is_no_evidence(facts: PageFacts) -> None:
    assert facts.flags == ()


def test_a_wall_at_the_root_of_a_host_is_no_soft_404() -> None:
    assert page("", "Location: https://consent.paper.test/?to=a", status=302).flags == ("consent_wall",)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("0; url=/b", "https://paper.test/b"),
        ("0;URL='b?c=1&amp;d=2'", "https://paper.test/news/b?c=1&d=2"),
        ("  5 , url = //other.test/x ", "https://other.test/x"),
        ("0.5; /b", "https://paper.test/b"),
        ("3 b", "https://paper.test/news/b"),
        ("6; url=/b", None),
        ("300", None),
        ("", None),
        ("url=/b", None),
        ("0; url=", None),
        (f"0; url={URL}#top", None),
        ("0; url=http://[x", None),
    ],
)
def test_a_refresh_within_five_seconds_leads_on_to_another_page(value: str, target: str | None) -> None:
    assert page(f"<head><META content=\"{value}\" HTTP-EQUIV='Refresh'></head>").refresh == target
    assert page("", f"Refresh: {value.replace('&amp;', '&')}").refresh == target
    assert page("", f"Refresh: {value}", status=404).refresh is None
    assert page("", f"Refresh: {value}", purpose="robots").refresh is None


def test_a_page_that_loads_itself_again_leads_on_only_at_once_and_with_a_cookie() -> None:
    assert page("", f"Refresh: 0; url={URL}", "Set-Cookie: seen=1").refresh == URL
    assert page("", f"Refresh: 5; url={URL}", "Set-Cookie: seen=1").refresh is None
    assert page("", f"Refresh: 0; url={URL}").refresh is None


@pytest.mark.parametrize(
    "around", ["<!-- {} -->", "<noscript>{}</noscript>", "<script>document.write('{}')</script>", "</head>{}"]
)
def test_a_refresh_that_no_browser_follows_leads_nowhere(around: str) -> None:
    assert page(around.format("<meta http-equiv=refresh content=0;url=/b>")).refresh is None
    assert page(around.format("") + "<head><meta http-equiv=refresh content=0;url=/b>").refresh == (
        "https://paper.test/b" if "/head" not in around else None
    )


def test_nothing_but_html_is_searched() -> None:
    exchange = Exchange(
        URL, "GET", ExchangeFacts(kind="feed", purpose="feed"), lambda: datetime(2026, 11, 25, tzinfo=UTC)
    )
    body = b"<title>Page not found</title><link rel=canonical href=/x>"
    exchange.received(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    exchange.end()
    assert find_page_facts(exchange) == PageFacts()
