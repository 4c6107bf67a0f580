"""The document of a page, and the errors for what is no page."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from hemeroteca.extraction import extractor
from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.extractor import CODE_VERSION, EXTRACTOR, MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError
from tests.extraction.pages import BODY, FETCHED, HEADLINE, STANDFIRST, article, page

DESCRIBED = f'<meta name="description" content="{STANDFIRST}">'
LINKED = json.dumps(
    {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": HEADLINE,
        "datePublished": "2026-11-20",
        "author": [{"@type": "Person", "name": "Ana Rubio"}, {"@type": "Person", "name": "Jon Lasa"}],
    }
)
JSON_LD = f'<script type="application/ld+json">{LINKED}</script>'


NOT_SAID_BY_THE_PAGE = {
    "published_known", "published_confidence", "language_claimed", "candidates", "known", "encoding", "confidence",
    "text_share", "boilerplate_removed", "quality_flags", "minhash", "residue", "model", "site_memory", "posts",
    "repeated", "lines_dropped", "lines_added", "without_text",
}  # fmt: skip


def refusal(asked: Page) -> tuple[str, str]:
    with pytest.raises(NoMainTextError) as caught:
        extract_page(asked)
    return caught.value.reason, str(caught.value)


def test_the_text_is_the_body_without_headline_menu_and_footer() -> None:
    found = extract_page(page(article()))
    assert found.text == "\n".join(BODY)
    assert (found.title, found.language, found.encoding) == (HEADLINE, "en", "utf-8")
    assert found.standfirst is None


def test_a_first_paragraph_by_which_the_page_describes_itself_is_the_standfirst_and_begins_the_text() -> None:
    found = extract_page(page(article(head=DESCRIBED, lead=STANDFIRST)))
    assert found.standfirst == STANDFIRST
    assert found.text == "\n".join((STANDFIRST, *BODY))


def test_a_description_that_the_text_does_not_begin_with_is_no_standfirst() -> None:
    assert extract_page(page(article(head=DESCRIBED))).standfirst is None


def test_authors_and_date_are_those_of_the_markup() -> None:
    found = extract_page(page(article(head=JSON_LD)))
    assert found.authors == ("Ana Rubio", "Jon Lasa")
    assert (found.published, found.published_known) == ("2026-11-20", "json-ld:datePublished")


def test_a_page_without_any_date_says_that_it_has_none() -> None:
    found = extract_page(page(article()))
    assert (found.published, found.published_known) == (None, "no_reliable_date")


def test_no_document_is_dated_after_its_page_was_fetched() -> None:
    dated = page(article(tail="<time datetime='2026-11-20'>20 November 2026</time>"))
    assert extract_page(dated).published == "2026-11-20"
    assert extract_page(dated._replace(fetched=FETCHED.replace(day=19))).published != "2026-11-20"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<link rel="canonical" href="/a">', "https://faro.hemeroteca.test/a"),
        ('<link rel="nofollow Canonical" href="http://b.test/b">', "http://b.test/b"),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<link rel="canonical" href="http://[bad/">', None),
        ('<link rel="canonical">', None),
        ('<link rel="alternate" href="/feed.xml">', None),
        ("", None),
    ],
)
def test_a_canonical_address_is_one_that_the_page_itself_names(link: str, expected: str | None) -> None:
    assert extract_page(page(article(head=link))).canonical_url == expected


@pytest.mark.parametrize(("said", "expected"), [("pt_BR", "pt-BR"), ("es", "es"), ("", None), ("the best!", None)])
def test_the_language_is_the_texts_and_the_pages_claim_stands_beside_it(said: str, expected: str | None) -> None:
    found = extract_page(page(article(language=said)))
    assert (found.language, found.known["language"], found.language_claimed) == ("en", "text", expected)


def test_reader_comments_are_not_the_article() -> None:
    comments = '<section id="comments" class="comments"><p>I saw that crane fall down once, long ago.</p></section>'
    assert extract_page(page(article(tail=comments))).text == "\n".join(BODY)


def test_a_page_reads_the_same_however_often_and_among_whatever_others() -> None:
    other = page(
        article(*BODY, *BODY, title="Another story of the same port"), url="https://faro.hemeroteca.test/other"
    )
    first = extract_page(page(article(head=JSON_LD)))
    for _ in range(4):
        extract_page(other)
        assert extract_page(page(article(head=JSON_LD))) == first


def test_a_lone_surrogate_in_json_ld_can_still_be_stored() -> None:
    broken = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Crane \\ud83d turns"}</script>'
    found = extract_page(page(article(head=broken)))
    assert found.title
    found.model_dump_json().encode()


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7 whatever", "text/html", "not_html"),
        (b"{}", "application/json", "not_html"),
        (b"just words, no markup", None, "not_html"),
        (b"x" * (MAX_PAGE_BYTES + 1), "text/html", "too_large"),
        (b"", "text/html", "no_main_text"),
        (b"<html><body></body></html>", "text/html", "no_main_text"),
    ],
)
def test_what_holds_no_article_is_refused_by_name(body: bytes, content_type: str | None, reason: str) -> None:
    assert refusal(page(body, content_type))[0] == reason


def test_html_without_a_content_type_is_read_all_the_same() -> None:
    assert extract_page(page(article(), content_type=None)).title == HEADLINE


def test_a_page_that_never_closes_a_tag_is_read_to_its_end() -> None:
    lines = [f"Ship number {number} made fast at the north quay without a word." for number in range(1500)]
    body = "".join(f"<font size={number}><p>{line}</p>" for number, line in enumerate(lines))
    assert extract_page(page(f"<html><body><article>{body}")).text.split("\n") == lines


@pytest.mark.parametrize("url", ["http://[x", "http://a:b:c/", "no address", ""])
def test_what_is_no_address_costs_no_text(url: str) -> None:
    assert extract_page(page(article(), url=url)).text == "\n".join(BODY)


def test_an_element_with_twenty_thousand_attributes_costs_no_text() -> None:
    attributes = " ".join(f'data-a{number}="{number}"' for number in range(20_000))
    assert extract_page(page(article().replace("<main>", f"<main {attributes}>"))).text == "\n".join(BODY)


def test_a_text_of_ten_megabytes_is_read_to_its_end() -> None:
    text = "The harbour " * 850_000
    assert extract_page(page(article(text))).text == text.strip()


def test_a_page_that_the_parser_did_not_read_to_the_end_is_refused_rather_than_cut() -> None:
    tail = "<div>" * 2500 + "<p>Deep down lies the rest.</p>" * 200
    reason, message = refusal(page(article(*BODY, tail)))
    assert reason == "no_main_text"
    assert re.search(r"Excessive depth.*; \d{3} of 4\d{3} characters parsed", message)


def test_of_a_page_without_an_article_the_reason_says_what_was_seen() -> None:
    hidden = "<style>p {}</style><script>var words</script><!-- words -->"
    reason, message = refusal(page(f"<html><body>{hidden}<footer>All rights</footer></body></html>"))
    assert (reason, message) == ("no_main_text", "no_main_text: 9 visible characters on the page")


def test_a_page_without_a_text_keeps_its_metadata_and_says_why() -> None:
    film = (
        f"<html><head><title>x</title>{JSON_LD}</head><body><h1>{HEADLINE}</h1><video src=v.webm></video></body></html>"
    )
    found = extract_page(page(film))
    assert (found.text, found.title, found.authors) == ("", HEADLINE, ("Ana Rubio", "Jon Lasa"))
    assert (found.published, found.language) == ("2026-11-20", None)
    assert found.without_text and found.without_text.startswith("no_main_text: ")
    assert (found.known["text"], found.known["standfirst"]) == ("none: no_main_text", "none: no_main_text")
    assert found.confidence is None and found.minhash is None and "too_short" not in found.quality_flags


def test_the_extractors_name_changes_with_what_it_makes_of_pages() -> None:
    """When this fails, the same pages give other documents: raise CODE_VERSION and put both new values here."""
    made = [article(head=JSON_LD + DESCRIBED, lead=STANDFIRST), article(language="es", tail="<p>The end.</p>")]
    found = [extract_page(page(one)).model_dump_json() for one in made]
    digest = hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
    assert (CODE_VERSION, digest) == (11, "1d9adffacee39c3f")
    assert EXTRACTOR.id == f"trafilatura-{EXTRACTOR.version}-{EXTRACTOR.settings_digest[:8]}"


def test_a_document_says_of_every_field_how_it_is_known() -> None:
    fields = {*CleanText.model_fields} - NOT_SAID_BY_THE_PAGE
    for made in (article(), article(head=JSON_LD + DESCRIBED, lead=STANDFIRST)):
        found = extract_page(page(made))
        assert set(found.known) >= fields
        for field in fields:
            empty = getattr(found, field) in (None, ())
            assert found.known[field].startswith("none: ") == empty, field


def test_every_option_and_library_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [extractor.digest_settings()]
    assert digests[0] == EXTRACTOR.settings_digest
    for option, value in list(extractor.TRAFILATURA_OPTIONS.items()):
        with monkeypatch.context() as patched:
            patched.setitem(extractor.TRAFILATURA_OPTIONS, option, not value)
            digests.append(extractor.digest_settings())
    others: dict[str, object] = {"MAX_PAGE_BYTES": 1, "CODE_VERSION": 0, "version": lambda library: f"{library} 0"}
    for name, other in others.items():
        with monkeypatch.context() as patched:
            patched.setattr(extractor, name, other)
            digests.append(extractor.digest_settings())
    assert len(set(digests)) == len(digests) == 1 + len(extractor.TRAFILATURA_OPTIONS) + len(others)
    assert extractor.digest_settings() == digests[0]
