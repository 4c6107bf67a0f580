"""Validators are held to what comes: a 304 that stood for another body, an ETag that changes for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from storage.captures.index import index_warc
from storage.model.outcome import Outcome
from storage.model.source import Source
from storage.warc.record import WarcRevisit
from tests.spiders.crawling import NIGHT, Run, card, known_of, task_of
from tests.spiders.press import Press, Reply, feed
from tests.warc_records import of_type

P = "http://paper.test"
NAMES = ("a", "b", "c")
DATE = "Tue, 24 Nov 2026 02:00:00 GMT"
MISSING = 2  # robots.txt and tdmrep.json, which this paper has not


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def tagged(body: str, tag: str, *headers: tuple[str, str]) -> Reply:
    return Reply(200, body.encode(), (("ETag", f'"{tag}"'), *headers))


class Nights:
    """Nights of one source, each of which knows what the ones before it left."""

    def __init__(self, press: Press, place: Path, source: Source | None = None) -> None:
        self.press = press
        self.held: dict[str, Outcome] = {}
        self.place = place
        self._source = source or card()
        self._night = NIGHT

    def crawl(self, **fields: object) -> Run:
        self.press.asked.clear()
        known = known_of(self.place / f"known-{self._night}", self.held.values())
        place = self.place / str(self._night)
        run = Run(self.press, task_of(place, self._source, self._night, known=known, **fields)).wait()
        self._night += timedelta(days=1)
        for url, outcome in run.outcomes().items():
            if outcome.state in ("captured", "unchanged"):
                worst = max((o.distrust or "" for o in (outcome, self.held.get(url)) if o), default="") or None
                self.held[url] = outcome.replace(distrust=worst)
        return run

    def conditional(self, header: str) -> set[str]:
        """Return what was asked for with *header* in the last night."""
        return {one.url.removeprefix(P) for one in self.press.asked if header in one.headers}


@pytest.fixture
def nights(press: Press, tmp_path: Path) -> Nights:
    """A first night of three articles; everything has an ETag."""
    press.put(f"{P}/feed", tagged(feed(*(f"/{name}" for name in NAMES)), "f"))
    for name in NAMES:
        press.put(f"{P}/{name}", tagged(f"<p>{name}", name))
    nights = Nights(press, tmp_path, card(looks=(1,) * 9, delay_seconds=0.1))
    nights.crawl()
    return nights


def test_the_first_304_of_each_purpose_is_asked_for_again_and_the_others_are_believed(nights: Nights) -> None:
    run = nights.crawl()
    ends = run.ends()
    assert ends[f"{P}/feed"] == "unchanged"
    assert sorted(ends[f"{P}/{name}"] for name in NAMES) == ["not_modified", "not_modified", "unchanged"]
    (checked,) = (f"{P}/{name}" for name in NAMES if ends[f"{P}/{name}"] == "unchanged")
    assert [one.headers.get("If-None-Match") for one in nights.press.asked if one.url == checked] == [
        f'"{checked[-1]}"', None,
    ]  # fmt: skip
    assert {outcome.distrust for outcome in run.outcomes().values()} == {None}
    answer, confirmation = (record for record in of_type(run.records(), WarcRevisit) if record.target_uri == checked)
    assert answer.refers_to == confirmation.refers_to
    assert (answer.header("checks"), confirmation.header("checks")) == (None, answer.record_id)
    asked = sorted(nights.press.asked, key=lambda one: one.begun)
    pauses = [later.begun - earlier.ended for earlier, later in pairwise(asked)]
    assert min(pauses) >= 0.09, "the second request waits for its turn as any other"


def test_a_304_for_a_page_that_changed_is_found_out_and_no_validators_are_sent_from_then_on(nights: Nights) -> None:
    for name in NAMES:
        nights.press.put(f"{P}/{name}", tagged(f"<p>other words of {name}", name))
    run = nights.crawl()
    articles = [run.outcomes()[f"{P}/{name}"] for name in NAMES]
    assert [outcome.state for outcome in articles] == ["captured"] * 3
    assert [outcome.distrust for outcome in articles].count("validators") == 1
    assert len(nights.conditional("If-None-Match") & {f"/{name}" for name in NAMES}) == 1
    assert "validators lie" in run.err
    (path,) = run.directory().glob("*.warc.gz")
    by_warc = {outcome.url: outcome.distrust for outcome in index_warc(path, run.tasks[0].crawl, "key").outcomes}
    assert by_warc == {url: outcome.distrust for url, outcome in run.outcomes().items()}
    again = nights.crawl()
    assert nights.conditional("If-None-Match") == {"/feed"}, "the feed did not lie"
    assert {again.ends()[f"{P}/{name}"] for name in NAMES} == {"unchanged"}
    assert sum(nights.press.times(f"{P}/{name}") for name in NAMES) == 3


def test_a_feed_that_says_not_modified_of_new_articles_is_read_all_the_same(nights: Nights) -> None:
    nights.press.put(f"{P}/feed", tagged(feed("/a", "/new"), "f"))
    nights.press.put(f"{P}/new", "<p>new")
    run = nights.crawl()
    assert run.ends()[f"{P}/new"] == "captured"
    assert run.outcomes()[f"{P}/feed"].distrust == "validators"
    nights.crawl()
    assert "/feed" not in nights.conditional("If-None-Match")


def test_an_etag_that_changes_for_nothing_is_left_out_and_the_date_sent_alone(press: Press, tmp_path: Path) -> None:
    dated = ("Last-Modified", DATE)
    press.put(f"{P}/feed", feed("/a"))
    press.put(f"{P}/a", *(tagged("<p>a", f"of machine {number}", dated) for number in range(9)))
    nights = Nights(press, tmp_path, card(looks=(1,) * 9))
    nights.crawl()
    second = nights.crawl()
    assert (second.ends()[f"{P}/a"], second.outcomes()[f"{P}/a"].distrust) == ("unchanged", "etag")
    third = nights.crawl()
    assert nights.conditional("If-None-Match") == set()
    assert nights.conditional("If-Modified-Since") == {"/a"}
    revisits = [record for record in of_type(third.records(), WarcRevisit) if record.target_uri == f"{P}/a"]
    assert len(revisits) == 2  # the 304, and what it was held to


def test_a_304_stands_when_nothing_whole_answers_the_second_time(nights: Nights) -> None:
    for name in NAMES:
        answers = [tagged(f"<p>{name}", name), Reply(404, b"not now", (("ETag", f'"{name}"'),))]
        nights.press.put(f"{P}/{name}", *answers)
    run = nights.crawl()
    assert [run.ends()[f"{P}/{name}"] for name in NAMES] == ["not_modified"] * 3
    assert {outcome.distrust for outcome in run.outcomes().values()} == {None}


def test_a_look_by_day_believes_what_the_night_has_checked(nights: Nights) -> None:
    known = known_of(nights.place / "by-day", nights.held.values())
    task = task_of(nights.place / "day", card(looks=(1,) * 9), NIGHT + timedelta(days=1), known=known)
    task = task.replace(crawl=task.crawl.replace(trigger="daytime"))
    run = Run(nights.press, task).wait()
    assert run.tally() == {"not_modified": 4, "captured": MISSING}


def test_a_backfill_reads_again_what_the_night_has_read(nights: Nights) -> None:
    known = known_of(nights.place / "back", nights.held.values())
    task = task_of(nights.place / "backfill", card(), NIGHT, known=known)
    task = task.replace(crawl=task.crawl.replace(trigger="backfill", for_nights=(NIGHT, NIGHT)))
    nights.press.asked.clear()
    run = Run(nights.press, task).wait()
    assert nights.conditional("If-None-Match") == set()
    assert run.tally()["skipped other_night"] == len(NAMES), "the feed was read"


def test_a_retry_knows_what_its_predecessor_found_out(nights: Nights, tmp_path: Path) -> None:
    for name in NAMES:
        nights.press.put(f"{P}/{name}", tagged(f"<p>other words of {name}", name))
    run = nights.crawl()
    lied = [one for one in run.outcomes().values() if one.distrust]
    adopted = tmp_path / "adopted.jsonl"
    adopted.write_text("".join(f"{outcome.model_dump_json()}\n" for outcome in lied))
    known = known_of(tmp_path / "known", [one.replace(distrust=None) for one in nights.held.values()])
    nights.press.asked.clear()
    night = NIGHT + timedelta(days=2)
    Run(nights.press, task_of(tmp_path / "again", card(), night, known=known, adopted=adopted)).wait()
    assert nights.conditional("If-None-Match") == {"/feed"}
