"""An archive of a few captures, read over HTTP in this process: on two ports, as the server has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from starlette.testclient import TestClient

from hemeroteca.archive.archive import Archive
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.web.application import Doors, Options
from tests.storage.committed import DraftCrawl

READING, REPLAY = "http://archive.test:8480", "http://archive.test:8481"
ARTICLE, HOME_PAGE = "http://faro.test/news/one.html", "http://faro.test/"


class Clients(NamedTuple):
    """What asks the two ports; redirects are not followed."""

    reading: TestClient
    replay: TestClient


def ask_both(archive: Archive) -> Clients:
    doors = Doors(archive, Options(replay_port=8481))
    return Clients(*(TestClient(doors, url, follow_redirects=False) for url in (READING, REPLAY)))


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """A catalog alone, of four nights: an article that is there again and edited, and others."""
    settings = Settings(
        home=Home(tmp_path_factory.mktemp("indexed") / "home"), demo=True, s3_bucket="none", s3_prefix="mine/"
    )
    with Archive(settings) as archive:
        first = DraftCrawl(1)
        one = first.captured(ARTICLE, "AAAA")
        first.captured(HOME_PAGE, "HOME1")
        first.captured("http://faro.test/news/two.html", "BBBB", status=404)
        first.captured("http://m.faro.test/news/one.html", "MMMM")
        first.captured("http://farolito.test/", "OTHER")
        second, third, fourth = DraftCrawl(2), DraftCrawl(3), DraftCrawl(4)
        second.unchanged(ARTICLE, one)
        second.captured(HOME_PAGE, "HOME2")
        third.captured("https://www.faro.test/news/one.html", "CCCC")
        fourth.not_modified(ARTICLE, one)
        for crawl in (first, second, third, fourth):
            assert crawl.committed().apply(archive.catalog)
        yield ask_both(archive)
