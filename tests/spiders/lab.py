"""The capture handler on a real reactor, in a thread of its own, writing real WARC files."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.reactor import install_reactor
from scrapy.utils.test import get_crawler

from spiders.wire.handler import CaptureDownloadHandler
from spiders.wire.recorder import Recorder, utc_now
from storage.captures.exchange import ExchangeFacts
from storage.captures.payloads import Payloads
from storage.captures.writer import WarcFiles, WarcWriter, describe_crawler
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome
from storage.warc.reader import iter_records
from storage.warc.record import WarcRecord
from tests.waiting import HANGS_SECONDS

Result = TypeVar("Result")

FACTS = ExchangeFacts(kind="feed", purpose="article", via="http://a.test/feed")
CRAWL = Crawl(
    id="src-20261124-nightly", source_id="src", night=date(2026, 11, 24), trigger="nightly", started=utc_now()
)


@functools.cache
def event_loop() -> asyncio.AbstractEventLoop:
    """Start the reactor, once a process (it cannot be started twice), and return its loop."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    running = threading.Event()
    reactor.callWhenRunning(running.set)
    threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()
    assert running.wait(HANGS_SECONDS)
    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
    return loop


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run_coroutine_threadsafe(work, event_loop()).result(HANGS_SECONDS)


class Fetched(NamedTuple):
    """What one request gave: a response or an error, and the outcome of its exchange if there was one."""

    response: Response | None
    error: Exception | None
    outcome: Outcome

    def require_response(self) -> Response:
        """Return the response, which must be there."""
        assert self.response is not None, self.error
        return self.response


class _NoPayloads(Payloads):
    def find(self, purpose: str, payload_digest: str) -> None:
        return None


class Lab:
    """A handler with *settings* whose exchanges go to one WARC file in *directory*."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.directory = directory
        self.recorder = Recorder()
        info = describe_crawler("test@hemeroteca.test", "0")
        files = WarcFiles(directory, "t-{:05d}.warc.gz".format, info)
        self._writer = WarcWriter(CRAWL, files, utc_now, lambda: uuid4().urn)
        self.recorder.open("src", self._writer)
        event_loop()  # Scrapy asks for the reactor
        settings = {"DOWNLOAD_TIMEOUT": 20, "DOWNLOAD_FAIL_ON_DATALOSS": False, **settings}
        self.crawler = get_crawler(Spider, settings_dict=settings)
        self.crawler.recorder = self.recorder
        self.crawler.spider = self.crawler._create_spider("lab")
        self._handler = run(self._start())

    async def _start(self) -> CaptureDownloadHandler:
        return CaptureDownloadHandler(self.crawler)

    def store_all(self) -> None:
        """Let every response be stored whole, also one with a payload that was there before."""
        self._writer.payloads = _NoPayloads(self._writer.directory)

    def request(self, url: str, method: str = "GET", **meta: Any) -> Request:
        meta = {"source_id": "src", "facts": FACTS, "known": None, "allow_private": True, **meta}
        return Request(url, method=method, meta=meta, headers={"Accept-Encoding": "gzip"})

    def fetch(self, url: str, method: str = "GET", **meta: Any) -> Fetched:
        return run(self.fetch_request(self.request(url, method, **meta)))

    def fetch_all(self, urls: list[str]) -> list[Fetched]:
        """Fetch *urls* all at once."""

        async def gather() -> list[Fetched]:
            return list(await asyncio.gather(*(self.fetch_request(self.request(url)) for url in urls)))

        return run(gather())

    async def fetch_request(self, request: Request) -> Fetched:
        try:
            response = await self._handler.download_request(request)
        except Exception as error:
            return Fetched(None, error, request.meta.get("outcome"))
        return Fetched(response, None, request.meta["outcome"])

    def close(self) -> Path:
        """Close handler and file; return the file."""
        run(self._handler.close())
        (path,) = self.recorder.close("src")
        return path

    def records(self) -> list[WarcRecord]:
        """Close everything and return all records but the warcinfo."""
        return list(iter_records(self.close()))[1:]
