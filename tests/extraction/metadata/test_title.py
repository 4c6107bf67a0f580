"""The headline among everything that a page calls its title."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.metadata.title import cut_site_name, read_title
from tests.extraction.markup import markup, meta, news
from tests.extraction.pages import HEADLINE

SITE = "<title>The harbour crane turns again - El Faro</title>"


@pytest.mark.parametrize(
    ("body", "head", "known"),
    [
        (f"<h1>{HEADLINE}</h1>", SITE, "h1"),
        (f"<h1><a href='/'>El Faro</a></h1><h1>{HEADLINE}</h1>", SITE, "h1"),
        (f"<nav><h1>Menu</h1></nav><h1>{HEADLINE}</h1><h1>Most read</h1>", SITE, "h1"),
        (f"<h1>El Faro</h1><h2>{HEADLINE}</h2>", SITE, "h2"),
        (f"<h1><span>Port</span><span>{HEADLINE}</span></h1>", SITE + meta(og_title=HEADLINE), "h1"),
        (f"<h1>{HEADLINE}<style>.a {{}}</style></h1>", SITE, "h1"),
        ("<h1>News</h1>", SITE + news(headline=HEADLINE) + meta(og_title=HEADLINE), "json-ld:headline"),
        ("<p>Text</p>", meta(og_title=f"{HEADLINE} | El Faro", og_site_name="El Faro"), "meta:og:title"),
        ("<p>Text</p>", SITE + meta(og_site_name="El Faro"), "title"),
    ],
)
def test_the_headline_is_what_headings_and_markup_agree_on(body: str, head: str, known: str) -> None:
    title, source, _ = read_title(markup(body, head))
    assert (title, source) == (HEADLINE, known)


def test_markup_written_for_search_engines_does_not_replace_the_headline_that_readers_see() -> None:
    head = "<title>Crane in harbour: all news about it</title>" + meta(og_title="Crane in harbour: all news about it")
    assert read_title(markup("<h1>The crane in our harbour</h1>", head))[0] == "The crane in our harbour"


@pytest.mark.parametrize("name", ['<meta property="og:site_name"', '<meta name="application-name"'])
def test_a_headline_that_the_page_calls_its_sites_name_is_a_headline(name: str) -> None:
    head = f'<title>{HEADLINE}</title>{name} content="{HEADLINE}">'
    body = f"<h1>{HEADLINE}</h1><p>Text</p><h2>More from El Faro</h2>"
    assert read_title(markup(body, head))[:2] == (HEADLINE, "h1")
    japanese = "港湾委員会、東桟橋を再建へ"
    head = f'<title>{japanese}</title>{name} content="{japanese}">'
    assert read_title(markup(f"<h1>{japanese}</h1><h2>関連</h2>", head))[0] == japanese


def test_a_front_page_is_called_as_its_site() -> None:
    head = "<title>El Faro</title>" + meta(og_title="El Faro", og_site_name="El Faro")
    title = read_title(markup("<h2>The crane turns</h2>", head, url="https://faro.hemeroteca.test/"))
    assert title[:2] == ("El Faro", "meta:og:title")


def test_the_only_heading_stands_though_search_engines_are_told_another() -> None:
    head = "<title>Eastern pier: cost, dates, plans | El Faro</title>" + meta(
        og_title="Eastern pier: cost, dates, plans"
    )
    assert read_title(markup("<h1>They said it could not be built</h1>", head))[0] == "They said it could not be built"
    section = "<h1>Local news</h1><h2>Eastern pier: cost, dates, plans</h2>"
    assert read_title(markup(section, head))[0] == "Eastern pier: cost, dates, plans"


def test_a_kicker_belongs_to_the_title_where_all_of_the_markup_has_it() -> None:
    full = f"Port: {HEADLINE}"
    h1 = f"<h1>{HEADLINE}</h1>"
    assert read_title(markup(h1, news(headline=full) + meta(og_title=full)))[:2] == (full, "json-ld:headline")
    assert read_title(markup(h1, news(headline=HEADLINE) + meta(og_title=full)))[0] == HEADLINE


def test_short_parts_after_a_bar_are_sections_and_sites() -> None:
    assert read_title(markup(f"<h1>{HEADLINE} | Port | The Faro News Site</h1>"))[0] == HEADLINE
    two = f"{HEADLINE} | And everybody in town came to see it"
    assert read_title(markup(f"<h1>{two}</h1>"))[0] == two


def test_a_date_around_a_headline_is_no_part_of_it() -> None:
    h1 = f"<h1><span>Dec</span> <a href='/x'>{HEADLINE}</a> <span>18</span> <span>2025</span></h1>"
    assert read_title(markup(h1, meta(og_title=HEADLINE)))[0] == HEADLINE


def test_every_title_is_kept_with_its_source() -> None:
    head = SITE + meta(og_title="Crane turns") + news(headline="Harbour crane turns")
    candidates = read_title(markup(f"<h1>{HEADLINE}</h1>", head))[2]
    assert [(one.source, one.value) for one in candidates] == [
        ("h1", HEADLINE),
        ("json-ld:headline", "Harbour crane turns"),
        ("meta:og:title", "Crane turns"),
        ("title", f"{HEADLINE} - El Faro"),
    ]


def test_a_page_without_any_title_says_so() -> None:
    assert read_title(markup("<p>Text</p>"))[:2] == (None, "none: no heading and no title")


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Crane turns | Port | El Faro", "Crane turns | Port"),
        ("El Faro: Crane turns", "Crane turns"),
        ("Crane turns — El Faro", "Crane turns"),
        ("El Faro » Blog Archive » Crane turns", "Crane turns"),
        ("Crane - turns", "Crane - turns"),
        ("El Faro", "El Faro"),
        ("-" * 5_000, "-" * 5_000),
    ],
)
def test_the_sites_name_is_no_part_of_a_title(title: str, bare: str) -> None:
    assert cut_site_name(title, {"el faro"}) == bare
