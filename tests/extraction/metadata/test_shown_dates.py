"""Dates that readers see: beside the headline, in whatever elements, and what a page says in other places."""

from __future__ import annotations

import html
import json

import pytest

from tests.extraction.markup import meta, news
from tests.extraction.metadata.test_dates import DAY, H1, TIME, dates
from tests.extraction.pages import HEADLINE

STAMP = news(datePublished="2026-11-20T10:00:05Z", dateModified="2026-11-20T10:00:00Z")
SHOWN_DAY = "2024-05-07"
PUBLISHED = "<p>Published <time>May 7, 2024</time></p>"
SHOWN = f"{H1}<p class='date'>May 7, 2024</p>"


@pytest.mark.parametrize(
    ("body", "head", "day"),
    [
        (SHOWN, STAMP, SHOWN_DAY),
        (f"{H1}<div><span>May 7, 2024</span></div>", STAMP, SHOWN_DAY),
        (SHOWN, meta(date=DAY), SHOWN_DAY),
        (SHOWN, '<meta name="DC.date" content="2026-11-20"><meta name="date" content="2026-11-20">', SHOWN_DAY),
        (H1, meta(date=DAY), DAY),
        (f"{H1}{PUBLISHED}", news(datePublished=DAY), SHOWN_DAY),
        (f"{H1}{PUBLISHED}<p>Published <time>May 8, 2024</time></p>", news(datePublished=DAY), DAY),
        # several days beside the headline, one after the stamp, one that is said by a day that is no stamp
        (f"{SHOWN}<p class='date'>May 8, 2024</p>", STAMP, DAY),
        (f"{H1}<p class='date'>November 22, 2026</p>", STAMP, DAY),
        (SHOWN, news(datePublished=DAY, dateModified="2026-11-22"), DAY),
        (SHOWN, news(datePublished=DAY), DAY),
        # a shown day of change is no second witness of a meta that repeats it
        (
            f"{H1}<p class='date'>November 20, 2026</p>",
            meta(article_published_time=SHOWN_DAY, datepublished=DAY, datemodified=DAY),
            SHOWN_DAY,
        ),
    ],
)  # fmt: skip
def test_the_day_beside_the_headline_stands_for_a_stamp_of_the_software(body: str, head: str, day: str) -> None:
    assert (dates(body, head).published or "")[:10] == day


@pytest.mark.parametrize(
    "shown",
    [
        "<span><b>Last Updated</b> <span>on</span> <span class='date'>May 7, 2024</span></span>",
        "<p>Last updated: <time datetime='2024-05-07'>May 7, 2024</time>.</p>",
        "<div><div>Last updated:</div><div class='color'>May 7, 2024</div></div>",
        "<div>Updated <span class='author-date'>May 7, 2024</span></div>",
        "<div class='field--name-changed'><time datetime='2024-05-07'>May 7, 2024</time></div>",
        "<span class='last-updated'><span class='date'>May 7, 2024</span></span>",
        "<time class='published-date' datetime='2024-05-07'><span>Updated May 7, 2024</span></time>",
    ],
)
def test_a_page_that_shows_its_change_alone_has_no_date_of_publication(shown: str) -> None:
    far = "<p>text</p>" * 100 + "<ul><li>Journal, April 8, 2013</li></ul>"
    later = '<script>var page = {"publishedAt":"2024-09-17T16:05:00Z"}</script>'
    for page in (f"{H1}{shown}", f"{H1}{shown}{far}", f"{H1}{shown}{later}"):
        found = dates(page)
        assert (found.published, found.confidence, found.modified) == (None, None, SHOWN_DAY)


@pytest.mark.parametrize(
    "shown",
    [
        "<p class='time-of-publication'>Updated <time datetime='2024-05-07'>May 7, 2024</time></p>",
        "<time class='entry-date updated' datetime='2024-05-07'>May 7, 2024</time>",
        "<a class='x-post-date updated' href='/a'>May 7, 2024</a>",
        "<div class='date'><span>May</span><span>07</span><span>2024</span></div>",
        "<fieldset><legend>A crane</legend> 7 May 2024 <p>text</p></fieldset>",
        "<div><svg></svg> May 7, 2024</div>",
        "<date>May 7, 2024</date>",
        "<x-timeago ts='2024-05-07T09:47:05.754000+0000'></x-timeago>",
    ],
)
def test_a_date_is_read_in_whatever_elements_it_stands(shown: str) -> None:
    assert (dates(f"<article>{H1}{shown}</article>").published or "")[:10] == SHOWN_DAY


def test_the_header_of_an_article_is_not_that_of_the_site() -> None:
    time = "<header><time datetime='2024-05-07'>May 7, 2024</time></header>"
    assert dates(f"<article>{time}{H1}</article>").published == SHOWN_DAY


def test_a_date_just_before_the_headline_is_nearer_than_those_of_other_stories_after_the_text() -> None:
    others = (
        "<p>text</p>" * 60
        + "<li><time datetime='2022-08-10'>x</time></li><li><time datetime='2022-08-10'>y</time></li>"
    )
    assert dates(f"<div><time datetime='2024-05-07'>x</time></div>{H1}{others}").published == SHOWN_DAY


def test_the_dates_of_answers_and_comments_are_not_those_of_the_question() -> None:
    question = f"{H1}<time itemprop='dateCreated' datetime='2024-05-07'>a year ago</time>"
    answer = (
        "<div itemscope itemprop='suggestedAnswer'><time itemprop='datePublished' datetime='2026-01-07'>x</time></div>"
    )
    assert (
        dates(f"<div itemscope itemtype='https://schema.org/Question'>{question}{answer}</div>").published == SHOWN_DAY
    )


@pytest.mark.parametrize(
    ("note", "language", "day"),
    [
        ("<p>This entry was posted on May 7, 2024 at 9:30 and is filed under Crane.</p>", "en", SHOWN_DAY),
        (
            "<p><a>A crane</a> wurde am <nobr>7. Mai 2024</nobr> um 23:03 Uhr gepostet und abgelegt.</p>",
            "de",
            SHOWN_DAY,
        ),
        ("<p class='postmetadata'>7. <a href='/2024/05'>Mai 2024</a> um 09:43</p>", "de", SHOWN_DAY),
        ("<p>Der Hafen wurde am 7. Mai 2024 um 23:03 Uhr geschlossen, und niemand vergaß es.</p>", "de", None),
    ],
)
def test_a_note_below_the_text_says_when_it_was_posted(note: str, language: str, day: str | None) -> None:
    text = "<p>Nobody forgot the vote, when the port was closed.</p>" * 50
    assert (dates(f"<div>{H1}{text}{note}</div>", language=language).published or "")[:10] == (day or "")


def test_days_that_a_text_tells_of_are_no_dates_of_the_article() -> None:
    prose = (
        "<p><a href='/a'>Le 6 août 2019</a>, le député a été mis en examen." + " Nobody forgot the vote." * 10 + "</p>"
    )
    found = dates(f"<p>30 septembre 2018</p>{H1}{prose}", language="fr")
    assert found.published == "2018-09-30"
    assert dates(f"{H1}{prose}", language="fr").published is None


@pytest.mark.parametrize(
    ("line", "language", "day"),
    [
        ("Accepted for publication 2022-12-16", "en", DAY),
        ("Received: May 7, 2024 | Accepted: May 9, 2024", "en", DAY),
        ("Received: May 7, 2024 | Published: May 9, 2024", "en", "2024-05-09"),
        ("Recibido: 7 de mayo de 2024", "es", DAY),
        ("Eingegangen am 7. Mai 2024", "de", DAY),
    ],
)
def test_the_days_before_publication_are_not_its_day(line: str, language: str, day: str) -> None:
    found = dates(f"{H1}<p>{line}</p>", meta(dc_date=DAY).replace("dc_date", "dc.date"), language=language)
    assert (found.published or "")[:10] == day


def test_the_time_of_the_visit_is_no_date() -> None:
    clock = "<div class='current-time'>Aktuelles Datum und Uhrzeit: 11.02.2025, 07:22</div>"
    assert dates(f"{H1}<p class='author'>am 26.10.2013</p>{clock}", language="de").published == "2013-10-26"
    assert dates(f"{H1}<p>It is currently May 7, 2024</p>").published is None


def test_an_object_in_a_meta_or_an_escaped_one_has_the_date() -> None:
    text = json.dumps({"@type": "NewsArticle", "headline": HEADLINE, "datePublished": TIME})
    escaped = html.escape(text)
    assert dates(head=f'<meta name="script:ld+json" content="{html.escape(text)}">').published == TIME
    script = f'<script type="application/ld+json">{escaped}</script>'
    assert dates(head=script).published_known == "json-ld:datePublished"
