"""Whole nights of a plain Scrapy spider: what it starts with says whether its newspaper could be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from storage.model.errors import RunFailedError
from storage.objects import S3Settings
from tests.archive.homes import Origin, demo_card, make_home, open_home, plan, run_of, take_steps
from tests.spiders.plain.own_spiders import write_spider

SPIDER = """
class Faro(scrapy.Spider):
    name = "faro"
    start_urls = [STARTS]

    def parse(self, response):
        BODY
"""
HOME = "http://faro.hemeroteca.test"


@pytest.fixture
def night(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Archive]]:
    opened: list[Archive] = []

    def crawl(starts: str, body: str, **fields: object) -> Archive:
        for name, value in write_spider(tmp_path, SPIDER.replace("STARTS", starts).replace("BODY", body)).items():
            monkeypatch.setenv(name, value)
        card = demo_card("faro", delay_seconds=0.01, spider="mypress.paper", discoveries=[], **fields)
        archive = open_home(make_home(tmp_path / "home", card), s3_settings, connect_to=origin.newspapers.connect_to)
        opened.append(archive.__enter__())
        run = run_of(opened[-1])
        take_steps(opened[-1], run, plan(opened[-1], run))
        return opened[-1]

    yield crawl
    for archive in opened:
        archive.__exit__(None, None, None)


def test_pages_that_it_starts_with_may_be_articles(night: Callable[..., Archive]) -> None:
    night(f'"{HOME}/economia/", "{HOME}/cultura/"', "yield {'page': response.url}", include=[], article=["/"])


def test_a_spider_that_finds_nothing_any_more_is_red(night: Callable[..., Archive]) -> None:
    with pytest.raises(RunFailedError, match="could be read: http:.* failed: (empty|http_404)"):
        night(f'"{HOME}/"', "yield from response.css('.no-such-class')")


def test_a_spider_whose_start_is_gone_is_red(night: Callable[..., Archive]) -> None:
    with pytest.raises(RunFailedError, match="could be read: http:.* failed: (empty|http_404)"):
        night(f'"{HOME}/no/such/page"', "yield {'page': response.url}")
