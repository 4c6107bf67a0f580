"""Newspapers that had a good night, then a fault each: what is wrong is named, and no healthy one is accused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling import crawl_process
from hemeroteca.archive.watching.cause_notes import read_causes
from spiders.job import Job
from tests.archive.homes import FIRST, make_home, open_home, pass_night
from tests.conftest import S3Server
from tests.spiders.press import Press, Reply, feed

HTML = (("Content-Type", "text/html; charset=utf-8"),)
ARTICLES = 6
"""New ones a night."""
WORDS = (
    "The council of the harbour town met late on Thursday to decide what becomes of the old ferry landing, which has"
    " been closed since the storms of last winter. Members heard that repairs would cost more than a new pier, and that"
    " the company which runs the boats would pay a third of it. {name} asked for a vote before the summer."
)


class Paper(NamedTuple):
    """A newspaper of the test at *host*."""

    press: Press
    host: str

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def links(self, night: int) -> list[str]:
        return [self.url(f"/2026/03/0{night}/story-number-{n}") for n in range(ARTICLES)]

    def put(self, path: str, *replies: Reply | str) -> None:
        self.press.put(self.url(path), *replies)

    def publish(self, night: int, page: Callable[[str], Reply | str] | None = None) -> None:
        """Put the articles of *night* and announce them."""
        for link in self.links(night):
            made = (page or story)(link)
            self.press.put(link, Reply(200, made.encode(), HTML) if isinstance(made, str) else made)
        self.announce(self.links(night), night)

    def announce(self, links: list[str], night: int) -> None:
        self.put("/feed", feed(*((link, f"0{night} Mar 2026 08:00:00 GMT") for link in links)))


def story(link: str, title: str | None = None) -> str:
    title = title if title is not None else f"Story {link[-1]} of {link.split('/')[5]}"
    text = "".join(f"<p>{WORDS.format(name=f'Member {n} of {link}')}</p>" for n in range(6))
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"


def _feed(reply: Reply | str) -> Callable[[Paper, int], None]:
    def break_it(paper: Paper, night: int) -> None:
        paper.publish(night)
        paper.put("/feed", reply)

    return break_it


def _articles(page: Callable[[str], Reply | str]) -> Callable[[Paper, int], None]:
    return lambda paper, night: paper.publish(night, page)


def _robots(reply: Reply | str) -> Callable[[Paper, int], None]:
    def break_it(paper: Paper, night: int) -> None:
        paper.publish(night)
        paper.put("/robots.txt", reply)

    return break_it


def _links(make: Callable[[Paper, int, int], str]) -> Callable[[Paper, int], None]:
    def break_it(paper: Paper, night: int) -> None:
        paper.announce([make(paper, night, n) for n in range(ARTICLES)], night)

    return break_it


def _dates(paper: Paper, night: int) -> None:
    paper.publish(night)
    paper.put("/feed", feed(*((link, "01 Feb 2025 08:00:00 GMT") for link in paper.links(night))))


def _all_refused(paper: Paper, night: int) -> None:
    paper.publish(night, lambda _: Reply(403, b"no"))
    for path in ("/feed", "/"):
        paper.put(path, Reply(403, b"no"))


def _moved_feed(paper: Paper, night: int) -> None:
    new = f"new.{paper.host}"
    paper.press.redirect(paper.url("/feed"), f"http://{new}/feed")
    paper.press.put(f"http://{new}/feed", feed(*(f"http://{new}/2026/03/0{night}/{n}-a-b-c" for n in range(ARTICLES))))


def _redirect(target: str) -> Callable[[str], Reply]:
    return lambda link: Reply(302, b"", (("Location", target),))


def _consent(link: str) -> str:
    return "<html><title>The Paper</title><body><p>We and our 846 partners store cookies.</p></body></html>"


def _headless(link: str) -> str:
    return story(link, "").replace("<h1></h1>", "").replace("<title></title>", "")


def _teaser(link: str) -> str:
    return f"<html><title>Story {link[-10:]}</title><h1>Story {link[-10:]}</h1><p>{WORDS[:90]}</p></html>"


def _program(link: str) -> str:
    title = f"Story {link[-10:]}"
    return f"<html><title>{title}</title><body><h1>{title}</h1><div id=root>Loading…</div></body></html>"


def _paywall(link: str) -> str:
    marks = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    begins = f"<p>{WORDS.format(name=f'A member {link[-1]}')[:320]}</p><p>Subscribe to read on.</p>"
    title = f"Story {link[-10:]}"
    return f"<html><head><title>{title}</title>{marks}</head><article><h1>{title}</h1>{begins}</article></html>"


def _nothing(paper: Paper, night: int) -> None:
    """The same feed as ever."""


FAULTS: dict[str, tuple[Callable[[Paper, int], None], str]] = {
    "feed-404": (_feed(Reply(404, b"gone")), "http_404"),
    "feed-html": (_feed("<html><body>Our new home page</body></html>"), "not_a_feed"),
    "feed-empty": (_feed(feed()), "empty"),
    "all-403": (_all_refused, "http_403"),
    "articles-403": (_articles(lambda _: Reply(403, b"no")), "keeps us out"),
    "articles-429": (_articles(lambda _: Reply(429, b"wait")), "keeps us out"),
    "robots-disallow": (_robots("User-agent: *\nDisallow: /2026/"), "robots.txt forbids 6 of 6"),
    "robots-503": (_robots(Reply(503, b"busy")), "robots.txt could not be read"),
    "host-down": (_robots(Reply(0)), "robots.txt could not be read"),
    "links-elsewhere": (
        _links(lambda p, night, n: f"http://cdn.{p.host}/2026/03/0{night}/{n}-a-b"),
        "add it to `hosts`",
    ),
    "feed-elsewhere": (_moved_feed, "add it to `hosts`"),
    "path-outgrew-include": (_links(lambda p, night, n: p.url(f"/neu/{night}-{n}-a-b-c")), "`include`"),
    "dates-wrong": (_dates, "recent_days"),
    "soft-404": (_articles(lambda _: "<html><title>Page not found</title><body>Sorry.</body></html>"), "soft_404"),
    "to-the-front-page": (_articles(_redirect("/")), "soft_404"),
    "consent-page": (_articles(_consent), "all the same page"),
    "consent-redirect": (_articles(_redirect("/privacy-gate?back=1")), "consent_wall"),
    "members-only": (_articles(_redirect("/login?back=1")), "login_wall"),
    "challenge": (_articles(lambda _: "<html><title>Just a moment...</title></html>"), "captcha"),
    "teaser": (_articles(_teaser), "documents are"),
    "paywall": (_articles(_paywall), "documents are"),
    "program-alone": (_articles(_program), "documents are without text"),
    "title-gone": (_articles(_headless), "untitled"),
    "feed-frozen": (_nothing, "nothing new for 2 nights"),
    "feed-304": (_nothing, "nothing new for 2 nights"),
}
LATER = {"feed-frozen", "feed-304"}
"""What only a second night shows."""
HEALTHY = ("well", "quiet-tonight")


def card(name: str) -> dict[str, Any]:
    include = {"include": ["/2026/"]} if name == "path-outgrew-include" else {}
    return {
        "id": name, "title": name, "homepage": f"http://{name}.test/", "language": "en", "delay_seconds": 0,
        "discoveries": [{"kind": "feed", "url": f"http://{name}.test/feed"}], "allow_private": True, **include,
        "time_budget_seconds": 10,
    }  # fmt: skip


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[list[dict[str, str]]]:
    """What is said of each newspaper in three nights, by its id."""
    names = [*FAULTS, *HEALTHY]
    home, s3 = make_home(tmp_path_factory.mktemp("watch") / "home", *map(card, names)), s3_server.new_prefix()
    with Press() as press, pytest.MonkeyPatch.context() as patch:
        patch.setattr(crawl_process, "Job", partial(Job, backoff_seconds=0.02))
        papers = {name: Paper(press, f"{name}.test") for name in names}
        said = []
        for night in range(1, 4):
            for name, paper in papers.items():
                _prepare(paper, name, night)
            with open_home(home, s3, FIRST + timedelta(days=night - 1), connect_to=press.connect_to[0]) as archive:
                pass_night(archive)
                said.append(_read(archive))
        yield said


def _prepare(paper: Paper, name: str, night: int) -> None:
    paper.put("/", "<html><title>Front page</title><h1>Front page</h1></html>")
    if night == 1 or (name == "well" or (name == "quiet-tonight" and night == 3)):
        paper.publish(night)
    elif name in FAULTS:
        FAULTS[name][0](paper, night)
    if name == "feed-304":
        paper.put("/feed", Reply(200, paper.press.pages[paper.url("/feed")][0].body, (("ETag", '"1"'),)))


def _read(archive: Archive) -> dict[str, str]:
    causes = read_causes(archive, archive.settings.tonight())
    return {crawl_id.rsplit("-", 2)[0]: cause for crawl_id, cause in causes.items()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(nights: list[dict[str, str]], name: str) -> None:
    assert name not in nights[0]
    assert FAULTS[name][1] in nights[2 if name in LATER else 1].get(name, "nothing was said")


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_newspaper_is_not_accused(nights: list[dict[str, str]], name: str) -> None:
    assert [night[name] for night in nights if name in night] == []
