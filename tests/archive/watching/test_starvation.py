"""A source that gave nothing, because all that it announced was refused: red, with what to write into its card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hemeroteca.archive.watching.starvation import tell_starvation
from storage.model.outcome import Outcome
from storage.surt import urlkey
from tests.spiders.crawling import NIGHT, card

P = "http://paper.test"
CARD = card()


def ended(url: str, state: str, reason: str | None = None, **fields: Any) -> Outcome:
    found = {"kind": "article", "purpose": "article", "via": f"{P}/feed"} | fields
    return Outcome.model_validate(
        {"crawl_id": "c", "source_id": "s", "night": NIGHT, "url": url, "urlkey": urlkey(url)}
        | {"state": state, "reason": reason}
        | found
    )


def read(path: str = "/feed", state: str = "captured", reason: str | None = None, **fields: Any) -> Outcome:
    return ended(
        P + path, state, reason, **({"kind": "feed", "purpose": "feed", "via": "card", "status": 200} | fields)
    )


def refused(reason: str, *urls: str, **fields: Any) -> list[Outcome]:
    return [ended(url, "refused", reason, **fields) for url in urls]


def test_articles_on_another_host_name_it_and_the_field() -> None:
    elsewhere = [f"http://m.paper.test/{n}" for n in range(5)]
    said = tell_starvation(CARD, [read(), *refused("scope", *elsewhere, "http://ads.test/1")])
    assert said == (
        "none of the articles it announced was fetched:"
        " 5 of 6 are on m.paper.test: add it to `hosts` if they are its own"
    )


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        (refused("scope", f"{P}/about"), f"1 of 1 do not fit `include`, or fit `exclude`: {P}/about"),
        (
            refused("too_old", f"{P}/a", f"{P}/b", announced=datetime(2026, 11, 3, tzinfo=UTC)),
            f"2 of 2 are too old, the newest on 2026-11-03: raise `recent_days` if you want them: {P}/a",
        ),
        (refused("robots", f"{P}/a"), f"robots.txt forbids 1 of 1: {P}/a"),
        (
            [
                *refused("robots", f"{P}/a"),
                ended(f"{P}/robots.txt", "failed", "http_503", kind="robots", purpose="robots"),
            ],
            f"robots.txt could not be read: {P}/robots.txt http_503",
        ),
        (refused("private_address", f"{P}/a"), "1 of 1 are on hosts without a public address: set `allow_private`"),
        (refused("trap", f"{P}/a", f"{P}/b"), f"2 of 2 are refused (trap): {P}/a"),
    ],
)
def test_each_reason_says_what_to_do(outcomes: list[Outcome], why: str) -> None:
    said = tell_starvation(CARD, [read(), *outcomes])
    assert said is not None
    assert said.startswith(f"none of the articles it announced was fetched: {why}")


def test_articles_that_redirect_to_another_host_are_judged_by_it() -> None:
    moved = ended(f"{P}/a", "captured", status=301, detail="http://new.test/a")
    there = refused("scope", "http://new.test/a", kind="redirect", via=f"{P}/a", redirected_from=(f"{P}/a",))
    said = tell_starvation(CARD, [read(), moved, *there])
    assert said is not None
    assert "1 of 1 are on new.test: add it to `hosts`" in said
    assert tell_starvation(CARD, [read(), moved]) is None, "where it led to was asked for before"


def test_an_index_whose_sitemaps_are_all_elsewhere_names_their_host() -> None:
    index = read("/index.xml", kind="sitemap", purpose="sitemap")
    child = refused("scope", "http://cdn.test/news.xml", kind="sitemap", purpose="sitemap", via=index.url)
    said = "it announced no article: what lists them: 1 of 1 are on cdn.test: add it to `hosts` if they are its own"
    assert tell_starvation(CARD, [index, *child]) == said
    failed = read("/news.xml", "failed", "http_500", kind="sitemap", purpose="sitemap", via=index.url)
    assert tell_starvation(CARD, [index, failed]) == f"it announced no article: {P}/news.xml failed: http_500"


@pytest.mark.parametrize(
    "outcomes",
    [
        [read(), ended(f"{P}/a", "captured"), *refused("scope", "http://partner.test/1", "http://partner.test/2")],
        [read(), ended(f"{P}/a", "skipped", "not_due"), *refused("scope", "http://partner.test/1")],
        [read(), ended(f"{P}/a", "skipped", "budget")],
        [read(), ended(f"{P}/a", "failed", "http_500")],
        [read("/feed", "not_modified", status=304)],
        [read("/feed", "not_modified", status=304), ended(f"{P}/a", "captured", via="known")],
        [read("/feed", "not_modified", status=304), read("/map"), *refused("too_old", f"{P}/a")],
        [],
    ],
)
def test_a_source_that_gave_something_or_has_nothing_new_is_not_accused(outcomes: list[Outcome]) -> None:
    assert tell_starvation(CARD, outcomes) is None


@pytest.mark.parametrize("via", ["known", "pending"])
def test_articles_that_are_only_asked_for_again_hide_nothing(via: str) -> None:
    again = ended(f"{P}/old", "unchanged", via=via)
    said = tell_starvation(CARD, [read(), again, *refused("scope", "http://new.test/a")])
    assert said is not None
    assert "1 of 1 are on new.test" in said


def test_a_spider_that_knows_by_itself_where_to_begin_announces_nothing() -> None:
    source = card(discoveries=(), spider="own_spider")
    assert tell_starvation(source, [read(), *refused("scope", "http://other.test/a")]) is None
