"""Articles that a page has as data only: JSON-LD and the states that frameworks leave for their scripts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.page.page_data import read_page_data
from hemeroteca.extraction.page.tree import parse_page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError
from tests.extraction.markup import json_ld
from tests.extraction.pages import BODY, HEADLINE, page

HTML = "".join(f"<p>{text}</p>" for text in BODY)
OTHER = "A goat won the spring regatta again, and its owner, a baker from the upper town, is said to have wept for joy."
STORY = {
    "headline": HEADLINE,
    "bodyHtml": HTML,
    "related": [{"title": "A goat wins", "bodyHtml": f"<p>{OTHER}</p>" * 9}],
}


def served(data: str, shown: str = "<div id='root'>Loading…</div>") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{HEADLINE} | El Faro</title></head>'
        f'<body><nav><a href="/">El Faro</a> <a href="/port">Port</a></nav>{shown}{data}'
        "<footer><p>© El Faro. All rights reserved.</p></footer></body></html>"
    )


def script(code: str, **attributes: str) -> str:
    named = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<script{named}>{code}</script>"


def read(source: str) -> CleanText:
    return extract_page(page(source))


def dump(value: Any) -> str:
    return json.dumps(value).replace("</", "<\\/")


def node(kind: str, *inner: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(inner)}


def leaf(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


FIRST_IN_PIECES = [BODY[0][:20], BODY[0][20:33], BODY[0][33:]]
PROSE_MIRROR = node("doc", node("paragraph", *map(leaf, FIRST_IN_PIECES)), node("image"), *(
    node("paragraph", leaf(text)) for text in BODY[1:]
))  # fmt: skip
ARC = [{"type": "text", "content": text} for text in BODY]
DEVALUE = [{"data": 1}, {"story": 2}, {"title": 3, "paragraphs": 4, "words": 8}, HEADLINE, [5, 6, 7], *BODY, 51]
APOLLO = {
    "ROOT_QUERY": {"story": {"__ref": "Story:1"}},
    **{f"Paragraph:{number}": {"__typename": "Paragraph", "text": text} for number, text in enumerate(BODY)},
    "Story:1": {"title": HEADLINE, "body": [{"__ref": f"Paragraph:{number}"} for number in range(len(BODY))]},
}
FLIGHT = f'1:["$","div",null,{{"story":{json.dumps(STORY)}}}]\n2:T20,nothing\n'
ANGULAR = json.dumps({"story": STORY}).replace("&", "&a;").replace('"', "&q;").replace("<", "&l;").replace(">", "&g;")

STATES = {
    "__NEXT_DATA__": script(dump({"props": {"article": STORY}}), id="__NEXT_DATA__", type="application/json"),
    "globalContent": script(
        "window.Fusion=window.Fusion||{};Fusion.globalContent="
        + dump({"headlines": {"basic": HEADLINE}, "content_elements": ARC})
        + ";Fusion.contentCache={};"
    ),
    "__NUXT_DATA__": script(dump(DEVALUE), id="__NUXT_DATA__", type="application/json"),
    "__NUXT__": script(
        f"window.__NUXT__=(function(a,b){{return {{layout:'default',data:[{{story:{{title:a,body:b,"
        f"live:!1}}}}]}}}}({dump(HEADLINE)},{dump(HTML)}))"
    ),
    "__APOLLO_STATE__": script(f"window.__APOLLO_STATE__ = {dump(APOLLO)};"),
    "__INITIAL_STATE__": script(
        f"window.__INITIAL_STATE__=JSON.parse('{dump({'story': {'title': HEADLINE, 'content': PROSE_MIRROR}})}');"
    ),
    "__PRELOADED_STATE__": script(f"window['__PRELOADED_STATE__'] = {dump(dump({'story': STORY}))};"),
    "__DATA__": script(f'var __DATA__ = JSON.parse(decodeURIComponent("{quote(json.dumps({"story": STORY}))}"));'),
    "__next_f": script(f"self.__next_f.push([1,{dump(FLIGHT[:100])}])")
    + script(f"self.__next_f.push([1,{dump(FLIGHT[100:])}])"),
    "serverApp-state": script(ANGULAR, id="serverApp-state", type="application/json"),
    "kit": script(dump({"status": 200, "body": json.dumps({"story": STORY})}), id="kit", type="application/json"),
    "data-page": f"<div id=app data-page='{json.dumps({'props': {'story': STORY}})}'></div>",
    "props": f"<astro-island props='{json.dumps({'title': [0, HEADLINE], 'body': [0, HTML]})}'></astro-island>",
    "blocks": script(
        dump({"title": HEADLINE, "blocks": [{"type": "paragraph", "data": {"text": one}} for one in BODY]}),
        id="blocks", type="application/json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_an_article_in_the_state_of_a_framework_is_the_text(name: str) -> None:
    found = read(served(STATES[name]))
    assert found.text == "\n".join(BODY)
    assert found.known["text"].split(",")[0] == f"data:{name}"


@pytest.mark.parametrize("body", ["\n\n".join(BODY), HTML, HTML.replace("<", "&lt;").replace(">", "&gt;"), list(BODY)])
def test_the_body_in_json_ld_is_the_text_where_nothing_is_shown(body: object) -> None:
    found = read(served(json_ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": body})))
    assert (found.text, found.title) == ("\n".join(BODY), HEADLINE)
    assert found.known["text"].split(",")[0] == "json-ld:articleBody"


def test_a_heading_and_a_link_within_a_body_of_editors_are_lines_of_their_own_and_pieces_of_theirs() -> None:
    link = {"type": "link", "url": "/crane", "children": [{"text": "crane"}]}
    story = {
        "title": HEADLINE,
        "body": [
            {"type": "paragraph", "children": [{"text": "The yellow "}, link, {"text": BODY[0][16:]}]},
            {"type": "heading", "level": 2, "children": [{"text": "Grease and sausages"}]},
            *({"type": "paragraph", "children": [{"text": one}]} for one in BODY[1:]),
        ],
    }
    found = read(served(script(dump({"story": story}), id="s", type="application/json")))
    assert found.text == "\n".join((BODY[0], "Grease and sausages", *BODY[1:]))


@pytest.mark.parametrize(
    "locked",
    [
        json_ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": HTML, "isAccessibleForFree": False}),
        json_ld({"@type": "NewsArticle", "headline": HEADLINE, "isAccessibleForFree": "False"})
        + STATES["__NEXT_DATA__"],
        script(dump({"story": STORY | {"isPremium": True}}), type="application/json"),
        script(dump({"story": STORY | {"content_restrictions": {"content_code": "premium"}}}), type="application/json"),
        STATES["__NUXT__"].replace("live:!1", "isPremium:!0"),
        '<meta property="article:content_tier" content="locked">' + STATES["__NEXT_DATA__"],
    ],
)
def test_nothing_is_taken_from_behind_a_paywall_that_the_page_declares(locked: str) -> None:
    stub = f"<article><h1>{HEADLINE}</h1><p>{BODY[0]}</p></article>"
    assert read(served(locked, stub)).text == BODY[0]


@pytest.mark.parametrize("shown", ["", "<p>Subscribe to read on.</p>", f"<p>{BODY[0][:40]}</p>"])
def test_a_declared_paywall_with_no_stub_before_it_gives_no_text(shown: str) -> None:
    body = "\n".join(BODY * 4)
    locked = json_ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": body, "isAccessibleForFree": False})
    found = read(served(locked, shown))
    assert BODY[1] not in found.text
    assert found.title == HEADLINE


def test_a_stub_in_front_of_a_declared_paywall_is_flagged() -> None:
    locked = json_ld({"@type": "NewsArticle", "headline": HEADLINE, "articleBody": HTML, "isAccessibleForFree": False})
    found = read(served(locked, f"<article><h1>{HEADLINE}</h1><p>{BODY[0]}</p></article>"))
    assert "stub" in found.quality_flags


def test_what_is_shown_stands_before_what_is_data() -> None:
    shown = f"<article><h1>{HEADLINE}</h1>{HTML}</article>"
    found = read(served(STATES["__NEXT_DATA__"], shown))
    assert (found.text, found.known["text"].split(",")[0]) == ("\n".join(BODY), "trafilatura")


@pytest.mark.parametrize(
    "data",
    [
        script(
            dump({"related": [{"title": "A goat wins", "bodyHtml": f"<p>{OTHER}</p>" * 9}]}), type="application/json"
        ),
        script(dump({"messages": {f"m{number}": OTHER for number in range(20)}}), type="application/json"),
        script(dump({"cookieConsent": {"text": f"<p>{OTHER}</p>" * 9}}), type="application/json"),
    ],
)
def test_other_stories_and_the_words_of_a_site_are_no_article(data: str) -> None:
    try:
        assert OTHER not in read(served(data)).text
    except NoMainTextError as error:
        assert error.reason == "no_main_text"


@pytest.mark.parametrize(
    "code",
    ["x={" * 50_000, 'x="' * 50_000, "x=[" * 50_000, '{"a":' * 50_000, "'\"" * 100_000, "a" * 500_000, '\\"' * 200_000],
)
def test_hostile_data_is_read_to_its_bounds(code: str) -> None:
    tree = parse_page(page(served(script(code) + script(code, type="application/json")))).tree
    assert len(list(read_page_data(tree))) < 10
