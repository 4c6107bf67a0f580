"""A newspaper is found out about from its front page alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.sources.survey_findings import make_survey_card
from hemeroteca.configuration import read_settings
from storage.model.errors import SeedError
from tests.cli.conftest import Run
from tests.seeds.cards import read_card
from tests.spiders.press import Press, feed, sitemap, sitemap_index

HOME = "http://www.paper.test/"
NOW = datetime.now(UTC)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def put_newspaper(press: Press) -> None:
    """A newspaper that says where everything is: its bare name leads to its front page."""
    press.redirect("http://paper.test/", HOME)
    press.put(
        HOME,
        '<html lang="es_ES"><title>El Papel: diario de todos</title><a href="/2026/11/24/una-noticia">x</a>'
        '<link rel="alternate" type="application/rss+xml" href="/portada.xml"><a href="/rss/">RSS</a>',
    )
    press.put(f"{HOME}rss/", '<html><a href="/rss/deportes.xml">d</a><a href="/rss/secreto.xml">s</a></html>')
    press.put(f"{HOME}robots.txt", f"User-agent: *\nDisallow: /rss/secreto\nSitemap: {HOME}maps.xml\n")
    dated = (NOW - timedelta(hours=2)).isoformat()
    press.put(f"{HOME}maps.xml", sitemap_index(f"{HOME}old.xml", f"{HOME}news-map.xml"))
    press.put(f"{HOME}news-map.xml", sitemap((f"{HOME}a", dated), ("http://blogs.paper.test/b", dated)))
    press.put(f"{HOME}old.xml", sitemap((f"{HOME}c", "2001-01-01")))
    press.put(f"{HOME}portada.xml", feed("/a", "/b"))
    press.put(f"{HOME}rss/deportes.xml", feed("/d"))


def test_a_newspaper_is_added_with_what_it_says_of_itself(
    press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]
) -> None:
    put_newspaper(press)
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    said = hemeroteca("sources", "add", "http://paper.test", **settings)
    assert said.returncode == 0, said.stderr
    path = home / "seeds/paper.yaml"
    assert path.read_text() == said.stdout
    card = read_card(path)
    assert (card.id, card.title, card.language, card.homepage) == ("paper", "El Papel", "es-ES", HOME)
    assert not card.enabled and "sources enable paper" in said.stderr
    assert [(one.kind, one.url.removeprefix(HOME)) for one in card.discoveries] == [
        ("feed", "portada.xml"),
        ("feed", "rss/deportes.xml"),
        ("sitemap", "news-map.xml"),
        ("section", ""),
    ]
    assert card.hosts == ("www.paper.test", "paper.test", "blogs.paper.test")
    assert f"# feed {HOME}portada.xml: 2 entries, no dates, named in {HOME}" in said.stdout
    assert f"# feed {HOME}rss/: is not a feed" in said.stdout
    asked = {url.removeprefix(HOME) for url in press.arrived}
    assert not asked & {"a", "b", "2026/11/24/una-noticia"}, "articles are left alone"
    assert not asked & {"feed/", "sitemap.xml", "rss/secreto.xml"}, "nothing is guessed, nothing forbidden asked for"
    assert hemeroteca("ls", HOME, **settings).returncode == 0, "what was asked is archived"
    again = hemeroteca("sources", "add", "http://paper.test", **settings)
    assert again.returncode == 2 and "already" in again.stderr


def test_an_outline_gives_its_feeds(press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]) -> None:
    press.put(HOME, '<html lang="en"><a href="/feeds.opml">All our feeds</a>')
    press.put(f"{HOME}feeds.opml", f'<opml><body><outline><outline xmlUrl="{HOME}one.xml"/></outline></body></opml>')
    press.put(f"{HOME}one.xml", feed("/a"))
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    assert hemeroteca("sources", "add", HOME, **settings).returncode == 0
    assert read_card(home / "seeds/paper.yaml").discoveries[0].url == f"{HOME}one.xml"


def test_usual_places_are_the_last_resort(press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]) -> None:
    press.put(HOME, "<title>Paper</title>")
    press.put(f"{HOME}rss.xml", feed("/a"))
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    said = hemeroteca("sources", "add", HOME, "--id", "xx-paper", **settings)
    assert said.returncode == 0, said.stderr
    card = read_card(home / "seeds/xx-paper.yaml")
    assert [one.url.removeprefix(HOME) for one in card.discoveries] == ["rss.xml", ""]
    assert card.language == "und" and "does not say its language" in said.stdout
    asked = [url.removeprefix(HOME) for url in press.arrived]
    assert asked[:4] == ["robots.txt", "", "feed/", "rss.xml"] and "rss" not in asked
    assert f"# sitemap {HOME}sitemap.xml: answered 404" in said.stdout


def test_robots_txt_is_obeyed_unless_it_is_said_aloud(
    press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]
) -> None:
    press.put(f"{HOME}robots.txt", "User-agent: *\nDisallow: /\n")
    press.put(HOME, f'<html lang="en"><title>Paper</title><link rel=alternate type=application/rss+xml href={HOME}rss>')
    press.put(f"{HOME}rss", feed("/a"))
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    said = hemeroteca("sources", "add", HOME, **settings)
    assert said.returncode == 2 and "robots.txt forbids it (`--ignore-robots`" in said.stderr
    assert set(press.arrived) == {f"{HOME}robots.txt"}
    aloud = hemeroteca("sources", "add", HOME, "--ignore-robots", **settings)
    assert aloud.returncode == 0, aloud.stderr
    assert "forbids is asked for all the same" in aloud.stderr
    assert read_card(home / "seeds/paper.yaml").discoveries[0].url == f"{HOME}rss"


def test_a_newspaper_that_cannot_be_read_gets_no_card(
    press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]
) -> None:
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    said = hemeroteca("sources", "add", HOME, **settings)
    assert said.returncode == 2 and "could not be read" in said.stderr
    assert not list((home / "seeds").glob("*.yaml"))


def test_what_is_no_address_is_one_line(hemeroteca: Run) -> None:
    said = hemeroteca("sources", "add", "http://[::1")
    assert said.returncode == 2 and said.stderr == "hemeroteca: homepage: http://[::1: Invalid IPv6 URL\n"


def test_nobody_is_asked_without_a_contact(press: Press, hemeroteca: Run, bucket: dict[str, str]) -> None:
    said = hemeroteca("sources", "add", HOME, **bucket)
    assert said.returncode == 2 and "HEMEROTECA_CONTACT" in said.stderr
    assert press.arrived == []


@pytest.mark.parametrize(
    ("homepage", "source_id", "country"),
    [
        ("https://www.elpais.example.es/", "es-elpais-example", "ES"),
        ("https://www.paper.co.uk", "gb-paper", "GB"),
        ("https://news.tv/", "news", None),
        ("https://diario.Año.es/", "es-diario-ano", "ES"),
        ("https://xn--ao-zja.es/", "es-xn-ao-zja", "ES"),
        ("https://paper.com/edition", "paper", None),
        ("http://127.0.0.1:8000/", "127-0-0-1", None),
    ],
)
def test_an_id_is_the_country_and_the_name(homepage: str, source_id: str, country: str | None) -> None:
    card = make_survey_card(read_settings(), homepage)
    assert (card.id, card.country) == (source_id, country)


@pytest.mark.parametrize(("homepage", "source_id"), [("http://a.test/", None), ("http://paper.test/", "no id")])
def test_an_id_that_is_none_is_refused_with_the_way_out(homepage: str, source_id: str | None) -> None:
    with pytest.raises(SeedError, match=r"^id: .*; give one with --id$"):
        make_survey_card(read_settings(), homepage, source_id)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SeedError, match="must not contain a user name or password") as caught:
        make_survey_card(read_settings(), "http://reader:secret@paper.test/")
    assert "secret" not in str(caught.value)
