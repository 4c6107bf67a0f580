"""What a crawl finds that its card does not name, and in which order it spends its budget."""

from __future__ import annotations

from pathlib import Path

from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, feed, sitemap, sitemap_index

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
