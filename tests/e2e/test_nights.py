"""Three nights of the demo through the real scheduler: what was written down, what changed, what is stored once."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from hemeroteca.demo import PAPERS, Paper
from hemeroteca.demo.stories import Story, build_edition
from storage.model.capture import Capture
from storage.surt import urlkey
from storage.table_reads import read_table
from tests.demo.expected import EXPECTED
from tests.e2e.home import Home
from tests.e2e.nights import FIRST, Nights
from tests.waiting import wait_for

pytestmark = pytest.mark.e2e

FARO = next(paper for paper in PAPERS if paper.language == "es")
COURIER = next(paper for paper in PAPERS if paper.language == "en")
"""Its card has every article looked at on each of the three nights."""


def first_nights(treatment: str, paper: Paper = FARO) -> Story:
    """Return the story of the first night that *paper* treats so."""
    [story] = [story for story in build_edition(paper, FIRST) if story.treatment == treatment]
    return story


def captures_of(home: Home, story: Story) -> list[Capture]:
    with home.archive() as archive:
        return [one for one in archive.catalog.find_captures(urlkey=urlkey(story.url)) if "nightly" in one.crawl_id]


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_a_night_comes_to_what_was_written_down(nights: Nights, number: int) -> None:
    night = nights.crawl(number)
    assert night.run.state == "success"
    assert night.manifests.keys() == EXPECTED[number].keys()
    for name, manifest in night.manifests.items():
        counts = {(count.purpose, count.state, count.reason): count.urls for count in manifest.counts}
        assert counts == EXPECTED[number][name], name
        assert manifest.discovered == sum(counts.values())
    wait_for(lambda: nights.home.client.read_run(night.run.dag_id, night.run.run_id).note)
    note = nights.home.client.read_run(night.run.dag_id, night.run.run_id).note or ""
    found = sum(manifest.discovered for manifest in night.manifests.values())
    assert f"{len(night.manifests)} newspapers, {found:,} addresses found: " in note
    assert note.endswith(f"`hemeroteca --demo failures --night {night.day}`")
    assert note in nights.home.up_log.read_text()
    assert "run ended" in nights.home.said(night.run, "report")


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_the_analysts_table_says_the_same(nights: Nights, number: int) -> None:
    night = nights.crawl(number)
    with nights.home.archive() as archive:
        rows = read_table(archive.store, "ledger", night.day).to_pylist()
    for name, manifest in night.manifests.items():
        own = [row for row in rows if row["crawl_id"] == manifest.crawl.id]
        assert Counter((row["purpose"], row["state"], row["reason"]) for row in own) == EXPECTED[number][name]


def test_an_edited_page_has_a_new_version(nights: Nights) -> None:
    nights.crawl(2)
    story = first_nights("amended")
    first, second = captures_of(nights.home, story)[:2]
    assert first.record_type == second.record_type == "response"
    assert first.payload_digest != second.payload_digest
    before, after = (nights.home.command("get", story.url, "--at", one.date.isoformat()) for one in (first, second))
    assert before.returncode == after.returncode == 0
    assert before.stdout and after.stdout and before.stdout != after.stdout


def test_a_page_that_vanished_failed_and_is_still_held(nights: Nights) -> None:
    nights.crawl(2)
    story = first_nights("vanishing")
    assert [one.status for one in captures_of(nights.home, story)[:2]] == [200, 410]
    held = nights.home.command("get", story.url, "--at", str(FIRST))
    assert story.paragraphs[0] in held.stdout


def test_a_film_has_a_document_with_its_title_and_no_text(nights: Nights) -> None:
    nights.crawl(1)
    story = first_nights("film")
    said = nights.home.command("get", story.url)
    assert (said.returncode, said.stdout) == (1, "")
    assert f"{story.url}: has no text by trafilatura-" in said.stderr
    document = json.loads(nights.home.command("get", story.url, "--as", "document").stdout)
    assert (document["title"], document["text"]) == (story.headline, "")
    assert document["published"] and document["images"] and document["without_text"] in said.stderr


def test_a_page_that_did_not_change_is_stored_once(nights: Nights) -> None:
    crawls = {manifest.crawl.id for number in EXPECTED for manifest in nights.crawl(number).manifests.values()}
    first, second = captures_of(nights.home, first_nights("chunked"))[:2]
    assert (first.record_type, second.record_type) == ("response", "revisit")
    assert second.refers_to == first.record_id
    with nights.home.archive() as archive:
        captures = [one for one in archive.catalog.find_captures() if one.crawl_id in crawls]
    whole = [one for one in captures if one.record_type == "response" and one.status == 200]
    assert len({(one.urlkey, one.payload_digest) for one in whole}) == len(whole)


def test_a_page_that_says_it_did_not_change_is_not_sent_again(nights: Nights) -> None:
    night = nights.crawl(2)
    story = first_nights("dated")
    [asked] = [one for one in night.served if one.path == story.path]
    assert asked.conditional and asked.status == 304
    _, second = captures_of(nights.home, story)[:2]
    assert (second.record_type, second.status) == ("revisit", 304)


def test_the_first_of_them_is_asked_for_again_to_see_whether_that_is_true(nights: Nights) -> None:
    night = nights.crawl(2)
    story = first_nights("etag")
    asked = [(one.conditional, one.status) for one in night.served if one.path == story.path]
    assert asked == [(True, 304), (False, 200)]
    first, second, third = captures_of(nights.home, story)[:3]
    assert second.refers_to == third.refers_to == first.record_id


def test_a_page_that_came_back_is_the_one_that_was_there(nights: Nights) -> None:
    nights.crawl(3)
    story = first_nights("restored", COURIER)
    first, gone, back = captures_of(nights.home, story)[:3]
    assert [one.status for one in (first, gone, back)] == [200, 404, 200]
    assert (back.record_type, back.refers_to) == ("revisit", first.record_id)
    held = nights.home.command("get", story.url, "--at", back.date.isoformat())
    assert story.paragraphs[0] in held.stdout


def test_a_page_that_says_again_what_it_first_said_refers_to_the_first_night(nights: Nights) -> None:
    nights.crawl(3)
    story = first_nights("reverted", COURIER)
    captures = captures_of(nights.home, story)[:3]
    assert [one.record_type for one in captures] == ["response", "response", "revisit"]
    assert captures[2].refers_to == captures[0].record_id
    texts = [nights.home.command("get", story.url, "--at", one.date.isoformat()).stdout for one in captures]
    assert texts[0] == texts[2] != texts[1]
    assert story.paragraphs[0] in texts[0] and story.amended and story.amended[0] in texts[1]


def test_the_same_night_again_fetches_nothing(nights: Nights) -> None:
    night = nights.crawl(3)
    asked = len(nights.served())
    with nights.home.archive() as archive:
        before = sorted(archive.store.list_keys(""))
        again = nights.home.run("nightly_crawl", {}, night.day)
        assert again.state == "success"
        assert sorted(archive.store.list_keys("")) == before
    assert len(nights.served()) == asked


def test_the_command_says_that_the_night_is_there(nights: Nights) -> None:
    night = nights.crawl(3)
    asked = len(nights.served())
    said = nights.home.command("nightly", "--night", str(night.day))
    assert said.returncode == 0, said.stderr
    assert f"The night of {night.day} is already there" in said.stdout
    for name, manifest in night.manifests.items():
        # a row, not that of another crawl of the night: those say in brackets what they are
        [row] = [line.split() for line in said.stdout.splitlines() if re.match(rf"{name} +\d", line)]
        assert row[1] == str(manifest.discovered)
    assert len(nights.served()) == asked


def test_a_night_that_has_not_come_is_refused(nights: Nights) -> None:
    nights.crawl(1)
    run = nights.home.run("nightly_crawl", {}, FIRST.replace(year=2027))
    assert run.state == "failed"
    assert "has not come yet" in nights.home.said(run, "plan")
