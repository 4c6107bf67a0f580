"""Which blocks of a page are kept, and the reasons that are given."""

from __future__ import annotations

import json

import pytest

from hemeroteca.extraction.article import explain_page, extract_page
from hemeroteca.extraction.block_model.host_folds import FOLDS, find_fold, find_fold_of_url
from hemeroteca.extraction.extractor import MODEL_FILE, digest_model
from tests.extraction.pages import BODY, STANDFIRST, article, page, under_hash_seeds

DESCRIBED = f'<meta name="description" content="{STANDFIRST}">'
AROUND = (
    '<p><img src="/a.jpg" alt="The yellow crane on the quay"></p><p>The yellow crane on the quay REUTERS</p>'
    '<p>Also read <a href="/b">Ships wait for the tide in the outer harbour</a></p>'
)
IN_DOUBT = (
    f"<html><body><ul>{'<li>Ships wait for the tide.</li><li>The crane turns again.</li>' * 6}</ul></body></html>"
)


def test_a_standfirst_above_the_body_is_kept_and_begins_the_text_wherever_its_markup_puts_it() -> None:
    head = f"<header><h2>{STANDFIRST}</h2></header>"
    found = extract_page(page(article(head=DESCRIBED).replace("<article>", f"{head}<article>")))
    assert (found.standfirst, found.text) == (STANDFIRST, "\n".join((STANDFIRST, *BODY)))


def test_captions_and_lines_that_send_the_reader_elsewhere_are_not_text() -> None:
    first = f"<p>{BODY[0]}</p>"
    found = extract_page(page(article().replace(first, AROUND + first)))
    assert found.text == "\n".join(BODY)


def test_what_a_comment_form_says_behind_the_last_paragraph_is_not_text() -> None:
    form = "<h3>Leave a Reply</h3><p>Your email address will not be published.</p>"
    assert extract_page(page(article(tail=form))).text == "\n".join(BODY)


def test_every_block_of_the_page_is_explained_in_its_order() -> None:
    verdicts = explain_page(
        page(article(head=DESCRIBED, lead=STANDFIRST, tail="<p><a href='/x'>Know more</a></p>"))
    ).blocks
    assert [one.text for one in verdicts if one.kept] == [STANDFIRST, *BODY]
    assert verdicts[-1].text == "All rights" and not verdicts[-1].kept
    assert all(one.reasons and 0 <= one.score <= 1 for one in verdicts)
    headline = next(one for one in verdicts if one.path.endswith("article > h1"))
    assert not headline.kept


def test_a_live_blogs_posts_follow_its_lead_and_stand_apart_with_their_times() -> None:
    linked = json.dumps({"@type": "LiveBlogPosting", "headline": "The crane turns, hour by hour"})
    posts = "".join(
        f'<div class="post"><time datetime="2026-11-20T1{hour}:00:00Z">1{hour}:00</time>'
        f"<p>At {hour} o'clock the crane swung over the quay and set down container number {hour}, blue and full.</p>"
        "</div>"
        for hour in range(5)
    )
    head = f'<script type="application/ld+json">{linked}</script>'
    found = extract_page(page(article(head=head, tail=f"<section>{posts}</section>")))
    assert found.text.split("\n")[: len(BODY)] == list(BODY)
    assert [post.time for post in found.posts] == [f"2026-11-20T1{hour}:00:00Z" for hour in range(5)]
    assert all(post.text in found.text for post in found.posts)


def test_cells_of_a_tables_row_share_a_line() -> None:
    rows = "".join(f"<tr><td>Pier {number}</td><td>{number}00 tons lifted in the year</td></tr>" for number in (1, 2))
    text = extract_page(page(article(*BODY, f"</p><table>{rows}</table><p>{BODY[0]} Again."))).text
    assert "Pier 1 | 100 tons lifted in the year\nPier 2 | 200 tons lifted in the year" in text


def test_a_host_has_one_fold_whatever_its_first_labels() -> None:
    assert (
        find_fold("www.example.com") == find_fold("news.example.com") == find_fold_of_url("https://EXAMPLE.com:8443/a")
    )
    assert {find_fold(f"paper{number}.test") for number in range(60)} == set(range(FOLDS))


@pytest.mark.parametrize("fold", [None, *range(FOLDS)])
def test_every_fold_has_a_model_that_reads_the_page(fold: int | None) -> None:
    assert extract_page(page(article()), fold=fold).text == "\n".join(BODY)


def test_a_document_names_the_model_that_made_it_and_how_sure_it_is() -> None:
    found = extract_page(page(article()))
    assert found.model == digest_model()
    assert found.confidence is not None and 0 < found.confidence < 1
    assert MODEL_FILE.stat().st_size <= 1_500_000


@pytest.mark.parametrize("html", [article(head=DESCRIBED, lead=STANDFIRST), IN_DOUBT])
def test_a_page_gives_the_same_bytes_under_every_hash_seed(html: str) -> None:
    code = (
        "from tests.extraction.pages import page; from hemeroteca.extraction.article import extract_page;"
        f"print(extract_page(page({html!r})).model_dump_json())"
    )
    made = under_hash_seeds(code)
    assert len(made) == 1
