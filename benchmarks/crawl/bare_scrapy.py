"""``python -m benchmarks.crawl.bare_scrapy URLS [--links] [--quiet]``: Scrapy with its defaults and an empty callback.

It imports nothing of ours, so that the Scrapy of another environment can run it too (``--warc``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor


class Bare(scrapy.Spider):  # type: ignore[misc]
    name = "bare"
    links: LinkExtractor | None = None

    def parse(self, response: Response) -> None:
        if self.links is not None:
            self.links.extract_links(response)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", type=Path)
    parser.add_argument("--links", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="without a line a page in the log")
    parser.add_argument("--warc", type=Path, help="export with scrapy-webarchive into this folder")
    options = parser.parse_args()
    urls = options.urls.read_text().split()
    settings: dict[str, object] = {"LOG_LEVEL": "INFO"} if options.quiet else {}
    if options.warc:
        settings["EXTENSIONS"] = {"scrapy_webarchive.extensions.WaczExporter": 543}
        settings["SW_EXPORT_URI"] = str(options.warc)
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Bare)
    process.crawl(crawler, start_urls=urls, links=LinkExtractor() if options.links else None)
    process.start()
    return int(crawler.stats.get_value("downloader/response_status_count/200") != len(urls))


if __name__ == "__main__":
    sys.exit(main())
