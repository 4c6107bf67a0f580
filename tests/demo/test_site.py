"""The demo newspapers: announcements, special pages, and changes from night to night."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urldefrag, urlsplit

import fastfeedparser
import pytest
import trafilatura

from hemeroteca.demo import PAPERS, Newspapers, Paper
from hemeroteca.demo.announcements import ELSEWHERE
from hemeroteca.demo.stories import Story, build_edition
from tests.demo.expected import EXPECTED
from tests.demo.reading import LINK, Page, Reader, reading

TONIGHT = date(2026, 3, 1)
TOMORROW = TONIGHT + timedelta(days=1)
FARO, COURIER, ANZEIGER = PAPERS
every_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.language)


@pytest.fixture(scope="module")
def newspapers() -> Newspapers:
    return Newspapers(night=TONIGHT)


@pytest.fixture(scope="module")
def kept_reader(newspapers: Newspapers) -> Iterator[Reader]:
    with reading(newspapers) as reader:
        yield reader


@pytest.fixture
def reader(newspapers: Newspapers, kept_reader: Reader) -> Reader:
    newspapers.set_night(TONIGHT)
    return kept_reader


def story_of(paper: Paper, treatment: str, day: date = TONIGHT) -> Story:
    return next(story for story in build_edition(paper, day) if story.treatment == treatment)


def feed_links(page: Page) -> list[str]:
    return [str(entry["link"]) for entry in fastfeedparser.parse(page.body).entries]


def announced_urls(reader: Reader, paper: Paper) -> set[str]:
    """Every distinct article address that feeds, sitemaps, front page and features announce."""
    found = [*feed_links(reader.read(paper, "/rss.xml")), *feed_links(reader.read(paper, "/atom.xml"))]
    for child in reader.read(paper, "/sitemap.xml").locations:
        page = reader.read(paper, urlsplit(child).path)
        packed = child.endswith(".gz")
        found += page._replace(body=gzip.decompress(page.body)).locations if packed else page.locations
    for path in ("/", f"/{paper.features}/"):
        links = [link for link in LINK.findall(reader.read(paper, path).text) if link.count("/") > 1]
        found += [paper.url(link) for link in links if not link.endswith("/")]
    return {urldefrag(url).url for url in found}


@every_paper
def test_two_readings_of_a_night_differ_in_nonce_and_clock_alone(reader: Reader, paper: Paper) -> None:
    paths = ["/", "/rss.xml", "/atom.xml", "/sitemap.xml", "/sitemaps/news.xml", paper.archive_path, "/robots.txt"]
    paths += [f"/{paper.features}/", "/img/logo.svg", *(story.path for story in build_edition(paper, TONIGHT))]
    with reading(Newspapers(night=TONIGHT)) as other:
        for path in paths:
            first, second = (each.read(paper, path, Accept_Encoding="gzip") for each in (reader, other))
            assert first.status == second.status == 200, path
            assert first.body == second.body, path
            varying = {name for name in first.headers if first.headers[name] != second.headers[name]}
            assert varying <= {"X-Nonce", "Date"} and "X-Nonce" in varying, path


@every_paper
def test_feeds_announce_tonight_and_the_day_before_with_their_dates(reader: Reader, paper: Paper) -> None:
    entries = fastfeedparser.parse(reader.read(paper, "/rss.xml").body).entries
    own = [entry for entry in entries if paper.host in entry["link"] and paper.private not in entry["link"]]
    days = [str(entry["published"])[:10] for entry in own]
    assert days.count(str(TONIGHT)) == paper.stories_a_day
    assert days.count(str(TONIGHT - timedelta(days=1))) == paper.stories_a_day - 2  # two of them are gone
    assert len(own) == len(days) == 2 * paper.stories_a_day - 2
    assert all(entry["title"] and entry["description"] for entry in entries)


@every_paper
def test_atom_names_tonights_stories_again_with_a_fragment(reader: Reader, paper: Paper) -> None:
    links = feed_links(reader.read(paper, "/atom.xml"))
    assert [urldefrag(link).url for link in links] == [story.url for story in build_edition(paper, TONIGHT)]
    assert {urldefrag(link).fragment for link in links} == {"ref=atom"}


@every_paper
def test_every_announced_story_is_there_on_three_nights(reader: Reader, newspapers: Newspapers, paper: Paper) -> None:
    odd = {paper.feature_path(slug) for slug in paper.pages.values()} | {paper.secret_path}
    for nights in range(3):
        newspapers.set_night(TONIGHT + timedelta(days=nights))
        paths = {urlsplit(url).path for url in announced_urls(reader, paper) - {ELSEWHERE}} - odd
        assert len(paths) >= 80
        assert {reader.read(paper, path).status for path in paths} == {200}


@every_paper
def test_the_expected_rows_of_the_first_night_are_what_is_announced_and_where_redirects_lead(
    reader: Reader, paper: Paper
) -> None:
    rows = EXPECTED[1][paper.id]
    articles = sum(urls for (purpose, _, _), urls in rows.items() if purpose == "article")
    assert articles == len(announced_urls(reader, paper)) + 3  # moved_again, moved_to, tonight_to


@every_paper
def test_robots_forbids_a_page_that_feed_and_front_page_link(reader: Reader, paper: Paper) -> None:
    assert f"Disallow: /{paper.private}/\n" in reader.read(paper, "/robots.txt").text
    assert paper.secret_path.startswith(f"/{paper.private}/")
    assert paper.url(paper.secret_path) in feed_links(reader.read(paper, "/rss.xml"))
    assert paper.secret_path in LINK.findall(reader.read(paper, "/").text)
    assert reader.read(paper, paper.secret_path).status == 200


@every_paper
def test_the_front_page_links_what_has_moved_or_is_lost_or_broken(reader: Reader, paper: Paper) -> None:
    links = LINK.findall(reader.read(paper, "/").text)
    odd = {name: paper.feature_path(slug) for name, slug in paper.pages.items()}
    statuses = {"moved": 301, "tonight": 302, "missing": 404, "withdrawn": 410, "faulty": 500}
    for name, status in statuses.items():
        assert odd[name] in links
        assert reader.read(paper, odd[name]).status == status
    chain = [odd["moved"]]
    while (page := reader.read(paper, chain[-1])).status == 301:
        chain.append(page.headers["Location"])
    assert chain == [odd["moved"], odd["moved_again"], odd["moved_to"]] and page.status == 200
    assert reader.read(paper, odd["tonight"]).headers["Location"] == odd["tonight_to"]
    assert reader.read(paper, odd["tonight_to"]).status == 200


@every_paper
def test_a_stealth_edit_keeps_address_and_date(reader: Reader, newspapers: Newspapers, paper: Paper) -> None:
    story = story_of(paper, "amended")
    before = reader.read(paper, story.path)
    newspapers.set_night(TOMORROW)
    after = reader.read(paper, story.path)
    assert before.status == after.status == 200
    assert before.text != after.text and before.news_article == after.news_article
    assert story.paragraphs[0] not in after.text
    newspapers.set_night(TOMORROW + timedelta(days=5))
    assert reader.read(paper, story.path).body == after.body


@every_paper
def test_one_story_of_the_day_is_gone_the_night_after(reader: Reader, newspapers: Newspapers, paper: Paper) -> None:
    story = story_of(paper, "vanishing")
    assert reader.read(paper, story.path).status == 200
    assert story.url in announced_urls(reader, paper)
    newspapers.set_night(TOMORROW)
    assert reader.read(paper, story.path).status == paper.gone_status
    assert story.url not in announced_urls(reader, paper)


@every_paper
def test_one_story_is_gone_for_a_night_and_comes_back_as_it_was(
    reader: Reader, newspapers: Newspapers, paper: Paper
) -> None:
    story = story_of(paper, "restored")
    first = reader.read(paper, story.path)
    newspapers.set_night(TOMORROW)
    assert reader.read(paper, story.path).status == paper.gone_status
    assert story.url not in announced_urls(reader, paper)
    newspapers.set_night(TOMORROW + timedelta(days=1))
    assert (first.status, reader.read(paper, story.path).body) == (200, first.body)
    assert story.url in announced_urls(reader, paper)


@every_paper
def test_one_story_says_something_else_for_a_night(reader: Reader, newspapers: Newspapers, paper: Paper) -> None:
    story = story_of(paper, "reverted")
    first = reader.read(paper, story.path).body
    newspapers.set_night(TOMORROW)
    assert reader.read(paper, story.path).body != first
    newspapers.set_night(TOMORROW + timedelta(days=1))
    assert reader.read(paper, story.path).body == first


@every_paper
def test_every_other_story_keeps_its_bytes_and_is_not_there_before_its_day(
    reader: Reader, newspapers: Newspapers, paper: Paper
) -> None:
    changing = ("amended", "vanishing", "restored", "reverted")
    stays = [story for story in build_edition(paper, TONIGHT) if story.treatment not in changing]
    before = [reader.read(paper, story.path).body for story in stays]
    newspapers.set_night(TOMORROW)
    assert [reader.read(paper, story.path).body for story in stays] == before
    newspapers.set_night(TONIGHT - timedelta(days=1))
    assert {reader.read(paper, story.path).status for story in stays} == {404}


def test_one_wire_story_is_carried_by_all_three_with_the_same_facts_and_photograph(reader: Reader) -> None:
    stories = [story_of(paper, "wire") for paper in PAPERS]
    texts = [reader.read(story.paper, story.path).text for story in stories]
    figures = [{word for word in story.headline.split() if word.isdigit()} for story in stories]
    assert figures[0] and figures[0] == figures[1] == figures[2]
    assert all("Meridian" in text for text in texts)
    assert len({reader.read(story.paper, story.image).body for story in stories}) == 1


def test_the_agency_story_prints_the_night_and_has_every_trouble_of_a_scraped_one(
    reader: Reader, newspapers: Newspapers
) -> None:
    path = next(link for link in LINK.findall(reader.read(COURIER, "/").text) if "river-pilots" in link)
    page = reader.read(COURIER, path).text
    assert "Sunday, March 1" in page and "datePublished" not in page and "<time" not in page
    assert page.count("The minister of Inland Waters, Ada Halloran.</div>") == 1
    assert "The minister of Inland Waters, Ada Halloran.MERIDIAN" in page
    assert page.count("Also Read") == 2 and "[la nueva tasa]" in page and "[Halloran]" in page
    assert "<ul><li>Ports" in page and "The Plain Dealing Charter" in page and "Leave a Reply" in page
    newspapers.set_night(TOMORROW)
    later = reader.read(COURIER, path).text
    assert later == page.replace("Sunday, March 1", "Monday, March 2")


@every_paper
def test_trafilatura_finds_text_title_author_and_date_of_every_story(reader: Reader, paper: Paper) -> None:
    for story in build_edition(paper, TONIGHT):
        if story.treatment == "film":
            continue
        page = reader.read(paper, story.path)
        found = trafilatura.bare_extraction(page.text, url=story.url, with_metadata=True)
        assert found is not None and found.text
        assert all(paragraph in found.text for paragraph in story.paragraphs), story.path
        assert (found.title, found.author, found.date) == (story.headline, story.author, str(TONIGHT))


@every_paper
def test_pages_carry_what_newspapers_put_around_a_text(reader: Reader, paper: Paper) -> None:
    story = story_of(paper, "plain")
    page = reader.read(paper, story.path)
    labels = ("also_read", "related", "newsletter", "comments", "comments_note", "photo")
    assert all(paper.labels[label] in page.text for label in labels)
    assert story.caption in page.text and 'property="og:title"' in page.text
    article = page.news_article
    assert article["@type"] == "NewsArticle" and article["datePublished"] == story.published.isoformat()
    assert reader.read(paper, story.image).body.startswith(b"\x89PNG\r\n")
    assert reader.read(paper, "/img/logo.svg").headers["Content-Type"].startswith("image/svg+xml")


def test_one_german_story_a_day_is_in_an_old_charset(reader: Reader) -> None:
    page = reader.read(ANZEIGER, story_of(ANZEIGER, "old_charset").path)
    assert page.headers["Content-Type"] == "text/html; charset=windows-1252"
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("utf-8")
    assert 'charset="windows-1252"' in page.text


def test_the_archive_of_older_stories_answers_and_the_day_has_no_two_of_one_address(reader: Reader) -> None:
    old = TONIGHT - timedelta(days=400)
    for paper in PAPERS:
        stories = build_edition(paper, old)
        assert len({story.path for story in stories}) == len({story.headline for story in stories}) == len(stories)
        assert reader.read(paper, stories[-1].path).status == 200
    assert reader.read(FARO, "/2026/02/30/politica/nada-1.html").status == 404
