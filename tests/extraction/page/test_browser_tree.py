"""The text of pages whose markup hides it from the quick parser, though not from a browser, and of what hides it."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.page import browser_tree
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import BODY, HEADLINE, article, page

PARAGRAPHS = "".join(f"<p>{text}</p>" for text in BODY)
PLAIN = "".join(f"<p>{text}" for text in BODY)


def served(body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{HEADLINE}</title>{head}</head>'
        f'<body><nav><a href="/">El Faro</a></nav>{body}</body></html>'
    )


@pytest.mark.parametrize(
    "body",
    [
        f"<button><div class='bar'></button><article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article>",
        f"<header><button><div><span>Menu</span></button></header><main><article>{PARAGRAPHS}</article></main>",
        f"<select><option>One<option>Two<article>{PARAGRAPHS}</article>",
        f"<article><h1>{HEADLINE}</h1><iframe src='/ad'>{PARAGRAPHS}</article>",
        f"<article><h1>{HEADLINE}</h1><textarea>{PARAGRAPHS}</article>",
        f"<object data='/old'><article>{PARAGRAPHS}</article></object>",
        f"<noscript><article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article></noscript><div id='root'>Loading…</div>",
        f"<div id='root'></div><script type='text/template'><article>{PARAGRAPHS}</article></script>",
        f"<div id='root'></div><template id='story'><article>{PARAGRAPHS}</article></template>",
        f"<dialog open><article>{PARAGRAPHS}</article></dialog>",
        f"<svg><foreignObject><div>{PARAGRAPHS}</div></foreignObject></svg>",
        f"<x-app><template shadowrootmode='open'><x-story>{PARAGRAPHS}</x-story></template></x-app>",
        f"<a name='top'><article><h1>{HEADLINE}</h1>{PLAIN}</article>",
    ],
)
def test_an_article_within_what_usually_hides_text_is_read(body: str) -> None:
    assert extract_page(page(served(body))).text == "\n".join(BODY)


def test_the_page_within_a_frame_is_read_where_nothing_else_is_shown() -> None:
    framed = f"<iframe srcdoc='<article>{PARAGRAPHS}</article>'></iframe>"
    assert extract_page(page(served(framed))).text == "\n".join(BODY)


def test_an_element_that_ends_at_once_in_xml_hides_nothing_after_it() -> None:
    body = f"<div id='ad'/><script src='/a.js'/><textarea/><article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article>"
    found = extract_page(page(served(body, head="<script src='/b.js' />"), "application/xhtml+xml"))
    assert (found.text, found.title) == ("\n".join(BODY), HEADLINE)


def test_a_page_whose_lines_are_all_of_one_word_has_no_text() -> None:
    found = extract_page(page(f"<html><head><title>{HEADLINE}</title></head><body><div>Loading…</div></body></html>"))
    assert (found.text, found.title) == ("", HEADLINE)


def test_what_hides_little_stays_unseen() -> None:
    hidden = (
        "<noscript><p>This newspaper is best read with scripts, which your browser does not run today.</p></noscript>"
        "<dialog><p>Would you like our letter on the harbour every morning, and for nothing at first?</p></dialog>"
    )
    found = extract_page(page(article(tail=hidden)))
    assert (found.text, found.known["text"].split(",")[0]) == ("\n".join(BODY), "trafilatura")


def test_what_is_to_be_shown_over_a_short_page_is_not_its_text() -> None:
    consent = "We and our partners store and read information on your device to make this newspaper work. " * 5
    for tag in ("dialog", "template", "noscript", "textarea", "button"):
        hidden = f"<{tag}><p>{consent}</p></{tag}>"
        assert extract_page(page(served(f"<article><p>{BODY[0]}</p></article>{hidden}"))).text == BODY[0]


def test_an_ordinary_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(browser_tree, "_parse_as_browsers_do", refuse)
    parse_page(page(article(*BODY, *BODY, tail="<button>Share</button><select><option>English</select>")))


def test_where_the_text_was_hidden_is_said() -> None:
    found = extract_page(page(served(f"<noscript><article>{PARAGRAPHS}</article></noscript>")))
    assert found.known["text"].split(",")[0] == "noscript"
