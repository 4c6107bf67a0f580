"""Which addresses are asked for, and which of them tonight."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy import Request
from w3lib.url import safe_url_string

from spiders.policy.scope import (
    Verdict,
    clean_url,
    is_article_link,
    is_due,
    make_host_key,
    postpone,
    refuse,
    resolve_redirect,
)
from storage.captures.exchange import ExchangeFacts
from storage.known import KnownCapture
from storage.model.outcome import Kind
from storage.surt import urlkey
from tests.shared import CountCases, needs_shared, read_cases
from tests.spiders.crawling import NIGHT, card, task_of

URL = "http://paper.test/a"
ARTICLE = ExchangeFacts(kind="article", purpose="article")


def known(looks: int, nights_ago: int, purpose: Kind = "article", url: str = "http://paper.test/a") -> KnownCapture:
    return KnownCapture(
        url=url,
        record_id="urn:uuid:1",
        target_uri=url,
        date="2026-11-01 00:00:00.000000",
        payload_digest="sha1:A",
        looks=looks,
        last_night=str(NIGHT - timedelta(days=nights_ago)),
        purpose=purpose,
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a/../b c?x=ä#frag", "http://paper.test/b%20c?x=%C3%A4"),
        (" HTTP://Paper.TEST:80/ ", "http://paper.test/"),
        ("//user:pw@exämple.test:8080/x|y", "http://xn--exmple-cua.test:8080/x%7Cy"),
        ("mailto:a@b.test", "mailto:a@b.test"),
        ("http://[::1", None),
        ("http://", None),
    ],
)
def test_a_url_is_cleaned_as_it_will_be_asked_for(url: str, expected: str | None) -> None:
    cleaned = clean_url(url, "http://paper.test/x")
    assert cleaned == expected
    if cleaned and cleaned.startswith("http"):
        assert Request(cleaned).url == clean_url(cleaned) == cleaned


@needs_shared
def test_links_resolve_as_in_a_browser(count_cases: CountCases) -> None:
    cases = read_cases("urls/whatwg_parse")
    cases = [case for case in cases if case["failure"] or case["protocol"] in ("http:", "https:")]
    for case in cases:
        expected = None
        if not case["failure"]:
            without_user = re.sub(r"^(https?://)[^/?#]*@", r"\1", case["href"].partition("#")[0])
            expected = safe_url_string(without_user)
        assert clean_url(case["input"], case["base"]) == expected, case["id"]
    count_cases("urls/whatwg_parse", len(cases))


@needs_shared
def test_a_host_of_any_script_is_asked_for_by_its_ascii_name(count_cases: CountCases) -> None:
    cases = read_cases("urls/whatwg_toascii")
    for case in cases:
        expected = f"https://{case['output']}/x" if case["output"] else None
        assert clean_url(f"https://{case['input']}/x") == expected, case["id"]
    count_cases("urls/whatwg_toascii", len(cases))


@needs_shared
def test_an_ipv4_address_in_any_disguise_is_told(count_cases: CountCases) -> None:
    cases = read_cases("urls/urlcanon_funky_ipv4")
    for case in cases:
        expected = f"http://{case['expected']}/" if case["expected"] else None
        assert clean_url(f"http://{case['input']}/") == expected, case["input"]
        if expected:
            assert urlkey(f"http://{case['input']}/") == urlkey(expected), case["input"]
    count_cases("urls/urlcanon_funky_ipv4", len(cases))


@needs_shared
def test_references_resolve_as_crawlers_resolve_them(count_cases: CountCases) -> None:
    cases = read_cases("urls/resolve")
    for case in cases:
        assert clean_url(case["input"], case["base"]) in map(clean_url, case["resolved"]), case
    count_cases("urls/resolve", len(cases))


@needs_shared
def test_two_spellings_of_a_path_with_dots_are_one_address(count_cases: CountCases) -> None:
    cases = read_cases("urls/urlcanon_path_dots")
    for case in cases:
        cleaned = clean_url(f"http://paper.test{case['input']}")
        assert cleaned is not None
        assert cleaned == clean_url(f"http://paper.test{case['expected']}"), case
    count_cases("urls/urlcanon_path_dots", len(cases))


def test_a_redirect_leads_where_its_location_says_whatever_its_octets() -> None:
    utf8 = "/é".encode().decode("latin-1")
    assert resolve_redirect(utf8, "http://a.test/x") == "http://a.test/%C3%A9"
    assert resolve_redirect("/caf\xe9", "http://a.test/x") == "http://a.test/caf%C3%A9"
    assert resolve_redirect("", "http://a.test/x") is None


def test_a_host_is_its_name_with_the_port_asked() -> None:
    assert make_host_key("https://paper.test/a") == "paper.test:443"
    assert make_host_key("http://paper.test:8080/a") == "paper.test:8080"


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("http://paper.test/news/a", None),
        ("https://paper.test/news/a", None),
        ("http://other.test/news/a", Verdict("refused", "scope")),
        ("http://paper.test/news/live/a", Verdict("refused", "scope")),
        ("http://paper.test/about", Verdict("refused", "scope")),
        ("ftp://paper.test/news/a", Verdict("refused", "scheme")),
        ("http://paper.test/news/" + "a" * 2000, Verdict("refused", "trap")),
        ("http://paper.test/news/x/x/x/x", Verdict("refused", "trap")),
    ],
)
def test_an_article_lies_on_the_cards_hosts_within_its_patterns(url: str, verdict: Verdict | None) -> None:
    source = card(include=("/news/",), exclude=("/live/",))
    assert refuse(source, url, ARTICLE) == verdict


@pytest.mark.parametrize("host", ["paper.test", "www.paper.test", "xn--ao-zja.test"])
def test_a_host_and_its_twin_with_www_are_one_newspaper(host: str) -> None:
    source = card(host=host)
    bare = host.removeprefix("www.")
    for own in (f"http://{bare}/a", f"https://www.{bare}/a"):
        assert refuse(source, own, ARTICLE) is None
    for foreign in (f"http://m.{bare}/a", f"http://www.m.{bare}/a", f"http://www-{bare}/a"):
        assert refuse(source, foreign, ARTICLE) == Verdict("refused", "scope")


def test_what_a_person_asks_for_need_not_fit_include() -> None:
    source = card(include=("/news/",), exclude=("/live/",))
    assert refuse(source, "http://paper.test/about", ARTICLE, asked=True) is None
    assert refuse(source, "http://paper.test/live/", ARTICLE, asked=True) == Verdict("refused", "scope")
    assert refuse(source, "http://other.test/", ARTICLE, asked=True) == Verdict("refused", "scope")


def test_discovery_documents_may_lie_on_any_host() -> None:
    assert refuse(card(), "http://feeds.test/x", ExchangeFacts(kind="feed", purpose="feed")) is None


@pytest.mark.parametrize(("looks", "nights"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 32), (40, 32)])
def test_the_nights_between_looks_double_up_to_thirty_two(looks: int, nights: int) -> None:
    assert is_due(known(looks, nights), None, NIGHT, card().looks)
    assert not is_due(known(looks, nights - 1), None, NIGHT, card().looks)


def test_a_card_may_have_a_ladder_of_its_own(tmp_path: Path) -> None:
    task = task_of(tmp_path, card(looks=(3,)))
    assert postpone(task, URL, known(1, 2), None, ARTICLE) == Verdict("skipped", "not_due")
    assert postpone(task, URL, known(9, 3), None, ARTICLE) is None


def test_a_known_article_waits_for_its_night_and_is_never_too_old(tmp_path: Path) -> None:
    task = task_of(tmp_path, card(recent_days=3))
    old = ExchangeFacts(kind="article", purpose="article", announced=datetime(2020, 1, 1, tzinfo=UTC))
    assert postpone(task, URL, known(1, 1), None, old) is None
    assert postpone(task, URL, known(2, 1), None, old) == Verdict("skipped", "not_due")
    assert postpone(task, URL, None, None, old) == Verdict("refused", "too_old")
    assert postpone(task.replace(fresh=True), URL, known(2, 1), None, old) is None


@pytest.mark.parametrize(("days_ago", "wanted"), [(0, True), (3, True), (4, False)])
def test_recent_days_are_counted_from_the_night(tmp_path: Path, days_ago: int, wanted: bool) -> None:
    announced = datetime(NIGHT.year, NIGHT.month, NIGHT.day, 23, 59, tzinfo=UTC) - timedelta(days=days_ago)
    facts = ExchangeFacts(kind="article", purpose="article", announced=announced)
    assert (postpone(task_of(tmp_path, card(recent_days=3)), URL, None, None, facts) is None) is wanted
    assert postpone(task_of(tmp_path, card(recent_days=None)), URL, None, None, facts) is None


@pytest.mark.parametrize(
    ("path", "is_article"),
    [
        ("/2026/11/24/mayor", True),
        ("/news/mayor-opens-new-bridge", True),
        ("/story/1234567", True),
        ("/?p=1234567", True),
        ("/politics/", False),
        ("/tag/football", False),
        ("/about-us", False),
        ("/img/2026/11/24/photo-of-the-mayor.jpg", False),
    ],
)
def test_a_link_on_a_page_is_an_article_by_date_number_or_slug(path: str, is_article: bool) -> None:
    assert is_article_link(card(), f"http://paper.test{path}") is is_article
    assert not is_article_link(card(), f"http://other.test{path}")
    assert is_article_link(card(include=("/about",)), f"http://paper.test{path}") is (path == "/about-us")
