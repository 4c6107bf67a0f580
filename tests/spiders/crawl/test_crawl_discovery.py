"""What a crawl finds that its card does not name, and in which order it spends its budget."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, Reply, feed, sitemap, sitemap_index

HOME = "http://paper.test/"
FRONT = (Discovery(kind="section", url=HOME),)


def test_what_a_card_leaves_out_the_newspaper_tells(tmp_path: Path) -> None:
    """Of a card that names one page, robots.txt gives the sitemaps and the page its feeds, on any host."""
    with Press() as press:
        press.put(f"{HOME}robots.txt", "Sitemap: http://maps.test/index.xml\n")
        press.put("http://maps.test/index.xml", sitemap_index("http://maps.test/1.xml", "http://elsewhere.test/2.xml"))
        press.put("http://maps.test/1.xml", sitemap(f"{HOME}mapped"))
        press.put(HOME, '<link rel="alternate" type="application/rss+xml" href="http://feeds.test/f"><a href="/x">')
        press.put("http://feeds.test/f", feed(f"{HOME}fed"))
        press.put(f"{HOME}mapped", "m")
        press.put(f"{HOME}fed", "f")
        run = Run(press, task_of(tmp_path, card(discoveries=FRONT))).wait()
    ends, outcomes = run.ends(), run.outcomes()
    assert ends[f"{HOME}mapped"] == ends[f"{HOME}fed"] == "captured"
    assert ends["http://elsewhere.test/2.xml"] == "refused scope"
    assert (outcomes["http://feeds.test/f"].kind, outcomes["http://feeds.test/f"].via) == ("feed", HOME)
    assert outcomes["http://maps.test/index.xml"].via == f"{HOME}robots.txt"


def test_a_card_that_names_a_sitemap_and_a_feed_is_taken_at_its_word(tmp_path: Path) -> None:
    named = (Discovery(kind="feed", url=f"{HOME}feed"), Discovery(kind="sitemap", url=f"{HOME}map"), *FRONT)
    with Press() as press:
        press.put(f"{HOME}robots.txt", f"Sitemap: {HOME}other-map\n")
        press.put(HOME, '<link rel="alternate" type="application/rss+xml" href="/other-feed">')
        press.put(f"{HOME}feed", feed("/a"))
        press.put(f"{HOME}map", sitemap(f"{HOME}b"))
        Run(press, task_of(tmp_path, card(discoveries=named))).wait()
    assert {f"{HOME}feed", f"{HOME}map"} <= set(press.arrived)
    assert not {f"{HOME}other-map", f"{HOME}other-feed"} & set(press.arrived)


def test_a_budget_goes_to_the_likeliest_articles_of_a_page(tmp_path: Path) -> None:
    links = "".join(f'<nav><a href="/2026/11/24/menu-{number}">x</a></nav>' for number in range(5))
    with Press() as press:
        press.put(HOME, f'{links}<h2><a href="/2026/11/24/lead">Mayor opens the new bridge</a></h2>')
        press.put(f"{HOME}2026/11/24/lead", "lead")
        run = Run(press, task_of(tmp_path, card(discoveries=FRONT), page_budget=1)).wait()
    assert run.ends()[f"{HOME}2026/11/24/lead"] == "captured"
    assert run.tally()["skipped budget"] == 5


def test_a_front_page_without_articles_of_its_own_says_where_its_links_lead(tmp_path: Path) -> None:
    links = "".join(f'<h2><a href="http://m.paper.test/2026/11/24/{n}">Mayor opens it</a></h2>' for n in range(3))
    with Press() as press:
        press.put(HOME, f'{links}<a href="http://ads.test/2026/11/24/x">x</a><a href="http://shop.test/">y</a>')
        run = Run(press, task_of(tmp_path, card(discoveries=FRONT))).wait()
    front = run.outcomes()[HOME]
    assert (front.state, front.reason) == ("failed", "empty")
    assert front.detail == "3 of its links are on m.paper.test: add it to `hosts` if they are its own"


def test_of_a_feed_whose_coding_is_damaged_what_comes_before_the_damage_counts(tmp_path: Path) -> None:
    packed = gzip.compress(feed(*(f"/{n}-{hashlib.sha256(str(n).encode()).hexdigest()}" for n in range(20))).encode())
    with Press() as press:
        for name, coding in (("named", (("Content-Encoding", "gzip"),)), ("unnamed", (("Content-Type", "text/xml"),))):
            press.put(f"{HOME}{name}", Reply(200, packed[: len(packed) // 2], coding))
        feeds = [Discovery(kind="feed", url=f"{HOME}{name}") for name in ("named", "unnamed")]
        run = Run(press, task_of(tmp_path, card(discoveries=feeds))).wait()
    outcomes = run.outcomes()
    for name, state in (("named", "captured"), ("unnamed", "unchanged")):
        assert (outcomes[f"{HOME}{name}"].state, outcomes[f"{HOME}{name}"].flags) == (state, ("undecodable",))
    assert 0 < sum(one.purpose == "article" for one in outcomes.values()) < 20


def test_a_newspaper_that_moved_to_its_twin_with_www_is_followed_and_that_is_said(tmp_path: Path) -> None:
    with Press() as press:
        press.redirect(f"{HOME}feed", "http://www.paper.test/feed")
        press.put("http://www.paper.test/feed", feed("/a", "/b"))
        for name in ("a", "b"):
            press.put(f"http://www.paper.test/{name}", name)
        run = Run(press, task_of(tmp_path, card())).wait()
    assert run.ends()["http://www.paper.test/a"] == run.ends()["http://www.paper.test/b"] == "captured"
    assert run.err.count('"event": "twin host followed"') == 1
    assert '"host": "www.paper.test"' in run.err
