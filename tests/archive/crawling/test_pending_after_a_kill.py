"""A night whose crawl process was killed: what it announced has its row, and is asked for on the next night."""

from __future__ import annotations

from collections import Counter
from threading import Event

from hemeroteca.archive import tasks
from hemeroteca.archive.crawling.attempts import holder_of
from hemeroteca.archive.publishing.rebuild import rebuild
from storage.model.night import Night
from storage.model.outcome import Outcome
from tests.archive.crawling.test_pending_nights import SOURCE, P, Paper, paper, press, story
from tests.archive.homes import FIRST, ledger_of, manifests, plan, run_of
from tests.archive.running_crawl import kill_once
from tests.spiders.press import Reply, feed
from tests.storage.known_rows import find_pending

__all__ = ["paper", "press"]

ANNOUNCED = [f"/{number}" for number in range(6)]
SLOW = "/3"


def read_nights(paper: Paper, number: int) -> dict[Night, list[Outcome]]:
    """Return the rows of articles of each night, as they stand on the night *number*."""
    found: dict[Night, list[Outcome]] = {}
    with paper.open(number) as archive:
        for manifest in manifests(archive.store).values():
            rows = ledger_of(archive.store, manifest).values()
            found.setdefault(manifest.crawl.night, []).extend(one for one in rows if one.purpose == "article")
    return found


def pass_killed_night(paper: Paper) -> None:
    """Kill the crawl while it waits for an answer; the run ends without another try."""
    held = Event()
    paper.press.put(P + SLOW, Reply(200, b"never", wait=held), story(SLOW))
    with paper.open(0) as archive:
        (shard,) = plan(archive, run_of(archive))
        note = kill_once(archive, shard, lambda: P + SLOW in paper.press.arrived, SOURCE)
        tasks.build_tables(archive, run_of(archive))
        held.set()
        leases = archive.coordination.find_leases(holder_of(note.attempt), archive.settings.now())
        archive.coordination.release_leases(leases)  # it would hold its host for a while


def test_what_a_killed_night_had_announced_is_asked_for_on_the_next(paper: Paper) -> None:
    for path in (*ANNOUNCED, "/6"):
        paper.press.put(P + path, story(path))
    paper.press.put(f"{P}/feed", feed(*ANNOUNCED), feed("/6"))
    pass_killed_night(paper)
    paper.pass_night(1)
    with paper.open(1) as archive:
        before = find_pending(archive.catalog, SOURCE)
        rebuild(archive)
        assert find_pending(archive.catalog, SOURCE) == before
    nights = read_nights(paper, 1)
    assert Counter(one.url for one in nights[FIRST]) == Counter(P + path for path in ANNOUNCED)
    got = [one.url for rows in nights.values() for one in rows if one.state == "captured"]
    assert sorted(got) == [P + path for path in (*ANNOUNCED, "/6")], "each once"
