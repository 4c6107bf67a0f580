"""The job of ``scrapy crawl``, ``shell`` and the like: one card of seeds/ or the home, into the spool of a setting."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from scrapy.settings import BaseSettings

from spiders.job import CrawlTask, Job
from spiders.wire.recorder import utc_now
from storage.model.crawl import Attempt, Crawl, run_crawl_id
from storage.model.errors import SeedError
from storage.model.source import ADHOC, Source


def make_job(settings: BaseSettings, source: Source) -> Job:
    """Return the job of a manual crawl of *source*, begun now."""
    now = utc_now()
    crawl_id = run_crawl_id(source.id, "manual", now, "scrapy", uuid4().hex)
    crawl = Crawl(id=crawl_id, source_id=source.id, night=now.date(), trigger="manual", started=now)
    attempt = Attempt(crawl_id=crawl_id, nonce=uuid4().hex[:8], started=now)
    task = CrawlTask(crawl=crawl, source=source, attempt=attempt, spool=Path(settings["CRAWL_SPOOL"]))
    return Job(
        tasks=(task,),
        contact=settings["CONTACT"],
        software_version=settings["SOFTWARE_VERSION"],
        connect_to=tuple(settings.getlist("CAPTURE_CONNECT_TO")),
    )


def find_card(settings: BaseSettings, source_id: str | None, spider: str) -> Source:
    """Return the card *source_id*, else the only one that names *spider*, else ``adhoc``. Raises SeedError."""
    from storage.cards import check_cards, read_layered_cards  # they load a YAML parser, which a job does not need

    found, errors = read_layered_cards([Path(settings["SEEDS"])], Path(settings["HOME_SEEDS"]))
    cards, wrong = check_cards(found)
    if source_id is not None:
        named = [card for card in cards if card.id == source_id]
        if not named:
            raise SeedError("\n".join([f"source: {source_id}: no such card in seeds/", *errors, *wrong]))
        return named[0]
    of_spider = [card for card in cards if card.spider == spider]
    if len(of_spider) > 1:
        ids = ", ".join(card.id for card in of_spider)
        raise SeedError(f"source: several cards name the spider {spider}; choose with -a source=ID: {ids}")
    return of_spider[0] if of_spider else _make_adhoc(settings)


def _make_adhoc(settings: BaseSettings) -> Source:
    """Return the source of what belongs to no card: on this machine where there is no contact, else anywhere else."""
    here = not settings["CONTACT"].strip()
    return Source(id=ADHOC, title="Single addresses", homepage="http://localhost/", language="und", allow_private=here)
