"""A Scrapy spider as its author wrote it, from its callbacks to items, documents and back, killed on the way or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.kept_items import read_kept_items
from hemeroteca.extraction.extractor import identify_extractor
from storage import keys
from storage.manifests import read_text_manifest
from storage.model.document import Document
from storage.model.source import ItemFields, TextOverrides
from storage.objects import S3Settings
from tests.archive.cleaned import captures_of, documents_of
from tests.archive.homes import (
    Origin,
    demo_card,
    make_home,
    only_crawl,
    open_home,
    plan,
    run_of,
    spooled,
    take_steps,
    unlisted,
)
from tests.archive.running_crawl import kill_after
from tests.spiders.plain.own_spiders import write_spider

SPIDER = """
class Faro(scrapy.Spider):
    name = "el faro"
    start_urls = ["http://faro.hemeroteca.test/"]

    async def start(self):
        yield {"of": "no page"}
        async for request in super().start():
            yield request

    def parse(self, response):
        yield {"of": "the front page"}
        yield from response.follow_all(css="main a", callback=self.parse_story)

    def parse_story(self, response):
        yield {"headline": f"Said: {response.css('h1::text').get()}", "date": "2026-02-27", "byline": ["Ada Byron"]}
"""
FIELDS = ItemFields(title="headline", published="date", authors="byline")


@pytest.fixture
def archive(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    for name, value in write_spider(tmp_path, SPIDER).items():
        monkeypatch.setenv(name, value)
    of_spider = {"spider": "mypress.paper", "item_fields": FIELDS.model_dump()}
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.01, **of_spider))
    with open_home(home, s3_settings, connect_to=origin.newspapers.connect_to) as archive:
        yield archive


def documents(archive: Archive) -> list[Document]:
    extractor = identify_extractor(TextOverrides(), None, FIELDS)
    key = keys.text_manifest(keys.crawl_manifest(only_crawl(archive).crawl), extractor)
    return list(documents_of(archive.store, read_text_manifest(archive.store, key)).values())


def check(archive: Archive) -> None:
    """Hold items to captures, each of one page, and documents to items."""
    kept = list(read_kept_items(archive))
    captured = {one.record_id: one.target_uri for one in captures_of(archive.store, only_crawl(archive).crawl)}
    assert all(captured[one.record_id] == one.url for one in kept if one.record_id)
    assert set(Counter(one.url for one in kept).values()) == {1}, "of each page, and of no page, there is one item"
    assert [one.item["of"] for one in kept if "of" in one.item] == ["no page", "the front page"]
    assert {one.spider for one in kept} == {"el faro"}
    found = documents(archive)
    assert len(found) > 10
    for document in found:
        assert (document.title or "").startswith("Said: ") and document.authors == ("Ada Byron",)
        assert (document.published, document.published_known) == ("2026-02-27", "spider")
    assert {document.url for document in found} <= {one.url for one in kept}
    assert not unlisted(archive.store) and not spooled(archive)


def test_what_its_callbacks_yield_is_kept_and_said_by_its_documents(archive: Archive) -> None:
    run = run_of(archive)
    take_steps(archive, run, plan(archive, run))
    check(archive)


def test_a_try_that_was_killed_leaves_no_item_twice_and_no_document_without_its_item(
    archive: Archive, origin: Origin
) -> None:
    run = run_of(archive)
    (shard,) = plan(archive, run)
    kill_after(archive, shard, origin, 15)
    take_steps(archive, run, [shard])
    manifest = archive.holdings.read_manifest(keys.crawl_manifest(only_crawl(archive).crawl))
    assert len(manifest.attempts) == 2
    check(archive)
