"""Three nights of the demo newspapers through the crawl process and the catalog: the counts written down by hand."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from hemeroteca.demo.server import Newspapers
from spiders.job import CrawlTask
from storage import keys
from storage.captures.index import index_warc
from storage.cards import read_cards
from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known_files import update_known
from storage.model.crawl import Manifest, Software
from storage.model.outcome import Outcome
from tests.demo.expected import EXPECTED
from tests.spiders.crawling import CHECKOUT, NIGHT, Run, task_of


def publish(catalog: Catalog, task: CrawlTask, directory: Path, outcomes: list[Outcome]) -> None:
    """Do what the archive does with a finished crawl, without the bucket."""
    captures = []
    for path in sorted(directory.glob("*.warc.gz")):
        captures += index_warc(path, task.crawl, keys.warc(task.crawl, path.name)).captures
    manifest = Manifest(
        crawl=task.crawl,
        source=task.source,
        source_digest=task.source.digest(),
        attempts=(task.attempt,),
        ended=task.crawl.started,
        end_reason="finished",
        software=Software(version="0"),
        objects=(),
        discovered=len(outcomes),
        counts=(),
    )
    assert catalog.apply_manifest(keys.crawl_manifest(task.crawl), manifest, captures, outcomes)


def test_three_nights_come_to_what_was_written_down(tmp_path: Path) -> None:
    cards, errors = read_cards([CHECKOUT / "seeds" / "demo"])
    assert not errors
    coordination = Coordination.open(f"sqlite:///{tmp_path / 'coordination.sqlite'}")
    catalog = Catalog.open(f"sqlite:///{tmp_path / 'catalog.sqlite'}", coordination)
    with Newspapers(night=NIGHT) as newspapers:
        for number in sorted(EXPECTED):
            night = NIGHT + timedelta(days=number - 1)
            newspapers.set_night(night)
            tasks = []
            for card in cards:
                known = tmp_path / f"{card.id}.sqlite"
                update_known(known, catalog, card.id)
                tasks.append(task_of(tmp_path / "spool", card, night, known=known))
            run = Run(_At(newspapers), *tasks).wait()
            for at, task in enumerate(tasks):
                outcomes = list(run.outcomes(at).values())
                counts = Counter((one.purpose, one.state, one.reason) for one in outcomes)
                assert counts == EXPECTED[number][task.source.id], (number, task.source.id)
                publish(catalog, task, run.directory(at), outcomes)
    catalog.close()
    coordination.close()


class _At:
    """The demo where the runs of these tests look for a press."""

    def __init__(self, newspapers: Newspapers) -> None:
        self.connect_to: tuple[str, ...] = (newspapers.connect_to,)
