"""JSON-LD as pages have it: which node is the page's article, and faults that must not stop the reader."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml.html import HtmlElement, document_fromstring

from hemeroteca.extraction.page.json_ld import (
    MAX_CHARACTERS,
    Node,
    find_article_nodes,
    read_first_text,
    read_json_ld,
    read_texts,
)

URL = "https://www.faro.test/2026/crane.html"
HEADLINE = "The harbour crane turns again"


def tree(*scripts: Any) -> HtmlElement:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in scripts]
    joined = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return document_fromstring(f"<html><head>{joined}</head><body><h1>{HEADLINE}</h1></body></html>")


def picked(*scripts: Any) -> tuple[Node, ...]:
    return find_article_nodes(read_json_ld(tree(*scripts)), [URL], [HEADLINE])


def news(**said: Any) -> Node:
    return {"@context": "https://schema.org", "@type": "NewsArticle", **said}


@pytest.mark.parametrize(
    "script",
    [
        news(headline=HEADLINE),
        [news(headline=HEADLINE)],
        {"@graph": [{"@type": "Organization", "name": "El Faro"}, news(headline=HEADLINE)]},
        {"@type": "WebPage", "mainEntity": news(headline=HEADLINE)},
        news(headline=HEADLINE) | {"@type": ["Article", "http://schema.org/NewsArticle"]},
        f"<!-- {json.dumps(news(headline=HEADLINE))} -->",
        f"//<![CDATA[\n{json.dumps(news(headline=HEADLINE))}\n//]]>",
        json.dumps(news(headline=HEADLINE)) + ";\n" + json.dumps({"@type": "BreadcrumbList"}),
        '{"@type": "NewsArticle", "headline": "' + HEADLINE + '", "keywords": ["port",],}',
        '{"@type": "NewsArticle", "headline": "' + HEADLINE + '", "description": "It\\\'s back\nin two lines"}',
        news(headline=[f"<b>{HEADLINE.replace(' ', '&nbsp;')}</b>"]),
    ],
)
def test_the_article_is_found_however_it_is_wrapped(script: Any) -> None:
    assert read_first_text(picked(script), "headline") == HEADLINE


def test_of_several_articles_the_one_that_names_this_page_counts_and_teasers_do_not() -> None:
    others = [news(headline=f"Another story {number}", url=f"https://faro.test/{number}") for number in range(3)]
    named = news(headline="Crane turns", mainEntityOfPage={"@id": "https://faro.test/2026/crane.html?utm=1"})
    assert [read_first_text([node], "headline") for node in picked(*others, named)] == ["Crane turns"]
    assert [
        read_first_text([node], "headline") for node in picked(*others, news(headline=f"{HEADLINE} | El Faro"))
    ] == [f"{HEADLINE} | El Faro"]
    assert picked(*others) == ()


def test_a_list_of_teasers_is_not_looked_into() -> None:
    teasers = {"@type": "ItemList", "itemListElement": [{"item": news(headline=HEADLINE, datePublished="2020-01-01")}]}
    assert picked(teasers) == ()


def test_a_news_article_comes_before_the_page_that_holds_it_whatever_the_order() -> None:
    found = picked({"@type": "WebPage", "url": URL, "name": "Page"}, news(headline=HEADLINE))
    assert [node["@type"] for node in found] == ["NewsArticle", "WebPage"]


def test_a_reference_is_what_it_refers_to() -> None:
    found = read_json_ld(
        tree({"@graph": [news(author={"@id": "#ana"}), {"@type": "Person", "@id": "#ana", "name": "Ana"}]})
    )
    assert read_texts({"author": found.resolve(found.nodes[0]["author"])}, "author") == ["Ana"]
    assert found.resolve({"@id": "#nobody"}) == {"@id": "#nobody"}


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[" * 100_000,
        '{"a":' * 100_000,
        "not json at all",
        '{"@type": "NewsArticle", "n": ' + "9" * 10_000 + "}",
        " " * 300_000 + "x",
        "," * 300_000,
        "<!--" * 100_000,
        "\\" * 300_000,
    ],
)
def test_a_script_that_is_no_json_is_counted_and_costs_nothing_else(script: str) -> None:
    found = read_json_ld(tree(script, news(headline=HEADLINE)))
    assert found.unreadable_scripts == 1
    assert read_first_text(find_article_nodes(found, [URL], [HEADLINE]), "headline") == HEADLINE


def test_more_json_than_any_page_needs_is_not_read() -> None:
    found = read_json_ld(tree(news(articleBody="x" * MAX_CHARACTERS), news(headline=HEADLINE)))
    assert (found.nodes, found.unreadable_scripts) == ((), 1)


@pytest.mark.parametrize("value", [None, 7, True, {}, [], [[[[None]]]], {"@id": 3}, {"name": {"name": {}}}, "", "  "])
def test_any_key_may_hold_anything(value: Any) -> None:
    keys = ("@type", "@id", "url", "headline", "mainEntityOfPage", "@graph", "author")
    for key in keys:
        found = picked(news(headline=HEADLINE) | {key: value})
        assert all(re.fullmatch(r"[^\n]+", text) for node in found for text in read_texts(node, "headline"))
    assert read_first_text(picked(news(headline=value)), "headline") is None
