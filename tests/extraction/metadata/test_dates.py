"""Dates: which sources count, which do not, and what the document keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hemeroteca.extraction.metadata.date_style import make_date_style
from hemeroteca.extraction.metadata.dates import Dates, read_dates
from hemeroteca.extraction.metadata.written_dates import parse_written_date
from tests.extraction.markup import markup, meta, news
from tests.extraction.pages import FETCHED, HEADLINE, URL

H1 = f"<h1>{HEADLINE}</h1>"
DAY = "2026-11-20"
TIME = f"{DAY}T16:05:00+01:00"


def dates(body: str = H1, head: str = "", url: str = URL, fetched: datetime = FETCHED, language: str = "en") -> Dates:
    return read_dates(markup(body, head, url, language), fetched)


@pytest.mark.parametrize(
    ("body", "head", "published", "known"),
    [
        (H1, news(datePublished=TIME), TIME, "json-ld:datePublished"),
        (H1, news(datePublished=DAY), DAY, "json-ld:datePublished"),
        (H1, meta(article_published_time=TIME), TIME, "meta:article:published_time"),
        (H1, f'<meta name="pubdate" content="{DAY}">', DAY, "meta:pubdate"),
        (H1, '<meta name="published-date" content="20 November 2026">', DAY, "meta:published-date"),
        (f'{H1}<time datetime="{TIME}">yesterday</time>', "", TIME, "time"),
        (f'{H1}<span itemprop="datePublished" content="{TIME}">x</span>', "", TIME, "itemprop:datepublished"),
        (f"{H1}<p class='date'>20. November 2026</p>", "", DAY, "text"),
        (f"{H1}<p>Publicado el 20 de noviembre de 2026</p>", "", DAY, "text"),
        (f"{H1}<p>20.11.2026 - In the harbour the crane turns again, as it did every day</p>", "", DAY, "text"),
        (H1, '<script>var page = {"publishedAt":"2026-11-20T16:05:00+01:00"}</script>', TIME, "script"),
        # the most exact of those that name the day
        (H1, news(datePublished=DAY) + meta(article_published_time=TIME), TIME, "meta:article:published_time"),
    ],
)  # fmt: skip
def test_a_date_is_known_by_its_source(body: str, head: str, published: str, known: str) -> None:
    found = dates(body, head)
    assert (found.published, found.published_known) == (published, known)


def test_an_address_with_a_day_dates_its_page() -> None:
    found = dates(url="https://faro.hemeroteca.test/2026/11/20/crane.html")
    assert (found.published, found.published_known) == (DAY, "url")


@pytest.mark.parametrize(
    "body",
    [
        f"<header><span class='date'>Thursday, May 26</span></header>{H1}",
        f"<header><span class='date'>Thursday, November 19, 2026</span></header>{H1}",
        f"<script>write('2026-11-19')</script>{H1}<script>write('2026-11-19')</script>",
        f"<header><div class='clock'>19.11.2026 12:00</div></header><main>{H1}</main>",
        f"{H1}<p>Nobody forgot the vote of November 3, 2020, when the port was closed and the crane stood still.</p>",
        f"{H1}<p>The 2020 US presidential election</p>",
        f"{H1}<footer><p>© 2026 El Faro, since 1 May 1901</p></footer>",
        f"{H1}<aside><time datetime='2026-11-19'>19 November</time></aside>",
        f"{H1}<div class='related-stories'><p class='date'>19.11.2026</p></div>",
        f"{H1}<section id='comments'><time datetime='2026-11-19'>19 November</time></section>",
        H1,
    ],
)  # fmt: skip
def test_clocks_prose_copyright_and_other_stories_are_no_dates_of_the_article(body: str) -> None:
    found = dates(body)
    assert (found.published, found.published_known) == (None, "none: no_reliable_date")
    assert (found.confidence, found.modified, found.modified_known) == (None, None, "none: no_reliable_date")


@pytest.mark.parametrize("said", ["2027-01-01", "1899-01-01", "2026-11-25T12:00:00Z", "tomorrow", "2026-13-45", ""])
def test_a_date_after_the_fetch_or_before_the_web_is_none(said: str) -> None:
    assert dates(head=news(datePublished=said)).published is None


def test_a_newspapers_own_day_may_be_ahead_of_ours() -> None:
    late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert dates(head=news(datePublished="2026-11-21T06:00:00+10:00"), fetched=late).published is not None


def test_a_change_is_kept_beside_the_publication_and_never_before_it() -> None:
    found = dates(head=news(datePublished=TIME, dateModified="2026-11-21T08:00:00+01:00"))
    assert (found.modified, found.modified_known) == ("2026-11-21T08:00:00+01:00", "json-ld:dateModified")
    early = dates(head=news(datePublished=TIME, dateModified="2026-11-19T08:00:00+01:00"))
    assert (early.published, early.modified) == (TIME, None)
    updated = dates(f"{H1}<p>Updated: November 20, 2026</p>")
    assert updated.published is None
    assert [one.field for one in updated.candidates] == ["modified"]


def test_a_clock_without_a_zone_has_that_of_the_pages_other_times_or_is_not_said() -> None:
    bare = "2026-11-20T16:05:00"
    found = dates(head=news(datePublished=bare, dateModified="2026-11-20T18:00:00+01:00"))
    assert found.published == TIME
    alone = dates(head=news(datePublished=bare))
    assert (alone.published, alone.candidates[0].value) == (DAY, bare)


def test_of_an_instant_in_utc_the_newspapers_own_clock_says_the_day() -> None:
    same = f'{H1}<time datetime="2026-11-20T23:05:00-05:00">late</time>'
    found = dates(same, news(datePublished="2026-11-21T04:05:00Z"))
    assert found.published == "2026-11-20T23:05:00-05:00"


def test_more_sources_outweigh_one() -> None:
    body = f'{H1}<time datetime="{TIME}">20 November</time>'
    found = dates(body, news(datePublished="2018-04-03") + meta(article_published_time=TIME))
    assert found.published == TIME


def test_sources_that_agree_make_a_date_surer_and_others_less() -> None:
    alone = dates(head=news(datePublished=TIME)).confidence or 0
    agreed = dates(head=news(datePublished=TIME) + meta(article_published_time=TIME)).confidence or 0
    at_odds = dates(head=news(datePublished=TIME) + meta(article_published_time="2026-03-01")).confidence or 0
    assert 0 < at_odds < alone < agreed <= 1


def test_what_a_feed_announced_is_a_candidate_and_dates_a_page_that_says_nothing() -> None:
    when = datetime(2026, 11, 20, 15, 5, tzinfo=UTC)
    alone = read_dates(markup(H1), FETCHED, [("feed", when)])
    assert (alone.published, alone.published_known) == ("2026-11-20T15:05:00Z", "feed")
    both = read_dates(markup(H1, news(datePublished=TIME)), FETCHED, [("sitemap", when)])
    assert [one.source for one in both.candidates] == ["json-ld:datePublished", "sitemap"]
    assert (both.confidence or 0) > (dates(head=news(datePublished=TIME)).confidence or 0)


def test_every_candidate_is_kept_with_its_source() -> None:
    found = dates(head=news(datePublished=TIME, dateModified=TIME) + meta(article_published_time="2026-11-19"))
    assert [(one.field, one.source, one.value) for one in found.candidates] == [
        ("published", "json-ld:datePublished", TIME),
        ("published", "meta:article:published_time", "2026-11-19"),
        ("modified", "json-ld:dateModified", TIME),
    ]


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024/05/07/crane", "2024-05-07"),
        ("crane-20240507.html", "2024-05-07"),
        ("crane/29-10-2021", "2021-10-29"),
        ("crane~02-01-2022", "2022-01-02"),
        ("2020/05/crane", None),
        ("crane-1234-10-2021", None),
    ],
)
def test_a_day_in_an_address_dates_a_page_that_says_nothing_better(path: str, day: str | None) -> None:
    url = f"https://faro.hemeroteca.test/{path}"
    assert dates(url=url).published == day
    assert dates(head=news(datePublished=TIME), url=url).published == TIME


@pytest.mark.parametrize(
    ("line", "language", "published", "modified"),
    [
        ("Updated May 8, 2024 | Published May 7, 2024", "en", "2024-05-07", "2024-05-08"),
        ("Published May 7, 2024 | Updated May 8, 2024", "en", "2024-05-07", "2024-05-08"),
        ("Giriş Tarihi: 07.05.2024 09:30 Son Güncelleme: 08.05.2024 10:00", "tr", "2024-05-07", "2024-05-08"),
        ("Publicado: 07/05/2024 Actualizado: 08/05/2024", "es", "2024-05-07", "2024-05-08"),
        ("Опубликовано 7 мая 2024, обновлено 8 мая 2024", "ru", "2024-05-07", "2024-05-08"),
        ("2024年5月7日 公開 2024年5月8日 更新", "ja", "2024-05-07", "2024-05-08"),
        ("公開：2024年5月7日 更新：2024年5月8日", "ja", "2024-05-07", "2024-05-08"),
        ("입력 2024.05.07 14:30 수정 2024.05.08 10:00", "ko", "2024-05-07", "2024-05-08"),
        ("2024.05.07 14:30 입력", "ko", "2024-05-07", None),
        ("تاريخ النشر: ٧ مايو ٢٠٢٤ - آخر تحديث: ٨ مايو ٢٠٢٤", "ar", "2024-05-07", "2024-05-08"),
        ("פורסם: 7 במאי 2024, עודכן: 8 במאי 2024", "he", "2024-05-07", "2024-05-08"),
        ("Megjelent: 2024. május 7. Frissítve: 2024. május 8.", "hu", "2024-05-07", "2024-05-08"),
        ("Terbit 7 Mei 2024, diperbarui 8 Mei 2024", "id", "2024-05-07", "2024-05-08"),
    ],
)
def test_a_line_with_two_dates_gives_both(line: str, language: str, published: str, modified: str | None) -> None:
    for body in (f"{H1}<p>{line}</p>", f"{H1}<p class='date'>{line}</p>"):
        found = dates(body, language=language)
        assert (found.published, found.modified) == (published, modified)


@pytest.mark.parametrize(
    ("head", "language", "day"),
    [
        ('<meta name="date" content="05/07/2024 09:30 AM">', "en-US", "2024-05-07"),
        ('<meta name="date" content="05/07/2024">', "en-GB", "2024-07-05"),
        ('<meta name="date" content="05/07/2024"><meta property="og:locale" content="en_US">', "en", "2024-05-07"),
        ('<meta name="date" content="05/07/2024"><meta property="og:locale" content="en_GB">', "en", "2024-07-05"),
        ('<meta name="date" content="05/07/2024">', "es", "2024-07-05"),
        ('<meta name="date" content="۱۴۰۳-۰۲-۱۸T۱۲:۳۰:۰۰">', "fa", "2024-05-07"),
    ],
)
def test_numbers_are_read_as_the_pages_locale_orders_them(head: str, language: str, day: str) -> None:
    assert dates(head=head, language=language).published == day


@pytest.mark.parametrize(
    "time",
    [
        '<time datetime="1715070600000">7 May 2024</time>',
        '<time data-timestamp="1715070600000">today</time>',
        '<time data-published-at="2024-05-07T08:30:00Z">today</time>',
        '<span class="date" data-time="1715070600">today</span>',
        "<div class='byline'>Tuesday May 7, 2024 10:05 am PDT by Juli Cloverfield</div>"
        "<div class='comments'><span class='date'>May 8, 2024 at 10:09 am</span></div>",
    ],
)
def test_a_time_is_read_where_scripts_and_bylines_have_it(time: str) -> None:
    assert (dates(f"<article>{H1}{time}</article>").published or "")[:10] == "2024-05-07"


def test_the_one_day_in_a_box_about_the_article_dates_a_page_that_says_nothing_better() -> None:
    box = "<div class='post-sidebar'><h4>Published</h4><div class='single-post-date'>May 7, 2024</div></div>"
    other = "<div class='related-cards'><div class='post-date'>May 9, 2024</div></div>"
    second = "<div class='post-sidebar'><div class='single-post-date'>May 8, 2024</div></div>"
    labelled = "<div class='post-sidebar'>Published <div class='single-post-date'>May 8, 2024</div></div>"
    assert dates(f"{H1}{box}{other}").published == "2024-05-07"
    assert dates(f"{H1}{box}{second}").published == "2024-05-07"
    assert dates(f"{H1}{second}{second.replace('8', '9')}").published is None
    assert dates(f"{H1}{box}{labelled}").published is None
    assert dates(f"{H1}{box}", news(datePublished=TIME)).published == TIME


def test_a_midnight_in_utc_is_the_day_that_the_newspaper_shows() -> None:
    instant = "2024-05-06T20:30:00Z"
    shown = f'<time datetime="{instant}">2024年5月7日 05:30</time>'
    found = dates(f"{H1}{shown}", news(datePublished=instant), language="ja")
    assert found.published == "2024-05-07T05:30:00+09:00"
    day_alone = dates(f'{H1}<time datetime="{instant}">2024年5月7日</time>', news(datePublished=instant), language="ja")
    assert day_alone.published == "2024-05-07"


def test_a_time_that_says_updated_is_a_change() -> None:
    found = dates(f'{H1}<time datetime="2024-05-07T08:30:00Z">Updated 7 May 2024</time>')
    assert (found.published, found.candidates[0].field) == (None, "modified")


@pytest.mark.parametrize("line", ["2 hours ago", "vor 3 Stunden", "3時間前", "yesterday", "il y a 2 jours"])
def test_a_relative_date_alone_is_none(line: str) -> None:
    assert dates(f"{H1}<span class='date'>{line}</span>").published is None


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("2024-04-30T16:00:34.123+0200", "2024-04-30T16:00:34+02:00", 2),
        ("20240430T160034Z", "2024-04-30T16:00:34Z", 2),
        ("Tue, 30 Apr 2024 16:00:34 +0200", "2024-04-30T16:00:00+02:00", 2),
        ("April 30, 2024 4:05 pm EDT", "2024-04-30T16:05:00-04:00", 2),
        ("1714485634000", "2024-04-30T14:00:34Z", 2),
        ("30. April 2024, 16.05 Uhr", "2024-04-30", 1),
        ("Le 1er mai 2024 à 16h05", "2024-05-01", 1),
        ("30 de abril de 2024", "2024-04-30", 0),
        ("2024年4月30日", "2024-04-30", 0),
        ("30 Nisan 2024", "2024-04-30", 0),
        ("04/30/2024", "2024-04-30", 0),
    ],
)
def test_written_dates_of_many_papers_are_read(text: str, iso: str, precision: int) -> None:
    moment = parse_written_date(text)
    assert moment and (moment.format_iso(), moment.precision) == (iso, precision)


def test_a_slashed_date_is_read_as_its_country_writes_it() -> None:
    day, month = parse_written_date("3/4/2024"), parse_written_date("3/4/2024", make_date_style("en-US"))
    assert day and month and (day.format_iso(), month.format_iso()) == ("2024-04-03", "2024-03-04")


@pytest.mark.parametrize("text", ["May 26", "in 2020", "99.99.2020", "1" * 5_000, "1-" * 5_000, "january " * 2_000])
def test_less_than_a_full_date_is_none(text: str) -> None:
    assert parse_written_date(text) is None
