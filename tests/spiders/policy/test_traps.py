"""What a site makes up without end is not asked for without end, and what another spelling gives is asked for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.policy.traps import Traps, make_shape
from spiders.policy.url_variants import spell_in_small_letters, spell_normally, strip_session, strip_tracking
from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, Reply, feed, sitemap

P = "http://paper.test"
HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (f"{P}/a?utm_source=rss&utm_medium=x", f"{P}/a"),
        (f"{P}/a?id=1&fbclid=x&b=%20", f"{P}/a?id=1&b=%20"),
        (f"{P}/a?at_medium=RSS", f"{P}/a"),
        (f"{P}/a?source=rss&b=&b", f"{P}/a?source=rss&b=&b"),
        (f"{P}/a?", f"{P}/a?"),
    ],
)
def test_tracking_parameters_are_told_from_those_that_name_a_page(url: str, plain: str) -> None:
    assert strip_tracking(url) == plain


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (f"{P}/a;jsessionid=1F.node2?x=1", f"{P}/a?x=1"),
        (f"{P}/(S(abcdefghijklmnopqrstuvwx))/a.aspx", f"{P}/a.aspx"),
        (f"{P}/a?PHPSESSID=abc&x=1", f"{P}/a?x=1"),
        (f"{P}/a?sid={HEX}", f"{P}/a"),
        (f"{P}/a?sid=sport&session=spring", f"{P}/a?sid=sport&session=spring"),
    ],
)
def test_session_ids_are_told_from_names(url: str, plain: str) -> None:
    assert strip_session(url) == plain


def test_a_shape_is_an_address_without_its_numbers_and_values() -> None:
    assert make_shape(f"{P}/2026/11/24/mayor-17.html?b=2&a=x") == "paper.test/0/0/0/mayor-0.html?a&b"


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/events/2026/11/{}/", 50),
        ("/calendar?month={}", 50),
        ("/news/page/{}", 50),
        ("/list?offset={}&sort=new", 50),
        ("/story/{}", 5000),
        ("/view?id={}&page=1", 5000),
        ("/view?date=20261124&id={}", 5000),
    ],
)
def test_a_shape_is_asked_for_so_often_and_no_more(address: str, most: int) -> None:
    traps = Traps()
    refused = [traps.refuse(P + address.format(number)) for number in range(1, most + 2)]
    assert refused[:most] == [None] * most
    assert (reason := refused[most]) is not None and str(most) in reason


def test_articles_with_names_of_their_own_are_no_trap_until_a_host_has_too_many() -> None:
    traps = Traps()
    names = ("".join(chr(97 + int(digit)) for digit in str(number)) for number in range(20_001))
    refused = [traps.refuse(f"{P}/2026/11/24/{name}") for name in names]
    assert refused[:-1] == [None] * 20_000
    assert refused[-1] == "more than 20000 new addresses on paper.test"


def test_an_origin_that_makes_up_addresses_is_asked_for_few_of_them(tmp_path: Path) -> None:
    """Calendars, session ids, lists without end: each is an outcome, and the true articles are all asked for."""
    calendar = [
        f"{P}/events/{year}/{month:02}/{day:02}/" for year in (2026, 2027) for month in (1, 2) for day in range(1, 29)
    ]
    pages = [f"{P}/2026/11/24/page/{number}" for number in range(1, 101)]
    sessions = [f"{P}/2026/11/24/lead;jsessionid={number:032X}" for number in range(100)]
    rising = [f"{P}{'/2026/11' * times}/" for times in range(3, 6)]
    true = [f"{P}/2026/11/24/article-{name}" for name in ("one", "two", "three")]
    links = "".join(f'<a href="{url}">x</a>' for url in [*calendar, *pages, *sessions, *rising, *true])
    with Press() as press:
        press.put(f"{P}/", links)
        for url in true:
            press.put(url, url)
        source = card(discoveries=(Discovery(kind="section", url=f"{P}/"),), delay_seconds=0)
        run = Run(press, task_of(tmp_path, source)).wait()
    ends = run.ends()
    traps = {url for url, end in ends.items() if end == "refused trap"}
    assert set(ends) >= {*calendar, *pages, *sessions, *rising, *true}
    assert [ends[url] for url in true] == ["captured"] * 3
    assert [len(traps & set(made_up)) for made_up in (calendar, pages, sessions, rising)] == [62, 50, 99, 3]
    assert not traps & set(press.arrived)
    assert all(run.outcomes()[url].detail for url in traps - set(rising))


def test_two_spellings_of_one_article_are_asked_for_once(tmp_path: Path) -> None:
    named = tuple(Discovery(kind=kind, url=f"{P}/{kind}") for kind in ("feed", "sitemap"))
    with Press() as press:
        press.put(f"{P}/feed", feed("/a?utm_source=rss", "/gone?utm_source=rss", "/moved?utm_source=rss"))
        press.put(f"{P}/sitemap", sitemap(*(f"{P}/{name}" for name in ("a", "gone", "moved", "gone?fbclid=1"))))
        press.put(f"{P}/a?utm_source=rss", "a")
        press.put(f"{P}/gone", "not gone")
        press.redirect(f"{P}/moved?utm_source=rss", f"{P}/moved")
        press.put(f"{P}/moved", "moved")
        run = Run(press, task_of(tmp_path, card(discoveries=named))).wait()
    ends = run.ends()
    assert ends[f"{P}/a?utm_source=rss"] == "captured"
    assert (ends[f"{P}/a"], run.outcomes()[f"{P}/a"].detail) == ("skipped duplicate", f"{P}/a?utm_source=rss")
    assert (ends[f"{P}/gone?utm_source=rss"], ends[f"{P}/gone"]) == ("failed http_404", "captured")
    assert ends[f"{P}/gone?fbclid=1"] == "skipped duplicate"
    assert ends[f"{P}/moved"] == "captured"


def test_a_link_with_a_date_and_a_person_are_no_trap(tmp_path: Path) -> None:
    asked = tuple(f"{P}/calendar?month={number}" for number in range(60))
    with Press() as press:
        for url in asked:
            press.put(url, Reply(body=b"x"))
        source = card(delay_seconds=0, include=("/never/",))
        run = Run(press, task_of(tmp_path, source, urls=asked, only_urls=True)).wait()
    assert all(run.ends()[url] in ("captured", "unchanged") for url in asked)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://a.test/ma%c3%b1ana?q=%c3%a1", "http://a.test/ma%C3%B1ana?q=%C3%A1"),
        ("http://a.test/%7Euser/%41%2dz%5f%2E", "http://a.test/~user/A-z_."),
        ("http://a.test/a%2fb%3fc%23d%25e%20f%2B", "http://a.test/a%2Fb%3Fc%23d%25e%20f%2B"),
        ("http://a.test/100%/%zz/%4", "http://a.test/100%/%zz/%4"),
        ("http://a.test/%2541", "http://a.test/%2541"),
        ("http://a.test/plain", "http://a.test/plain"),
    ],
)
def test_an_address_has_one_normal_spelling(url: str, normal: str) -> None:
    assert spell_normally(url) == normal == spell_normally(normal)
    assert spell_normally(spell_in_small_letters(normal)) == normal
