"""Spiders written into a test's own folder, as a user of Scrapy writes them, and their crawl processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from storage.model.source import Source
from tests.spiders.crawling import CHECKOUT, Run, Served, card, task_of

HEAD = "import scrapy\nfrom scrapy.spiders import CrawlSpider, Rule, SitemapSpider, XMLFeedSpider\n"


def own_card(module: str = "paper", **fields: Any) -> Source:
    """The card of a newspaper whose spider is *module* in a test's folder."""
    return card(spider=f"mypress.{module}", discoveries=(), **fields)


def write_spider(folder: Path, code: str, module: str = "paper") -> dict[str, str]:
    """Write *code* as the module ``mypress.paper``; return the environment in which it can be imported."""
    package = folder / "mypress"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / f"{module}.py").write_text(HEAD + code)
    return {"PYTHONPATH": f"{CHECKOUT}:{folder}"}


def crawl(press: Served, folder: Path, code: str, status: int | None = 0, **fields: Any) -> Run:
    """Crawl the newspaper with the spider in *code*; *fields* that a task has are the task's, the others the card's."""
    of_task = {
        name: fields.pop(name) for name in ("known", "urls", "only_urls", "adopted", "page_budget") if name in fields
    }
    task = task_of(folder / "spool", own_card(**fields), **of_task)
    return Run(press, task, environment=write_spider(folder, code)).wait(status)
