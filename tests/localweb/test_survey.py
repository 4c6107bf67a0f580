"""Real newspapers' hosts are found out about from their front pages, in one process."""

from __future__ import annotations

from pathlib import Path

from spiders.job import CrawlTask
from storage.model.source import Discovery
from tests.localweb.server import LocalWeb
from tests.localweb.web import Web, source_id
from tests.shared import needs_shared
from tests.spiders.crawling import Run, card, task_of

pytestmark = needs_shared
MOST = 12  # of 96: what is asked of each is the same


def test_a_survey_reads_what_announces_articles_and_no_article(tmp_path: Path) -> None:
    web = Web()
    roots = web.roots[:MOST]
    with LocalWeb(web, tmp_path) as served:
        tasks = [task(tmp_path, root) for root in roots]
        connect_to = tuple(served.connect_to.split(","))
        run = Run(_Served(connect_to), *tasks, ca_file=served.ca_file).wait()
    for number, root in enumerate(roots):
        expected = {f"{root}{name}" for name in ("", "robots.txt", "feed.xml", "sitemap.xml", "sitemap-news.xml")}
        assert run.ends(number) == dict.fromkeys(expected, "captured")
    assert not {one.url for one in served.sent} & (web.urls("article") | web.urls("forbidden"))


def task(spool: Path, root: str) -> CrawlTask:
    host = root.split("/")[2]
    front = (Discovery(kind="section", url=root),)
    return task_of(spool, card(source_id(host), host, homepage=root, discoveries=front, spider="survey"))


class _Served:
    def __init__(self, connect_to: tuple[str, ...]) -> None:
        self.connect_to = connect_to
