"""A newspaper is enabled once what its card names was read: what was found is said, or why nothing was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.sources.first_look import look_at
from hemeroteca.configuration import read_settings
from storage.model.source import Source
from tests.cli.conftest import Run, Said
from tests.seeds.cards import read_card
from tests.spiders.press import Press, Reply, feed, sitemap, sitemap_index

HOME = "http://www.paper.test/"
NOW = datetime.now(UTC)
RECENT = (NOW - timedelta(hours=2, minutes=5)).isoformat()
CARD = """\
id: {id}
title: Paper
homepage: {home}
language: en
country: ES
delay_seconds: 0.01
allow_private: {private}
discoveries: [{discoveries}]
enabled: false
"""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def write(home: Path, *discoveries: str, name: str = "paper", private: bool = True) -> None:
    named = ", ".join(f"{{kind: {one.split()[0]}, url: '{HOME}{one.split()[1]}'}}" for one in discoveries)
    (home / "seeds").mkdir(parents=True, exist_ok=True)
    card = CARD.format(id=name, home=HOME, private=str(private).lower(), discoveries=named)
    (home / "seeds" / f"{name}.yaml").write_text(card)


def enable(hemeroteca: Run, press: Press, *arguments: str) -> Said:
    settings = {"demo": "1", "connect_to": press.connect_to[0]}
    return hemeroteca("sources", "enable", *(arguments or ("paper",)), **settings)


def is_enabled(home: Path, name: str = "paper") -> bool:
    return read_card(home / f"seeds/{name}.yaml").enabled


def test_what_was_read_is_said_and_then_it_is_enabled(press: Press, hemeroteca: Run, home: Path) -> None:
    write(home, "feed rss", "sitemap map.xml")
    press.put(f"{HOME}rss", feed("/a", "/b"))
    press.put(f"{HOME}map.xml", sitemap_index(f"{HOME}news.xml"))
    press.put(f"{HOME}news.xml", sitemap((f"{HOME}b", RECENT), (f"{HOME}c", RECENT)))
    said = enable(hemeroteca, press)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("paper is enabled in ") and ": read 2 addresses, without dates\n" in said.stdout
    assert is_enabled(home)
    assert press.arrived[0] == f"{HOME}robots.txt" and press.arrived.count(f"{HOME}robots.txt") == 1
    assert f"{HOME}a" not in press.arrived, "no article is asked for"


def test_the_newest_date_is_told_as_an_age(press: Press, hemeroteca: Run, home: Path) -> None:
    write(home, "sitemap map.xml")
    old, future = "2001-01-01", (NOW + timedelta(days=400)).isoformat()
    press.put(f"{HOME}map.xml", sitemap((f"{HOME}a", old), (f"{HOME}b", RECENT), (f"{HOME}c", future)))
    assert enable(hemeroteca, press).stdout.endswith(": read 3 addresses, newest 2 h ago\n")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"robots.txt": "User-agent: *\nDisallow: /rss\n"}, f"feed {HOME}rss: robots.txt forbids it"),
        ({"robots.txt": Reply(503)}, f"feed {HOME}rss: {HOME}robots.txt: answered 503, so nothing is allowed"),
        ({}, f"feed {HOME}rss: answered 404"),
        ({"rss": "<html><p>we moved</p></html>"}, f"feed {HOME}rss: it is not a feed"),
        ({"rss": feed("http://elsewhere.test/a")}, "1 address is listed, none of them its own: see `hosts`"),
        ({"rss": feed()}, "it lists no articles"),
    ],
)
def test_why_a_newspaper_is_not_enabled_is_said_in_plain_words(
    press: Press, hemeroteca: Run, home: Path, answers: dict[str, str | Reply], why: str
) -> None:
    write(home, "feed rss")
    for path, answer in answers.items():
        press.put(f"{HOME}{path}", answer)
    said = enable(hemeroteca, press)
    assert said.returncode == 1
    assert said.stdout.startswith("paper: not enabled: ") and why in said.stdout
    assert "0 of 1 enabled; `hemeroteca --demo sources enable --unchecked ID`" in said.stderr
    assert not is_enabled(home)


def test_one_that_cannot_be_read_does_not_keep_the_others_from_being_enabled(
    press: Press, hemeroteca: Run, home: Path
) -> None:
    write(home, "feed rss")
    write(home, "feed gone", name="other")
    press.put(f"{HOME}rss", feed("/a"))
    said = enable(hemeroteca, press, "paper", "other")
    assert said.returncode == 1 and "1 of 2 enabled" in said.stderr
    assert (is_enabled(home), is_enabled(home, "other")) == (True, False)
    assert enable(hemeroteca, press, "--unchecked", "other").returncode == 0
    assert is_enabled(home, "other")


def test_a_document_that_is_not_read_is_told_beside_those_that_are(press: Press, hemeroteca: Run, home: Path) -> None:
    write(home, "feed rss", "section news")
    press.put(f"{HOME}rss", feed("/a"))
    said = enable(hemeroteca, press)
    assert said.returncode == 0
    assert said.stdout.splitlines()[1:] == [f"  section {HOME}news: answered 404"]


def test_where_a_section_lists_nothing_its_feeds_and_the_sitemaps_of_robots_txt_are_read(
    press: Press, hemeroteca: Run, home: Path
) -> None:
    write(home, "section front")
    press.put(f"{HOME}front", "<html><a href='/about'>About</a></html>")
    press.put(f"{HOME}robots.txt", f"Sitemap: {HOME}map.xml\n")
    press.put(f"{HOME}map.xml", sitemap((f"{HOME}a", RECENT)))
    assert "read 1 address, newest" in enable(hemeroteca, press).stdout


def test_a_spider_of_its_own_needs_a_front_page_that_answers(press: Press, hemeroteca: Run, home: Path) -> None:
    write(home)
    with (home / "seeds/paper.yaml").open("a") as card:
        card.write("spider: tests.plain_spiders.rules\n")
    assert enable(hemeroteca, press).returncode == 1
    press.put(HOME, "<html><p>Paper</p></html>")
    assert "its front page answers" in enable(hemeroteca, press).stdout


def test_private_addresses_are_asked_only_where_the_card_says_so(press: Press, home: Path) -> None:
    card = {"id": "paper", "title": "P", "language": "en", "homepage": f"http://127.0.0.1:{press.port}/"}
    feeds = [{"kind": "feed", "url": f"http://127.0.0.1:{press.port}/rss"}]
    settings = read_settings(home=home, contact="me@example.org")
    found = look_at(settings, Source.model_validate(card | {"discoveries": feeds}))
    assert not found.is_good and "not public" in found.faults[0] and press.arrived == []
    press.put(f"http://127.0.0.1:{press.port}/rss", feed("/a"))
    assert look_at(settings, Source.model_validate(card | {"discoveries": feeds, "allow_private": True})).is_good


def test_a_pause_is_kept_between_two_requests_to_a_host(press: Press, home: Path) -> None:
    pauses: list[float] = []
    press.put(f"{HOME}robots.txt", "User-agent: *\nCrawl-delay: 7\n")
    press.put(f"{HOME}rss", feed("/a"))
    named = [{"kind": "feed", "url": f"{HOME}{path}"} for path in ("rss", "two", "three")]
    card = {"id": "paper", "title": "P", "language": "en", "homepage": HOME, "allow_private": True}
    settings = read_settings(home=home, demo=True, connect_to=press.connect_to[0])
    assert look_at(settings, Source.model_validate(card | {"discoveries": named}), pauses.append).is_good
    assert pauses == [7.0, 7.0]
    slow = look_at(settings, Source.model_validate(card | {"discoveries": named, "delay_seconds": 60}), pauses.append)
    assert slow.is_good and len(slow.faults) == 2 and len(pauses) == 2


def test_a_card_is_tried_without_being_written(
    press: Press, hemeroteca: Run, home: Path, bucket: dict[str, str]
) -> None:
    press.put(HOME, f'<html lang="en"><title>Paper</title><link rel=alternate type=application/rss+xml href={HOME}rss>')
    press.put(f"{HOME}rss", feed("/a"))
    settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
    said = hemeroteca("sources", "add", "--dry-run", "--allow-private", HOME, **settings)
    assert said.returncode == 0, said.stderr
    assert "id: paper" in said.stdout and not (home / "seeds/paper.yaml").exists()
